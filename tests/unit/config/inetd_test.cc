#include "config/inetd.h"

#include <string>

#include <gtest/gtest.h>

#include "parsing.h"

namespace reeve {
namespace {

Parsed parse_inetd(std::string inetd, std::string xinetd = "", bool option = true) {
  Bundle bundle = bundle_of(std::move(xinetd));
  FakeFiles files;
  files.files["/etc/inetd.conf"] = std::move(inetd);
  EXPECT_TRUE(add_inetd(bundle, kInetdConf, files));
  FakeNames names;
  names.users["odd.name"] = {77, 77};
  return parse(bundle, names, {.inetd_compat = option});
}

TEST(Inetd, LinesBecomeServices) {
  const Parsed parsed = parse_inetd(
      "# a comment\n\nalpha\tstream\ttcp\tnowait\troot\t/bin/cat\tothername HELLO\n"
      "gamma dgram udp wait nobody.games /bin/echo\n"
      "echo stream tcp nowait root internal\necho dgram udp wait root internal\n"
      "4242 stream tcp6 nowait.400 daemon:60 /usr/sbin/tcpd /bin/cat\n"
      "beta stream tcp nowait odd.name /bin/cat cat\n"
      "rstatd/2-4 dgram rpc/udp wait root /bin/cat rpc.rstatd\n");
  ASSERT_EQ(parsed.configuration->services.size(), 7U) << told(parsed);
  EXPECT_FALSE(parsed.has_errors);
  const Service& alpha = *find(parsed, "alpha");
  EXPECT_EQ(alpha.port, 4001);
  EXPECT_EQ(alpha.family, Family::any);
  ASSERT_EQ(alpha.launch->arguments.size(), 2U);
  EXPECT_EQ(alpha.launch->arguments[0], "othername");
  EXPECT_EQ(alpha.where, (Where{3, 1, 1}));
  const Service& gamma = *find(parsed, "gamma");
  EXPECT_TRUE(gamma.wait);
  EXPECT_EQ(gamma.launch->uid, 65534U);
  EXPECT_EQ(gamma.launch->gid, 60U);
  EXPECT_EQ(gamma.launch->arguments[0], "echo") << "without arguments: the program's own name";
  EXPECT_EQ(find(parsed, "echo-stream")->builtin, Builtin::echo);
  EXPECT_EQ(find(parsed, "echo-dgram")->socket_type, SocketType::dgram);
  EXPECT_EQ(find(parsed, "4242")->port, 4242);
  EXPECT_EQ(find(parsed, "4242")->family, Family::v6);
  EXPECT_EQ(find(parsed, "4242")->launch->gid, 60U);
  EXPECT_EQ(find(parsed, "4242")->launch->arguments[0], "/bin/cat");
  EXPECT_EQ(find(parsed, "beta")->launch->uid, 77U) << "a user's name may hold a dot";
  EXPECT_EQ(find(parsed, "rstatd")->rpc->number, 100001U);
  EXPECT_EQ(find(parsed, "rstatd")->rpc->last_version, 4U);
}

TEST(Inetd, IsReadOnlyWhenAskedFor) {
  EXPECT_TRUE(parse_inetd("alpha stream tcp nowait root /bin/cat\n", "", false).configuration->services.empty());
}

TEST(Inetd, DefaultsHoldForItToo) {
  const Parsed parsed =
      parse_inetd("alpha stream tcp nowait root /bin/cat\n", defaults("instances = 3\nonly_from = 127.0.0.1\ndisabled = beta") + "\n");
  EXPECT_EQ(find(parsed, "alpha")->instances, 3U);
  EXPECT_NE(find(parsed, "alpha")->only_from, nullptr);
  EXPECT_TRUE(parse_inetd("beta stream tcp nowait root /bin/cat\n", defaults("disabled = beta")).configuration->services.empty());
}

TEST(Inetd, BadLinesAreSkippedWithAWarning) {
  for (const char* line :
       {"nosuchservice stream tcp nowait root /bin/cat x", "beta carrier tcp nowait root /bin/cat x",
        "beta stream nosuchproto nowait root /bin/cat x", "beta stream tcp nowait nosuchuser /bin/cat x",
        "beta stream tcp perhaps root /bin/cat x", "beta stream tcp nowait root /nonexistent x", "beta", "beta stream tcp nowait root",
        "beta stream tcp nowait root internal", "beta stream tcp nowait root /bin/cat \xff", "/ / / / / / /", ". . . . . .",
        "beta stream rpc/ nowait root /bin/cat", "beta stream tcp nowait . /bin/cat", "beta stream tcp . root /bin/cat"}) {
    const Parsed parsed = parse_inetd(std::string(line) + "\nalpha stream tcp nowait root /bin/cat\n");
    ASSERT_EQ(parsed.configuration->services.size(), 1U) << line << told(parsed);
    EXPECT_EQ(parsed.configuration->services[0].id, "alpha");
    EXPECT_FALSE(parsed.has_errors) << line << told(parsed);
    EXPECT_GE(count(parsed, Severity::warning), 1U) << line;
    EXPECT_TRUE(parsed.refused.empty());
  }
}

TEST(Inetd, GivesWayToTheOtherConfiguration) {
  const std::string line = "alpha stream tcp nowait root /bin/cat inetd\n";
  for (const std::string& other :
       {service("alpha", "type =", "").replace(0, 0, ""), service("x", "", "4001"), service("x", "bind = 0.0.0.0", "4001"),
        service("alpha", "disable = yes", "4001"), service("ALPHA", "nice = x", "5000")}) {
    const Parsed parsed = parse_inetd(line, other);
    for (const Service& one : parsed.configuration->services) EXPECT_EQ(one.where.file, 0U) << other << told(parsed);
  }
  EXPECT_EQ(parse_inetd(line, service("beta", "", "4002")).configuration->services.size(), 2U);
  EXPECT_EQ(parse_inetd(line, service("alpha", "socket_type = dgram\nwait = yes", "4001")).configuration->services.size(), 2U)
      << "another protocol";
  EXPECT_EQ(parse_inetd(line + line).configuration->services.size(), 1U);
}

TEST(Inetd, AMissingFileIsAnError) {
  Bundle bundle = bundle_of("");
  FakeFiles files;
  EXPECT_FALSE(add_inetd(bundle, kInetdConf, files));
  EXPECT_FALSE(bundle.inetd_file);
}

}  // namespace
}  // namespace reeve
