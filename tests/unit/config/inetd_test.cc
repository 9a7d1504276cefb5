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

// --inetd: the file is the whole configuration.
Parsed parse_alone(std::string inetd) {
  FakeFiles files;
  files.files["/etc/inetd.conf"] = std::move(inetd);
  const auto bundle = gather_for("/etc/inetd.conf", {.inetd_alone = true}, files);
  EXPECT_TRUE(bundle);
  FakeNames names;
  return parse(*bundle, names, {});
}

std::string addresses(const Service* service) {
  std::string text;
  for (const Text one : service->binds) text += (text.empty() ? "" : " ") + std::string(one);
  return text;
}

TEST(InetdAlone, AddressesStandInFrontOfNamesOrInLinesOfTheirOwn) {
  const Parsed parsed = parse_alone(
      "127.0.0.1:alpha stream tcp nowait root /bin/cat\n127.0.0.1,[::1]:4002 stream tcp nowait root /bin/cat\n"
      "127.0.0.3:\n4003 stream tcp nowait root /bin/cat\n*:4004 stream tcp nowait root /bin/cat\n"
      "::1:4005 stream tcp nowait root /bin/cat\n*:\n4006 stream tcp nowait root /bin/cat\n");
  ASSERT_EQ(parsed.configuration->services.size(), 6U) << told(parsed);
  EXPECT_EQ(addresses(find(parsed, "alpha")), "127.0.0.1");
  EXPECT_EQ(addresses(find(parsed, "4002")), "127.0.0.1 ::1");
  EXPECT_EQ(addresses(find(parsed, "4003")), "127.0.0.3");
  EXPECT_EQ(addresses(find(parsed, "4004")), "");
  EXPECT_EQ(addresses(find(parsed, "4005")), "::1");
  EXPECT_EQ(addresses(find(parsed, "4006")), "");
  EXPECT_EQ(count(parsed, Severity::warning), 0U) << told(parsed);
}

TEST(InetdAlone, FamiliesAreWhatTheDialectsMeanByThem) {
  const auto family = [](const char* lines, const char* id) {
    const Parsed parsed = parse_alone(lines);
    const Service* service = find(parsed, id);
    EXPECT_NE(service, nullptr) << told(parsed);
    return service == nullptr ? Family::any : service->family;
  };
  EXPECT_EQ(family("4001 stream tcp nowait root /bin/cat\n", "4001"), Family::any);
  EXPECT_EQ(family("4001 stream tcp4 nowait root /bin/cat\n", "4001"), Family::v4);
  EXPECT_EQ(family("4001 stream tcp6 nowait root /bin/cat\n", "4001"), Family::v6);
  EXPECT_EQ(family("4001 stream tcp6only nowait root /bin/cat\n", "4001"), Family::v6);
  EXPECT_EQ(family("4001 stream tcp46 nowait root /bin/cat\n", "4001"), Family::any);
  EXPECT_EQ(family("4001 stream tcp,rcvbuf=64k nowait root /bin/cat\n", "4001"), Family::any);
  // As FreeBSD's own file has it, in either order.
  for (const char* lines : {"ftp stream tcp nowait root /bin/cat\nftp stream tcp6 nowait root /bin/cat x\n",
                            "ftp stream tcp6 nowait root /bin/cat x\nftp stream tcp nowait root /bin/cat\n"}) {
    const Parsed parsed = parse_alone(lines);
    ASSERT_EQ(parsed.configuration->services.size(), 2U) << told(parsed);
    for (const Service& service : parsed.configuration->services)
      EXPECT_EQ(service.family, service.launch->arguments[0] == "x" ? Family::v6 : Family::v4);
  }
}

TEST(InetdAlone, LimitsBecomeTheNearestOfOurs) {
  const Parsed parsed = parse_alone(
      "4001 stream tcp nowait.400 root /bin/cat\n4002 stream tcp nowait/7 root /bin/cat\n4003 stream tcp nowait/7/60/3 root /bin/cat\n"
      "4004 stream tcp nowait/0/0/3 root /bin/cat\n4005 dgram udp wait.9 root /bin/cat\n4006 dgram udp nowait root /bin/cat\n");
  ASSERT_EQ(parsed.configuration->services.size(), 6U) << told(parsed);
  EXPECT_EQ(find(parsed, "4001")->cps_rate, 400U);
  EXPECT_EQ(find(parsed, "4002")->instances, 7U);
  EXPECT_EQ(find(parsed, "4003")->per_source, 3U);
  EXPECT_EQ(find(parsed, "4003")->source_rate, 60U);
  EXPECT_EQ(find(parsed, "4003")->source_rate_seconds, 60U);
  EXPECT_EQ(find(parsed, "4004")->instances, kUnlimited);
  EXPECT_EQ(find(parsed, "4004")->source_rate, 0U);
  EXPECT_EQ(find(parsed, "4004")->per_source, 3U);
  EXPECT_EQ(find(parsed, "4005")->cps_rate, 9U);
  EXPECT_TRUE(find(parsed, "4006")->wait);
  EXPECT_EQ(count(parsed, Severity::warning), 3U) << "400 and 9 a minute, nowait of datagrams\n" << told(parsed);
}

