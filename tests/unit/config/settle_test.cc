// What the attributes of an entry mean together: kinds, ports, what is missing, what contradicts itself.
#include "config/settle.h"

#include <string>

#include <gtest/gtest.h>

#include "config/defence.h"
#include "parsing.h"

namespace reeve {
namespace {

// An entry with exactly these lines.
std::string bare(std::string_view name, std::string_view lines) {
  return "service " + std::string(name) + "\n{\n" + std::string(lines) + "\n}\n";
}

// The service's only error, or "served".
std::string outcome(const std::string& text) {
  const Parsed parsed = parse_text(text);
  if (!parsed.has_errors) return parsed.configuration->services.empty() ? "nothing" : "served";
  EXPECT_TRUE(parsed.configuration->services.empty()) << told(parsed);
  for (const Diagnostic& one : parsed.diagnostics) {
    if (one.severity == Severity::error) return one.text;
  }
  return "?";
}

std::string without(std::string_view attribute) {
  std::string lines;
  for (const std::string_view line :
       {"type = UNLISTED", "socket_type = stream", "protocol = tcp", "wait = no", "user = root", "server = /bin/cat", "port = 4001"}) {
    if (!line.starts_with(attribute)) lines += std::string(line) + "\n";
  }
  return bare("incomplete", lines);
}

TEST(Settle, SaysWhatIsMissing) {
  EXPECT_EQ(outcome(without("nothing")), "served");
  for (const char* attribute : {"wait", "user", "server", "port"})
    EXPECT_EQ(outcome(without(attribute)), "service incomplete: attribute " + std::string(attribute) + " is missing");
  EXPECT_EQ(outcome(without("type")), "service incomplete: `incomplete` is not in services(5) for tcp");
  EXPECT_EQ(outcome(bare("a", "")), "service a: attribute socket_type is missing");
  EXPECT_EQ(outcome(bare("a", "type = INTERNAL UNLISTED\nport = 1\nwait = no\nsocket_type = stream")),
            "service a: there is no internal service `a`");
}

TEST(Settle, SocketTypeAndProtocolImplyEachOther) {
  EXPECT_EQ(outcome(without("socket_type")), "served");
  EXPECT_EQ(outcome(without("protocol")), "served");
  EXPECT_EQ(outcome(service("a", "socket_type = dgram\nprotocol = tcp\nwait = yes")),
            "service a: protocol and socket_type do not go together");
  EXPECT_EQ(outcome(bare("a", "protocol = icmp")), "service a: attribute socket_type is missing");
}

TEST(Settle, PortsComeFromServices5) {
  const std::string rest = "socket_type = stream\nwait = no\nuser = root\nserver = /bin/cat";
  const Parsed parsed = parse_text(bare("ftp", rest) + bare("ssh", rest + "\nport = 22"));
  ASSERT_EQ(parsed.configuration->services.size(), 2U) << told(parsed);
  EXPECT_EQ(find(parsed, "ftp")->port, 21);
  EXPECT_EQ(find(parsed, "ssh")->port, 22);
  EXPECT_EQ(outcome(bare("ftp", rest + "\nport = 4001")), "service ftp: port 4001 contradicts services(5), which has 21/tcp for `ftp`");
  EXPECT_EQ(outcome(bare("nosuchservice", rest)), "service nosuchservice: `nosuchservice` is not in services(5) for tcp");
}

TEST(Settle, InternalServicesGoByTheirName) {
  for (const char* name : {"echo", "discard", "daytime", "time", "chargen", "ECHO"}) {
    for (const char* socket : {"socket_type = stream\nwait = no", "socket_type = dgram\nwait = yes", "socket_type = dgram\nwait = no"}) {
      const Parsed parsed = parse_text(bare(name, "type = INTERNAL UNLISTED\nport = 4001\nid = x\n" + std::string(socket)));
      ASSERT_NE(find(parsed, "x"), nullptr) << name << told(parsed);
      EXPECT_EQ(find(parsed, "x")->kind, Kind::builtin);
      EXPECT_NE(find(parsed, "x")->builtin, Builtin::none);
      EXPECT_EQ(find(parsed, "x")->launch, nullptr);
    }
  }
  const Parsed tcpmux = parse_text(bare("tcpmux", "type = INTERNAL\nsocket_type = stream\nwait = no"));
  ASSERT_NE(find(tcpmux, "tcpmux"), nullptr);
  EXPECT_EQ(find(tcpmux, "tcpmux")->kind, Kind::tcpmux);
  EXPECT_EQ(find(tcpmux, "tcpmux")->port, 1);
  EXPECT_EQ(outcome(bare("tcpmux", "type = INTERNAL UNLISTED\nport = 1\nsocket_type = dgram\nwait = yes")),
            "service tcpmux: tcpmux needs socket_type stream");
  EXPECT_EQ(outcome(bare("teleport", "type = INTERNAL UNLISTED\nport = 4001\nsocket_type = stream\nwait = no")),
            "service teleport: there is no internal service `teleport`");
  EXPECT_EQ(outcome(bare("time", "type = INTERNAL UNLISTED\nport = 4001\nsocket_type = stream\nwait = no\nredirect = 127.0.0.1 1")),
            "service time: an internal service can't be redirected");
}

TEST(Settle, SensorsNeedNoProgramAndIgnoreOne) {
  for (const char* lines : {"type = INTERNAL", "server = /nonexistent\nuser = root", "type = INTERNAL\ndeny_time = FOREVER"}) {
    const Parsed parsed = parse_text(bare("irc", "socket_type = stream\nwait = no\nflags = SENSOR\n" + std::string(lines)));
    ASSERT_NE(find(parsed, "irc"), nullptr) << lines << told(parsed);
    EXPECT_EQ(find(parsed, "irc")->kind, Kind::sensor);
    EXPECT_EQ(find(parsed, "irc")->port, 194);
  }
}

TEST(Settle, DatagramSensorsThatBanAreWarnedAbout) {
  const std::string sensor = "type = UNLISTED\nport = 4001\nsocket_type = dgram\nwait = yes\nflags = SENSOR\n";
  EXPECT_EQ(count(parse_text(bare("a", sensor + "deny_time = 5")), Severity::warning), 1U);
  EXPECT_EQ(count(parse_text(bare("a", sensor + "deny_time = NEVER")), Severity::warning), 0U);
  EXPECT_EQ(count(parse_text(bare("a", sensor + "deny_time = 5\nudp_bans = no")), Severity::warning), 0U);
  EXPECT_EQ(count(parse_text(service("a", "deny_time = 5")), Severity::warning), 1U) << "no sensor";
}

TEST(Settle, RepliesAreForStreamSensors) {
  const std::string sensor = "type = UNLISTED\nport = 4001\nwait = no\nflags = SENSOR\nsensor_reply = tarpit\n";
  EXPECT_EQ(count(parse_text(bare("a", sensor + "socket_type = stream")), Severity::warning), 0U);
  EXPECT_EQ(count(parse_text(bare("a", sensor + "socket_type = dgram")), Severity::warning), 1U);
  EXPECT_EQ(count(parse_text(service("a", "sensor_reply = tarpit")), Severity::warning), 1U) << "no sensor";
}

TEST(Settle, UnusedPortsAreForOneSensorOfTcp) {
  const std::string sensor = "port = UNUSED\nsocket_type = stream\nwait = no\nflags = SENSOR";
  const Parsed parsed = parse_text("defaults\n{\nbind = 127.0.0.1\n}\n" + bare("a", sensor));
  ASSERT_EQ(parsed.configuration->services.size(), 1U) << told(parsed);
  const Service& service = parsed.configuration->services[0];
  EXPECT_TRUE(service.on_unused_ports);
  EXPECT_TRUE(service.binds.empty()) << "defaults may say where others listen";
  ASSERT_EQ(service.place_count, 1U);
  EXPECT_TRUE(parsed.configuration->places[0].address.is_unspecified());
  EXPECT_EQ(parsed.configuration->places[0].port, 0);

  EXPECT_EQ(outcome(bare("a", "port = UNUSED\nsocket_type = stream\nwait = no\nuser = root\nserver = /bin/cat")),
            "service a: port = UNUSED is for sensors");
  EXPECT_EQ(outcome(bare("a", "port = UNUSED\nsocket_type = dgram\nwait = yes\nflags = SENSOR")), "service a: port = UNUSED is for tcp");
  EXPECT_EQ(outcome(bare("a", sensor + "\nbind = 127.0.0.1")), "service a: port = UNUSED means all addresses of the machine");
  EXPECT_EQ(outcome(bare("a", "port = UNUSED 23\nsocket_type = stream\nwait = no\nflags = SENSOR")),
            "port: UNUSED means all ports that nobody has and stands alone");

  const Parsed twice = parse_text(bare("a", sensor) + bare("b", sensor + " IPv6"));
  EXPECT_TRUE(twice.has_errors);
  EXPECT_EQ(twice.configuration->services.size(), 1U);
  const Parsed both = parse_text(bare("a", sensor + " IPv4") + bare("b", sensor + " IPv6"));
  EXPECT_FALSE(both.has_errors) << told(both);
  EXPECT_EQ(both.configuration->services.size(), 2U);
}

TEST(Settle, BansOfTheKernelAreTheDaemons) {
  const Parsed parsed = parse_text("defaults\n{\nkernel_bans = yes\nban_scope = HOST\n}\n" + without("nothing"));
  EXPECT_FALSE(parsed.has_errors) << told(parsed);
  EXPECT_TRUE(parsed.configuration->defence->bans.in_kernel);
  EXPECT_EQ(parsed.configuration->defence->bans.scope, BanTerms::Scope::host);
  const Parsed plain = parse_text(without("nothing"));
  EXPECT_FALSE(plain.configuration->defence->bans.in_kernel);
  EXPECT_EQ(plain.configuration->defence->bans.scope, BanTerms::Scope::services);
  EXPECT_TRUE(parse_text("defaults\n{\nban_scope = world\n}\n").has_errors);
  EXPECT_TRUE(parse_text("defaults\n{\nkernel_bans = perhaps\n}\n").has_errors);
}

TEST(Settle, NameInArgsGoesByTheWholeEntry) {
  for (const char* lines : {"flags = NAMEINARGS\nserver_args = othername -l", "server_args = othername -l\nflags = NAMEINARGS"}) {
    const Parsed parsed = parse_text(service("a", lines));
    const auto arguments = find(parsed, "a")->launch->arguments;
    ASSERT_EQ(arguments.size(), 2U);
    EXPECT_EQ(arguments[0], "othername");
    EXPECT_EQ(arguments[1], "-l");
    EXPECT_EQ(arguments[1].data()[2], '\0') << "execve(2) reads to the NUL";
  }
  EXPECT_EQ(outcome(service("a", "flags = NAMEINARGS")), "service a: NAMEINARGS needs server_args");
}

TEST(Settle, RedirectsAreTcpAndNeedNoServer) {
  const std::string redirect = "type = UNLISTED\nport = 4001\nuser = root\nsocket_type = stream\nredirect = 127.0.0.1 22\n";
  EXPECT_EQ(outcome(bare("a", redirect + "wait = no")), "served");
  EXPECT_EQ(outcome(bare("a", redirect + "wait = no\nserver = /nonexistent")), "served") << "redirect comes first";
  EXPECT_EQ(outcome(bare("a", redirect + "wait = yes")), "service a: redirect needs wait = no");
  EXPECT_EQ(outcome(bare("a", redirect + "wait = no\nflags = NAMEINARGS")), "service a: NAMEINARGS can't be used with redirect");
  EXPECT_EQ(outcome(bare("a", redirect + "wait = no\nflags = LABELED")), "service a: LABELED can't be used with redirect");
  EXPECT_EQ(outcome(bare("a", "type = UNLISTED\nport = 4001\nuser = root\nwait = no\nprotocol = udp\nredirect = 127.0.0.1 22")),
            "service a: redirect is for tcp");
  const Parsed parsed = parse_text(bare("a", redirect + "wait = no\nlog_on_success = TRAFFIC"));
  EXPECT_TRUE(find(parsed, "a")->log_on_success.traffic);
}

TEST(Settle, RpcServicesNeedNumberAndVersion) {
  const std::string rpc = "socket_type = stream\nprotocol = tcp\nwait = no\nuser = root\nserver = /bin/cat\n";
  EXPECT_EQ(outcome(bare("svc", rpc + "type = RPC UNLISTED\nrpc_number = 400001\nrpc_version = 1")), "served");
  EXPECT_EQ(outcome(bare("rstatd", rpc + "type = RPC\nrpc_version = 2-4")), "served");
  EXPECT_EQ(outcome(bare("svc", rpc + "type = RPC UNLISTED\nrpc_version = 1")), "service svc: attribute rpc_number is missing");
  EXPECT_EQ(outcome(bare("svc", rpc + "type = RPC UNLISTED\nrpc_number = 1")), "service svc: attribute rpc_version is missing");
  EXPECT_EQ(outcome(bare("svc",
                         "type = RPC UNLISTED\nrpc_number = 1\nrpc_version = 1\nsocket_type = stream\nprotocol = sctp\nwait = no\n"
                         "user = root\nserver = /bin/cat\n")),
            "service svc: RPC services need tcp or udp");
  EXPECT_EQ(outcome(bare("nosuchrpc", rpc + "type = RPC\nrpc_version = 1")), "service nosuchrpc: `nosuchrpc` is not in rpc(5)");
  const Parsed parsed = parse_text(bare("rstatd", rpc + "type = RPC\nrpc_version = 2-4"));
  EXPECT_EQ(find(parsed, "rstatd")->rpc->number, 100001U);
}

TEST(Settle, ServicesBehindTcpmuxHaveNoPort) {
  EXPECT_EQ(outcome(bare("m", "type = TCPMUX\nsocket_type = stream\nprotocol = tcp\nwait = no\nuser = root\nserver = /bin/cat")), "served");
  EXPECT_EQ(outcome(bare("m", "type = TCPMUX\nsocket_type = dgram\nwait = yes\nuser = root\nserver = /bin/cat")),
            "service m: a service behind tcpmux needs socket_type stream and protocol tcp");
  EXPECT_EQ(outcome(bare("tcpmux", "type = TCPMUX INTERNAL\nsocket_type = stream\nwait = no")),
            "service tcpmux: tcpmux can't stand behind tcpmux");
  EXPECT_EQ(outcome(bare("echo", "type = TCPMUX INTERNAL\nsocket_type = stream\nwait = no")), "served");
  // There is no listener to wait for: xinetd gives it the connection, too.
  const Parsed waits = parse_text(bare("m", "type = TCPMUX\nsocket_type = stream\nwait = yes\nuser = root\nserver = /bin/cat"));
  ASSERT_NE(find(waits, "m"), nullptr) << told(waits);
  EXPECT_FALSE(find(waits, "m")->wait);
  EXPECT_EQ(count(waits, Severity::warning), 1U);
}

TEST(Settle, ConventionsOfProgramsMustFitTheService) {
  EXPECT_EQ(outcome(service("a", "flags = LISTEN_FDS REMOTE_ADDR")), "served");
  EXPECT_EQ(outcome(service("a", "flags = LISTEN_FDS\nwait = yes")), "served");
  EXPECT_EQ(outcome(service("a", "flags = LISTEN_FDS UCSPI")), "service a: LISTEN_FDS and UCSPI want the socket at different descriptors");
  EXPECT_EQ(outcome(service("a", "flags = UCSPI\nwait = yes")), "service a: UCSPI needs wait = no");
  EXPECT_EQ(count(parse_text(service("a", "flags = REMOTE_ADDR\nwait = yes")), Severity::warning), 1U);
  EXPECT_EQ(count(parse_text(service("echo", "type = INTERNAL UNLISTED\nflags = UCSPI")), Severity::warning), 1U);
  EXPECT_EQ(count(parse_text(service("a", "flags = RESOLVE")), Severity::warning), 1U) << "UCSPI is missing";
  EXPECT_EQ(count(parse_text(service("a", "flags = RESOLVE UCSPI")), Severity::warning), 0U);
}

TEST(Settle, TheTypeSpecialChangesNothing) {
  const std::string rest = "socket_type = stream\nprotocol = tcp\nport = 7\nwait = no\nuser = root\nserver = /bin/cat\n";
  EXPECT_EQ(outcome(bare("a", "type = SPECIAL UNLISTED\n" + rest)), "served");
}

TEST(Settle, LabeledIsRefusedWhereItCannotHold) {
  EXPECT_EQ(outcome(service("a", "flags = LABELED\nwait = yes")), "service a: LABELED is for tcp programs with wait = no");
  EXPECT_EQ(outcome(service("echo", "type = INTERNAL UNLISTED\nflags = LABELED")),
            "service echo: LABELED is for tcp programs with wait = no");
  EXPECT_EQ(outcome(service("a", "flags = LABELED\nproxy_from = 10.0.0.1")), "service a: LABELED can't be used with proxy_from");
}

TEST(Settle, WhoComesThroughAProxyIsNotAskedForHisUser) {
  EXPECT_EQ(count(parse_text(service("a", "log_on_success = USERID\nproxy_from = 10.0.0.1")), Severity::warning), 1U);
  EXPECT_EQ(count(parse_text(service("a", "log_on_success = HOST\nproxy_from = 10.0.0.1")), Severity::warning), 0U);
}

TEST(Settle, IdonlyIsWarnedAboutWhereItHasNoEffect) {
  EXPECT_EQ(count(parse_text(service("a", "flags = IDONLY\nlog_on_success = USERID")), Severity::warning), 0U);
  EXPECT_EQ(count(parse_text(service("a", "flags = IDONLY\nlog_on_success = HOST")), Severity::warning), 1U);
  EXPECT_EQ(count(parse_text(service("a", "flags = IDONLY\nlog_on_success = USERID\nwait = yes")), Severity::warning), 1U);
}

TEST(Settle, TheAddressOfBindDecidesTheFamily) {
  const Parsed parsed = parse_text(service("a", "bind = 127.0.0.1\nflags = IPv6"));
  EXPECT_EQ(find(parsed, "a")->family, Family::v4);
  EXPECT_EQ(count(parsed, Severity::warning), 1U);
  const Parsed inherited = parse_text(defaults("bind = 127.0.0.9") + service("a"));
  EXPECT_EQ(find(inherited, "a")->binds[0], "127.0.0.9");
  EXPECT_EQ(to_text(inherited.configuration->places.at(0).address), "127.0.0.9");
  EXPECT_EQ(find(inherited, "a")->family, Family::v4);
}

TEST(Settle, EveryPortAtEveryAddressIsAPlace) {
  const Parsed parsed = parse_text(service("a", "port = 5000 5001\nbind = 127.0.0.1 ::1") + service("b", "port = 5002"));
  EXPECT_EQ(find(parsed, "a")->place_count, 4U) << told(parsed);
  ASSERT_EQ(parsed.configuration->places.size(), 5U);
  EXPECT_EQ(parsed.configuration->places[3].family, Family::v6);
  EXPECT_EQ(parsed.configuration->places[3].port, 5001);
  EXPECT_EQ(parsed.configuration->places[4].service, 1U);
  EXPECT_EQ(find(parsed, "b")->first_place, 4U);
}

TEST(Settle, APortOfARangeGoesToWhoeverNamesIt) {
  const Parsed parsed = parse_text(service("early", "port = 5001") + service("trap", "port = 5000-5004") + service("late", "port = 5003") +
                                   service("second", "port = 5004-5005"));
  EXPECT_EQ(find(parsed, "trap")->place_count, 3U) << told(parsed);
  EXPECT_EQ(find(parsed, "late")->place_count, 1U);
  EXPECT_EQ(find(parsed, "second")->place_count, 1U) << "the first range keeps what both have";
  EXPECT_EQ(count(parsed, Severity::error), 0U) << told(parsed);
  EXPECT_EQ(count(parsed, Severity::note), 2U) << told(parsed);
  for (const Service& one : parsed.configuration->services) {
    for (const Place& place : parsed.configuration->places_of(one)) EXPECT_EQ(&parsed.configuration->services[place.service], &one);
  }
}

TEST(Settle, PointsAtTheValue) {
  EXPECT_EQ(parse_text(bare("a", "type = UNLISTED\nport = 1\nsocket_type = stream\nwait = no\nuser = root\n  server =   /none"))
                .diagnostics[0]
                .where,
            (Where{8, 14, 0}));
  EXPECT_EQ(parse_text(service("a", "flags = IPv4 NAMEINARGS")).diagnostics[0].where, (Where{9, 1, 0})) << "one word of many: the line";
  EXPECT_EQ(parse_text(bare("a", "")).diagnostics[0].where, (Where{1, 1, 0})) << "nothing is there: the entry";
}

TEST(Settle, OnlyRootCanChangeUsers) {
  const ParseOptions nobody{.running_as_root = false, .own_uid = 65534, .own_gid = 65534};
  const Parsed other = parse_text(service("a"), nobody);
  ASSERT_NE(find(other, "a"), nullptr);
  EXPECT_FALSE(find(other, "a")->launch->set_ids);
  EXPECT_EQ(count(other, Severity::warning), 1U);
  EXPECT_FALSE(other.has_errors);
  const Parsed own = parse_text(service("a", "user = nobody"), nobody);
  EXPECT_FALSE(find(own, "a")->launch->set_ids);
  EXPECT_EQ(told(own), "");
  EXPECT_TRUE(find(parse_text(service("a")), "a")->launch->set_ids);
}

TEST(Settle, UmaskIsTheDaemonsUnlessSet) {
  EXPECT_FALSE(find(parse_text(service("a")), "a")->launch->umask);
  EXPECT_EQ(find(parse_text(defaults("umask = 037") + service("a")), "a")->launch->umask, 037);
}

TEST(Settle, V6onlyIsHeeded) {
  EXPECT_TRUE(find(parse_text(defaults("v6only = yes") + service("a")), "a")->v6only);
  EXPECT_FALSE(find(parse_text(defaults("v6only = yes") + service("a", "v6only = no")), "a")->v6only);
  EXPECT_FALSE(find(parse_text(defaults("v6only = yes") + service("a", "compat = xinetd")), "a")->v6only);
  EXPECT_TRUE(find(parse_text(service("a", "compat = xinetd\nv6only = no")), "a")->v6only) << "as in xinetd, any value counts";
}

}  // namespace
}  // namespace reeve
