#include "cli/convert.h"

#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "config/inetd.h"
#include "config/unit_access.h"
#include "unit/cli/model.h"
#include "unit/config/parsing.h"

namespace reeve {
namespace {

using Direction = ConvertRequest::Direction;

class Dice {
 public:
  explicit Dice(unsigned seed) : random_(seed) {}
  std::size_t below(std::size_t end) { return std::uniform_int_distribution<std::size_t>(0, end - 1)(random_); }
  bool sometimes(std::size_t one_in = 3) { return below(one_in) == 0; }
  std::string one_of(const std::vector<std::string>& words) { return words[below(words.size())]; }
  std::string some_of(const std::vector<std::string>& words, std::size_t most) {
    std::string text;
    for (std::size_t count = 1 + below(most); count > 0; --count) text += (text.empty() ? "" : " ") + one_of(words);
    return text;
  }

 private:
  std::mt19937 random_;
};

Conversion from_inetd(const std::string& text, ConvertRequest request = {}) {
  FakeFiles files;
  files.files["/etc/inetd.conf"] = text;
  FakeNames names;
  return convert(request, files, names);
}

Conversion from_systemd(const std::map<std::string, std::string>& units, ConvertRequest request = {}) {
  FakeFiles files;
  for (const auto& [name, text] : units) {
    files.files["/units/" + name] = text;
    files.directories["/units"].push_back(name);
  }
  FakeNames names;
  request.direction = Direction::from_systemd;
  if (request.words.empty()) request.words = {"/units"};
  return convert(request, files, names);
}

Conversion to_systemd(const std::string& text, ConvertRequest request = {}, const std::string& hosts_deny = "") {
  FakeFiles files;
  files.files["/etc/xinetd.conf"] = text;
  if (!hosts_deny.empty()) files.files["/etc/hosts.deny"] = hosts_deny;
  FakeNames names;
  request.direction = Direction::to_systemd;
  request.path = "/etc/xinetd.conf";
  if (request.output.empty()) request.output = "/out";
  return convert(request, files, names);
}

std::string unit(const Conversion& conversion, const std::string& path) {
  for (const NewFile& file : conversion.files) {
    if (file.path == path) return file.text;
  }
  return "there is no " + path;
}

bool holds(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

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

// ---------------------------------------------------------------- who may come in

Address random_address(Dice& dice) {
  if (dice.sometimes(2)) return Address::v4(static_cast<std::uint32_t>(0x0a000000 + dice.below(16) * 0x10 + dice.below(4)));
  std::array<std::uint8_t, 16> bytes{0x20, 0x01, 0x0d, 0xb8};
  bytes[4] = static_cast<std::uint8_t>(dice.below(4) << 6);
  bytes[15] = static_cast<std::uint8_t>(dice.below(4));
  return Address(bytes);
}

std::vector<Prefix> random_prefixes(Dice& dice, std::size_t most) {
  std::vector<Prefix> list;
  for (std::size_t count = dice.below(most + 1); count > 0; --count) {
    const Address address = random_address(dice);
    const std::vector<unsigned> bits =
        address.is_v4() ? std::vector<unsigned>{96, 100, 104, 124, 126, 127, 128} : std::vector<unsigned>{0, 1, 32, 34, 64, 126, 127, 128};
    list.push_back(Prefix::of(address, bits[dice.below(bits.size())]));
  }
  return list;
}

// systemd's rule: the allowed first, then the denied, else everybody; families apart.
bool systemd_admits(const std::vector<Prefix>& allowed, const std::vector<Prefix>& denied, const Address& source) {
  const auto has = [&](const std::vector<Prefix>& list) {
    return std::ranges::any_of(list, [&](const Prefix& one) { return one.is_v4() == source.is_v4() && one.contains(source); });
  };
  return has(allowed) || !has(denied);
}

std::string words_of(const std::vector<Prefix>& list) {
  std::string text;
  for (const Prefix& one : list) text += ' ' + access_word(one);
  return text;
}

bool reeve_admits(const Parsed& parsed, const Address& source) {
  return std::holds_alternative<Admitted>(decide(*parsed.configuration, parsed.configuration->services.front(), source, {}));
}

TEST(ConvertAccess, SystemdsListsAdmitTheSameHere) {
  for (unsigned seed = 0; seed < 3000; ++seed) {
    Dice dice(seed);
    const std::vector<Prefix> allowed = random_prefixes(dice, 4);
    std::vector<Prefix> denied = random_prefixes(dice, 4);
    if (dice.sometimes()) denied = {Prefix::of(Address::v4(0), 96), Prefix::of(Address{}, 0)};
    const AccessWords words = from_systemd(allowed, denied);
    std::string lines;
    if (words.only_from) lines += "only_from =" + words_of(*words.only_from);
    if (words.no_access) lines += (lines.empty() ? "" : "\n") + ("no_access =" + words_of(*words.no_access));
    const Parsed parsed = parse_text(service("alpha", lines));
    ASSERT_EQ(parsed.configuration->services.size(), 1U) << told(parsed);
    for (int turn = 0; turn < 40; ++turn) {
      const Address source = random_address(dice);
      ASSERT_EQ(systemd_admits(allowed, denied, source), reeve_admits(parsed, source))
          << to_text(source) << " allowed" << words_of(allowed) << " denied" << words_of(denied) << '\n'
          << lines;
    }
  }
}

TEST(ConvertAccess, OurListsAdmitTheSameThere) {
  for (unsigned seed = 0; seed < 3000; ++seed) {
    Dice dice(seed);
    std::string lines = dice.sometimes(5) ? "compat = xinetd" : "compat = no";
    if (dice.sometimes(2)) lines += "\nonly_from =" + words_of(random_prefixes(dice, 4));
    if (dice.sometimes(2)) lines += "\nno_access =" + words_of(random_prefixes(dice, 4));
    const Parsed parsed = parse_text(service("alpha", lines));
    ASSERT_EQ(parsed.configuration->services.size(), 1U) << told(parsed);
    const auto access = reeve::to_systemd(parsed.configuration->services.front());
    ASSERT_TRUE(access);
    for (int turn = 0; turn < 40; ++turn) {
      const Address source = random_address(dice);
      ASSERT_EQ(systemd_admits(access->allowed, access->denied, source), reeve_admits(parsed, source))
          << to_text(source) << '\n'
          << lines << "\nallowed" << words_of(access->allowed) << " denied" << words_of(access->denied);
    }
  }
}

// ---------------------------------------------------------------- to systemd, and back

TEST(ConvertToSystemd, MakesAPairOfAService) {
  const Conversion done =
      to_systemd(service("alpha", "server_args = -u %n $x\nuser = nobody\nonly_from = 10.0.0.0/8\ninstances = 4\ncps = 0 0"));
  EXPECT_EQ(done.answer.exit_code, kClean) << done.answer.err;
  EXPECT_EQ(done.answer.out, "/out/alpha.socket\n/out/alpha@.service\n");
  EXPECT_EQ(unit(done, "/out/alpha.socket"),
            "# Made from /etc/xinetd.conf:1 by reeve convert.\n\n[Unit]\nDescription=Socket of "
            "alpha\n\n[Socket]\nListenStream=4001\nBindIPv6Only=both\n"
            "Accept=yes\nMaxConnections=4\nTriggerLimitIntervalSec=0\nIPAddressAllow=10.0.0.0/"
            "8\nIPAddressDeny=any\n\n[Install]\nWantedBy=sockets.target\n");
  EXPECT_EQ(unit(done, "/out/alpha@.service"),
            "# Made from /etc/xinetd.conf:1 by reeve convert.\n\n[Unit]\nDescription=alpha\n\n[Service]\nExecStart=-/bin/cat -u %%n $$x\n"
            "StandardInput=socket\nStandardOutput=socket\nStandardError=socket\nUser=nobody\n");
}

TEST(ConvertToSystemd, WhatIsLostIsToldAtItsLine) {
  for (const std::string line : {"access_times = 9:00-17:00", "max_load = 2", "max_pressure = io:50", "libwrap = x", "banner = /x",
                                 "banner_fail = /x", "log_type = SYSLOG daemon", "log_on_failure = HOST", "log_on_success = PID",
                                 "cps = 5 10", "cps_action = close", "no_access = host.example", "only_from = host.example",
                                 "flags = UCSPI", "per_source = 3", "bind = eth0", "interface = eth0", "port = 4001-4003"}) {
    const Conversion done = to_systemd(service("alpha", line), {.strict = true});
    EXPECT_EQ(done.answer.exit_code, kDoubtful) << line << done.answer.err;
    EXPECT_TRUE(holds(done.answer.err, "/etc/xinetd.conf:")) << line << done.answer.err;
    EXPECT_TRUE(holds(unit(done, "/out/alpha.socket"), "# /etc/xinetd.conf:")) << line << unit(done, "/out/alpha.socket");
  }
}

TEST(ConvertToSystemd, WhatNoUnitCanStandForIsLeftOut) {
  for (const std::string& text :
       std::initializer_list<std::string>{service("echo", "type = INTERNAL UNLISTED"), service("alpha", "flags = SENSOR"),
                                          service("alpha", "redirect = host.example 22"), service("alpha", "type = TCPMUX", ""),
                                          service("rstatd", "type = RPC\nrpc_version = 1", ""), service("alpha", "proxy_from = 10.0.0.1"),
                                          service("alpha", "flags = IDONLY\nlog_on_success = USERID\nlog_type = SYSLOG daemon")}) {
    const Conversion done = to_systemd(text, {.strict = true});
    EXPECT_TRUE(done.files.empty()) << text;
    EXPECT_TRUE(holds(done.answer.err, "left out")) << text << done.answer.err;
    EXPECT_EQ(done.answer.exit_code, kDoubtful);
  }
}

TEST(ConvertToSystemd, RulesOfTheWrappersAreNotForgotten) {
  EXPECT_FALSE(holds(to_systemd(service("alpha"), {}, "# nothing\n\n").answer.err, "hosts.deny"));
  const Conversion done = to_systemd(service("alpha"), {.strict = true}, "ALL: ALL\n");
  EXPECT_TRUE(holds(done.answer.err, "hosts.deny")) << done.answer.err;
  EXPECT_EQ(done.answer.exit_code, kDoubtful);
  EXPECT_TRUE(holds(unit(done, "/out/alpha.socket"), "hosts.deny"));
  EXPECT_FALSE(holds(to_systemd(service("alpha", "flags = NOLIBWRAP"), {}, "ALL: ALL\n").answer.err, "hosts.deny"));
}

TEST(ConvertToSystemd, BansAreNotForgotten) {
  const std::string sensor = service("trap", "flags = SENSOR\ndeny_time = 60", "4002");
  const Conversion done = to_systemd(service("alpha") + sensor, {.words = {"alpha"}});
  EXPECT_TRUE(holds(unit(done, "/out/alpha.socket"), "# bans can't be said")) << unit(done, "/out/alpha.socket");
  EXPECT_FALSE(holds(to_systemd(service("alpha")).answer.err, "bans"));
}

TEST(ConvertToSystemd, ChoosesServicesAndRefusesOthers) {
  const std::string text = service("alpha") + service("beta", "", "4002");
  EXPECT_EQ(to_systemd(text, {.words = {"beta"}}).files.size(), 2U);
  const Conversion wrong = to_systemd(text, {.words = {"betta"}});
  EXPECT_EQ(wrong.answer.exit_code, kWrong);
  EXPECT_TRUE(holds(wrong.answer.err, "did you mean `beta`?")) << wrong.answer.err;
  EXPECT_TRUE(wrong.files.empty());
}

std::string random_service(Dice& dice, unsigned number) {
  const bool is_dgram = dice.sometimes(4), waits = is_dgram || dice.sometimes();
  const bool is_unix = !is_dgram && dice.sometimes(4);
  std::vector<std::string> lines{is_dgram ? "socket_type = dgram" : "socket_type = stream", waits ? "wait = yes" : "wait = no"};
  const auto maybe = [&](std::size_t one_in, std::string line) {
    if (dice.sometimes(one_in)) lines.push_back(std::move(line));
  };
  const std::string port = std::to_string(6000 + number * 10);
  if (is_unix) {
    lines.push_back("bind = " + dice.one_of({"/run/x%y.sock", "@abstract", "/run/a", "/run/b @c"}) + std::to_string(number));
    maybe(2, "socket_mode = " + dice.one_of({"600", "660", "666"}));
    maybe(3, "socket_user = " + dice.one_of({"daemon", "77"}));
    maybe(3, "socket_group = games");
  } else {
    lines.push_back("port = " + port + (dice.sometimes(5) ? " " + std::to_string(6001 + number * 10) : ""));
    maybe(3, "bind = " + dice.one_of({"127.0.0.1", "::1", "127.0.0.1 ::1", "0.0.0.0", "eth0", "fe80::1%eth0", "www.example.net"}));
    maybe(5, "v6only = yes");
  }
  lines.push_back("user = " + dice.one_of({"root", "nobody", "daemon", "77"}));
  maybe(4, "group = games");
  maybe(3, "groups = yes");
  std::vector<std::string> flags;
  for (const char* flag : {"NODELAY", "KEEPALIVE", "IPv4", "IPv6", "LISTEN_FDS", "REMOTE_ADDR", "NOLIBWRAP"}) {
    if (dice.sometimes(5) && !(waits && std::string(flag) == "REMOTE_ADDR")) flags.emplace_back(flag);
  }
  const bool has_arguments = dice.sometimes(2);
  if (has_arguments) {
    lines.push_back("server_args = " +
                    dice.some_of({"-u", "%", "%i", "$x", "${X}", "\"", "'", "\\", ";", "a=b", "\xc3\xa9", "#", "}", "*", "|"}, 6));
    if (dice.sometimes(3)) flags.emplace_back("NAMEINARGS");
  }
  if (!flags.empty()) lines.push_back(fmt::format("flags = {}", fmt::join(flags, " ")));
  maybe(3, "instances = " + dice.one_of({"1", "7", "8", "40", "UNLIMITED"}));
  maybe(3, "per_source = " + dice.one_of({"1", "30", "UNLIMITED"}));
  maybe(4, "source_prefix = " + dice.one_of({"32 128", "24 48"}));
  maybe(3, "cps = " + dice.one_of({"0 0", "5 10", "100 30"}));
  maybe(3, "umask = " + dice.one_of({"022", "077", "0"}));
  maybe(3, "nice = " + dice.one_of({"5", "-3", "0"}));
  maybe(3, "env = " + dice.some_of({"A=1", "B=$x", "C=%n", "D=\"q\"", "E=", "A=\\"}, 3));
  maybe(3, "passenv = " + dice.some_of({"PATH", "LANG", "FOO", "BAR"}, 2));
  for (const char* name : {"as", "data", "files", "rss", "stack"})
    maybe(6, std::string("rlimit_") + name + " = " + dice.one_of({"8M", "4096", "UNLIMITED"}));
  maybe(6, "rlimit_cpu = " + dice.one_of({"5", "UNLIMITED"}));
  maybe(3, "only_from = " + dice.some_of({"10.0.0.0/8", "10.1.0.0/16", "2001:db8::/32", "192.0.2.7", "0.0.0.0/0"}, 3));
  maybe(3, "no_access = " + dice.some_of({"10.1.2.0/24", "10.0.0.0/8", "2001:db8:1::/48", "::/0"}, 2));
  maybe(8, "access_times = 9:00-17:00");
  std::string text = "service s" + std::to_string(number) + "\n{\n\ttype = UNLISTED\n\tserver = /bin/cat\n";
  for (const std::string& line : lines) text += '\t' + line + '\n';
  return text + "}\n";
}

// A key of the model, and the report that excuses a difference in it.
struct Excuse {
  const char* key;
  const char* report;
};
constexpr Excuse kExcuses[] = {
    {"cps_wait", "waiting time can't be said"},

    {"passenv", "environment is not passed on"},      {"groups", "groups = no can't be said"},   {"per_source", "source_prefix"},
    {"source_prefix", "source_prefix can't be said"}, {"binds", "bind means the interface"},     {"places", "bind means the interface"},
    {"family", "bind means the interface"},           {"binds", "the addresses of this moment"}, {"places", "the addresses of this moment"},
    {"family", "the addresses of this moment"},
};

// What has no meaning for a service, or is told by another key.
void forget_what_is_moot(Model& model, const Service& service) {
  model.erase("only_from");  // compared by what they admit
  model.erase("no_access");
  if (service.wait) {
    model.erase("instances");
    model.erase("per_source");
  }
  if (service.cps_rate == 0) model.erase("cps_wait");
  if (service.unix_socket != nullptr) model.erase("family");
  if (service.unix_socket != nullptr || service.family == Family::v4) model.erase("v6only");
  // All addresses of IPv4, said in two ways.
  if (model["binds"] == "0.0.0.0") {
    model["binds"] = "";
    for (std::size_t at = 0; (at = model["places"].find("0.0.0.0%", at)) != std::string::npos;) model["places"].replace(at, 7, "::");
  }
  if (service.wait || service.unix_socket != nullptr || source_limit(service) == kUnlimited) model.erase("source_prefix");
}

// A flag that the report names.
void forget_word(Model& model, Model& other, const std::string& flag) {
  for (Model* one : {&model, &other}) {
    std::string& flags = (*one)["flags"];
    const std::size_t at = flags.find(flag);
    if (at == std::string::npos) continue;
    flags.erase(at, flag.size());
    if (at < flags.size()) {
      flags.erase(at, 1);
    } else if (!flags.empty()) {
      flags.pop_back();
    }
  }
}

TEST(ConvertRoundTrip, WhatTheReportDoesNotNameComesBack) {
  std::size_t compared = 0, split = 0;
  for (unsigned seed = 0; seed < 1500; ++seed) {
    Dice dice(seed);
    std::string text;
    for (unsigned number = 0; number < 3; ++number) text += random_service(dice, number);
    const Parsed before = parse_text(text);
    const Conversion there = to_systemd(text);
    std::map<std::string, std::string> units;
    for (const NewFile& file : there.files) units[file.path.substr(5)] = file.text;
    if (units.empty()) continue;
    const Conversion back = from_systemd(units);
    const Parsed after = parse_text(back.answer.out);
    ASSERT_FALSE(after.has_errors) << text << back.answer.out << told(after);
    for (const Service& service : before.configuration->services) {
      const Service* const again = find(after, service.id);
      ASSERT_NE(again, nullptr) << service.id << text << there.answer.err << back.answer.out;
      // One of several entries, where the report says that they are several.
      const bool is_split = find(after, std::string(service.id) + "-2") != nullptr;
      split += is_split ? 1 : 0;
      if (is_split) {
        EXPECT_TRUE(holds(there.answer.err, "pairs of units") || holds(back.answer.err, "becomes")) << there.answer.err << back.answer.err;
      }
      // Its own comments, and the notes that hold for all.
      std::string told_of_it = unit(there, fmt::format("/out/{}.socket", service.id));
      for (std::size_t at = 0; (at = there.answer.err.find("reeve: note", at)) != std::string::npos; ++at)
        told_of_it += there.answer.err.substr(at, there.answer.err.find('\n', at) - at);
      Model model = model_of(*before.configuration, service), other = model_of(*after.configuration, *again);
      forget_what_is_moot(model, service);
      forget_what_is_moot(other, service);
      // Who comes by a unix socket has no address.
      if (service.unix_socket != nullptr || holds(told_of_it, "not REMOTE_HOST")) forget_word(model, other, "REMOTE_ADDR");
      if (holds(back.answer.err, "hosts.allow and hosts.deny are asked")) forget_word(model, other, "NOLIBWRAP");
      for (const auto& [key, value] : model) {
        const bool is_of_places = key == "ports" || key == "binds" || key == "places" || key == "family" || key == "unix_socket";
        if (is_split && is_of_places) continue;
        const bool is_excused =
            std::ranges::any_of(kExcuses, [&](const Excuse& one) { return one.key == key && holds(told_of_it, one.report); });
        if (is_excused || (other.contains(key) && other[key] == value)) continue;
        FAIL() << service.id << ' ' << key << ": `" << value << "` came back as `" << other[key] << "`\n"
               << text << there.answer.err << back.answer.out;
      }
      for (int turn = 0; turn < 30 && service.access_times.empty() && service.unix_socket == nullptr; ++turn) {
        const Address source = random_address(dice);
        const auto admits = [&](const Parsed& parsed, const Service& one) {
          return std::holds_alternative<Admitted>(decide(*parsed.configuration, one, source, {}));
        };
        ASSERT_EQ(admits(before, service), admits(after, *again)) << to_text(source) << text << back.answer.out;
      }
      ++compared;
    }
  }
  EXPECT_GT(compared, 3000U);
  EXPECT_GT(split, 10U);
}

}  // namespace
}  // namespace reeve