TEST(InetdAlone, QuotesContinuedLinesAndGroups) {
  const Parsed parsed = parse_alone(
      "4001 stream tcp nowait daemon /bin/cat cat \"a  b\" 'c d' \"\" e\n\tmore\n  arguments # here too\n"
      "4002 stream tcp nowait root /bin/cat\n  4003 stream tcp nowait nobody:games/staff /bin/cat\n");
  ASSERT_EQ(parsed.configuration->services.size(), 3U) << told(parsed);
  std::string arguments;
  for (const Text one : find(parsed, "4001")->launch->arguments) arguments += std::string(one) + "|";
  EXPECT_EQ(arguments, "cat|a  b|c d||e|more|arguments|#|here|too|");
  EXPECT_EQ(find(parsed, "4001")->launch->groups.size(), 3U) << "a user's supplementary groups";
  EXPECT_EQ(find(parsed, "4002")->launch->groups.size(), 0U) << "not root's";
  EXPECT_EQ(find(parsed, "4003")->launch->gid, 60U);
  EXPECT_EQ(count(parsed, Severity::warning), 2U) << "the indented service, the login class\n" << told(parsed);
}

TEST(InetdAlone, ServicesBehindTcpmux) {
  const Parsed parsed = parse_alone(
      "tcpmux stream tcp nowait root internal\ntcpmux/one stream tcp nowait nobody /bin/cat\ntcpmux/+two stream tcp nowait nobody "
      "/bin/cat\n");
  ASSERT_EQ(parsed.configuration->services.size(), 3U) << told(parsed);
  EXPECT_EQ(find(parsed, "tcpmux-stream")->kind, Kind::tcpmux);
  EXPECT_TRUE(find(parsed, "one")->types.tcpmux);
  EXPECT_TRUE(find(parsed, "two")->types.tcpmuxplus);
}

TEST(InetdAlone, AUnixSocketIsAService) {
  const Parsed parsed = parse_alone("/run/x.sock stream unix nowait root /bin/cat cat -u\n");
  ASSERT_EQ(parsed.configuration->services.size(), 1U) << told(parsed);
  EXPECT_FALSE(parsed.has_errors) << told(parsed);
  const Service& service = parsed.configuration->services[0];
  EXPECT_EQ(service.name, "/run/x.sock");
  EXPECT_NE(service.unix_socket, nullptr);
  EXPECT_EQ(service.launch->arguments.size(), 2U);
}

TEST(InetdAlone, WhatIsWrongIsAnError) {
  for (const char* line :
       {"nosuchservice stream tcp nowait root /bin/cat x", "beta stream tcp9 nowait root /bin/cat", "beta stream tcp nowait",
        "beta stream tcp nowait.x root /bin/cat", "beta stream tcp nowait/1/2/3/4 root /bin/cat",
        "/run/x/ stream unix nowait root /bin/cat", "beta stream tcp nowait root /bin/cat \xff"}) {
    const Parsed parsed = parse_alone(std::string(line) + "\nalpha stream tcp nowait root /bin/cat\n");
    EXPECT_TRUE(parsed.has_errors) << line;
    EXPECT_FALSE(parsed.unusable) << line;
    ASSERT_EQ(parsed.configuration->services.size(), 1U) << line << told(parsed);
  }
  const Parsed policy = parse_alone("#@ in ipsec esp/transport//require\nalpha stream tcp nowait root /bin/cat\n#@\n# a comment\n");
  EXPECT_EQ(told(policy).substr(0, 11), "1:1 warning") << told(policy);
  EXPECT_EQ(count(policy, Severity::warning), 1U);
}

TEST(Inetd, AMissingFileIsAnError) {
  Bundle bundle = bundle_of("");
  FakeFiles files;
  EXPECT_FALSE(add_inetd(bundle, kInetdConf, files));
  EXPECT_FALSE(bundle.inetd_file);
}

}  // namespace
}  // namespace reeve
