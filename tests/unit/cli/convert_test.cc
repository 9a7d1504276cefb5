// Conversions from inetd.conf and from systemd's units.
#include "cli/convert.h"

#include <string>

#include <gtest/gtest.h>

#include "config/inetd.h"
#include "unit/cli/converting.h"
#include "unit/cli/model.h"

namespace reeve {
namespace {

// ---------------------------------------------------------------- from inetd.conf

TEST(ConvertInetd, WritesWhatTheLinesMean) {
  const Conversion done = from_inetd("127.0.0.1:alpha stream tcp nowait/5 nobody:games /bin/cat cat -u\n");
  EXPECT_EQ(done.answer.exit_code, kClean) << done.answer.err;
  EXPECT_TRUE(holds(done.answer.out,
                    "service alpha\n{\n"
                    "    bind            = 127.0.0.1\n"
                    "    socket_type     = stream\n"
                    "    protocol        = tcp\n"
                    "    instances       = 5\n"
                    "    wait            = no\n"
                    "    user            = nobody\n"
                    "    group           = games\n"
                    "    groups          = yes\n"
                    "    server          = /bin/cat\n"
                    "    server_args     = cat -u\n"
                    "    flags           = NAMEINARGS\n}\n"))
      << done.answer.out;
}

TEST(ConvertInetd, WhatCannotBeSaidIsSwitchedOffAndTold) {
  const Conversion done = from_inetd("alpha stream tcp nowait root /bin/cat cat 'two words'\n", {.strict = true});
  EXPECT_EQ(done.answer.exit_code, kDoubtful);
  EXPECT_TRUE(holds(done.answer.out, "disable         = yes")) << done.answer.out;
  EXPECT_FALSE(holds(done.answer.out, "two words")) << "it would be read as two";
  EXPECT_TRUE(holds(done.answer.err, "/etc/inetd.conf:1:1: warning")) << done.answer.err;
  const Conversion wrong = from_inetd("alpha stream tcp perhaps root /bin/cat cat\nbeta\n");
  EXPECT_EQ(wrong.answer.exit_code, kWrong);
  EXPECT_TRUE(holds(wrong.answer.out, "disable         = yes")) << wrong.answer.out;
  EXPECT_TRUE(holds(wrong.answer.out, "# /etc/inetd.conf:2: ")) << wrong.answer.out;
}

std::string random_inetd_line(Dice& dice, unsigned number) {
  const bool is_stream = dice.sometimes(2);
  const std::string port = std::to_string(5000 + number);
  std::string line;
  if (dice.sometimes()) line += dice.one_of({"127.0.0.1:", "127.0.0.1,[::1]:", "*:", "192.0.2.7:"});
  if (dice.sometimes(6)) {
    return line + "rstatd/2-4 dgram rpc/udp wait " + dice.one_of({"root", "daemon"}) + " /bin/cat rstatd\n";
  }
  if (dice.sometimes(5) && is_stream)
    return "tcpmux/" + dice.one_of({"", "+"}) + "name" + port + " stream tcp nowait nobody /bin/cat cat x\n";
  line += port + (is_stream ? " stream " + dice.one_of({"tcp", "tcp4", "tcp6", "tcp46", "tcp,sndbuf=4k"})
                            : " dgram " + dice.one_of({"udp", "udp4"}));
  line += ' ' + (is_stream ? dice.one_of({"nowait", "wait", "nowait.40", "nowait/3", "nowait/0/0/2", "nowait:5"})
                           : dice.one_of({"wait", "nowait", "wait.9"}));
  line += ' ' + dice.one_of({"root", "nobody", "daemon:games", "daemon.60", "nobody/class"});
  return line + " /bin/cat " + dice.one_of({"", "cat", "cat -u x=y", "/bin/echo #", "'cat'", "}"}) + '\n';
}

// The converted file means what `reeved --inetd` reads, and has nothing to complain about.
TEST(ConvertInetd, MeansTheSameAsTheFile) {
  for (unsigned seed = 0; seed < 400; ++seed) {
    Dice dice(seed);
    std::string text = dice.sometimes() ? "127.0.0.2:\n" : "";
    for (unsigned number = 0; number < 6; ++number) text += random_inetd_line(dice, number);
    Bundle bundle;
    bundle.files.push_back({"/etc/inetd.conf", text});
    bundle.inetd_file = 0;
    FakeNames names;
    const Parsed before = parse(bundle, names, {.inetd_alone = true});
    const Conversion done = from_inetd(text);
    const Parsed after = parse_text(done.answer.out);
    // What is doubtful in the file itself stays so; nothing is added.
    for (const Diagnostic& one : after.diagnostics) ASSERT_TRUE(holds(told(before), one.text)) << told(after) << text << done.answer.out;
    ASSERT_EQ(before.configuration->services.size(), after.configuration->services.size()) << text << done.answer.out << told(after);
    for (std::size_t each = 0; each < before.configuration->services.size(); ++each) {
      ASSERT_EQ(model_of(*before.configuration, before.configuration->services[each]),
                model_of(*after.configuration, after.configuration->services[each]))
          << text << done.answer.out;
    }
  }
}

// ---------------------------------------------------------------- from systemd

TEST(ConvertFromSystemd, MakesAnEntryOfAPair) {
  const Conversion done =
      from_systemd({{"a.socket",
                     "[Socket]\nListenStream=127.0.0.1:4001\nAccept=yes\nMaxConnections=5\nMaxConnectionsPerSource=2\nNoDelay=yes\n"
                     "TriggerLimitIntervalSec=10s\nTriggerLimitBurst=55\n"},
                    {"a@.service", "[Service]\nExecStart=-/bin/cat -u\nUser=nobody\nStandardInput=socket\nUMask=027\n"}});
  EXPECT_EQ(done.answer.exit_code, kClean) << done.answer.err;
  EXPECT_TRUE(holds(done.answer.out,
                    "service a\n{\n"
                    "    type            = UNLISTED\n"
                    "    socket_type     = stream\n"
                    "    wait            = no\n"
                    "    port            = 4001\n"
                    "    bind            = 127.0.0.1\n"
                    "    flags           = NODELAY REMOTE_ADDR\n"
                    "    instances       = 5\n"
                    "    per_source      = 2\n"
                    "    source_prefix   = 32 128\n"
                    "    cps             = 6 10\n"
                    "    passenv         = PATH LANG\n"
                    "    server          = /bin/cat\n"
                    "    server_args     = -u\n"
                    "    user            = nobody\n"
                    "    groups          = yes\n"
                    "    umask           = 027\n}\n"))
      << done.answer.out;
}

std::string entry_of(const std::string& socket, const std::string& service) {
  const bool accepts = holds(socket, "Accept=yes");
  const Conversion done =
      from_systemd({{"a.socket", "[Socket]\n" + socket}, {accepts ? "a@.service" : "a.service", "[Service]\n" + service}});
  return done.answer.out + done.answer.err;
}

TEST(ConvertFromSystemd, WhatWouldBeMoreOpenIsSwitchedOff) {
  const std::string listens = "ListenStream=4001\nAccept=yes\n", runs = "ExecStart=/bin/cat\nStandardInput=socket\n";
  EXPECT_FALSE(holds(entry_of(listens, runs), "disable"));
  for (const std::string service :
       {"ExecStart=/bin/cat 'a b'\n", "ExecStart=/bin/cat %i\n", "ExecStart=/bin/cat $NOT_KNOWN\n", "ExecStart=+/bin/cat\n",
        "ExecStart=/bin/cat ; /bin/echo\n", "ExecStart=/bin/cat\nExecStart=/bin/echo\n", "", "ExecStart=nowhere\n",
        "ExecStart=/bin/cat\nDynamicUser=yes\n", "ExecStart=/bin/cat\nUser=%i\n", "ExecStart=/bin/cat\nLimitNOFILE=many\n",
        "ExecStart=/bin/cat \\q\n"}) {
    EXPECT_TRUE(holds(entry_of(listens, service), "disable         = yes")) << service << entry_of(listens, service);
  }
  for (const std::string socket : {"IPAddressDeny=nowhere\n", "MaxConnections=many\n", "TriggerLimitBurst=x\n"})
    EXPECT_TRUE(holds(entry_of(listens + socket, runs), "disable         = yes")) << socket << entry_of(listens + socket, runs);
  EXPECT_TRUE(holds(entry_of(listens + "IPAddressDeny=any\n", runs + "IPAddressDeny=10.0.0.0/8\n"), "disable         = yes"));
}

TEST(ConvertFromSystemd, WhatIsLostIsTold) {
  const std::string listens = "ListenStream=4001\nAccept=yes\n", runs = "ExecStart=/bin/cat\nStandardInput=socket\n";
  for (const std::string line :
       {"NoNewPrivileges=yes", "ProtectSystem=strict", "EnvironmentFile=/x", "SupplementaryGroups=games", "Environment='A=b c'",
        "ExecStartPre=/bin/echo", "MemoryMax=1M", "RootDirectory=/x", "LimitNPROC=5", "NeverHeardOf=1"}) {
    EXPECT_TRUE(holds(entry_of(listens, runs + line + "\n"), line.substr(0, line.find('=')))) << line;
    EXPECT_TRUE(holds(entry_of(listens, runs + line + "\n"), "warning: ")) << line;
  }
  for (const std::string line : {"ListenFIFO=/x", "Transparent=yes", "BindToDevice=eth0", "ExecStartPost=/bin/echo"})
    EXPECT_TRUE(holds(entry_of(listens + line + "\n", runs), "warning: " + line.substr(0, line.find('='))))
        << entry_of(listens + line + "\n", runs);
}

TEST(ConvertFromSystemd, DropInsCountAndFollowTheUnit) {
  FakeFiles files;
  files.files["/u/a.socket"] = "[Socket]\nListenStream=4001\n";
  files.files["/u/a.service"] = "[Service]\nExecStart=/bin/cat\n";
  files.directories["/u/a.socket.d"] = {"20.conf", "10.conf", "README"};
  files.files["/u/a.socket.d/10.conf"] = "[Socket]\nListenStream=\nListenStream=4002\nIPAddressDeny=any\n";
  files.files["/u/a.socket.d/20.conf"] = "[Socket]\nIPAddressAllow=10.0.0.0/8\n";
  FakeNames names;
  const Conversion done = convert({.direction = Direction::from_systemd, .words = {"/u/a.socket"}}, files, names);
  EXPECT_TRUE(holds(done.answer.out, "port            = 4002")) << done.answer.out << done.answer.err;
  EXPECT_TRUE(holds(done.answer.out, "only_from       = 10.0.0.0/8")) << done.answer.out;
}

TEST(ConvertFromSystemd, ServicesAreFoundByName) {
  const std::map<std::string, std::string> units{{"a.socket", "[Socket]\nListenStream=4001\nService=b.service\n"},
                                                 {"b.service", "[Service]\nExecStart=/bin/cat\n"}};
  EXPECT_TRUE(holds(from_systemd(units).answer.out, "server          = /bin/cat"));
  const Conversion without = from_systemd({{"a.socket", "[Socket]\nListenStream=4001\n"}});
  EXPECT_EQ(without.answer.exit_code, kWrong);
  EXPECT_TRUE(holds(without.answer.out, "# a.socket is left out")) << without.answer.out;
  EXPECT_EQ(from_systemd({}, {.words = {"/nowhere"}}).answer.exit_code, kWrong);
  EXPECT_TRUE(holds(from_systemd({{"a.socket", "[Socket]\nListenStream=4001\nService=../x.service\n"}}).answer.out, "left out"));
}

}  // namespace
}  // namespace reeve
