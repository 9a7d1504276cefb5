// What programs hear of their clients.
#include "monitor/visit_environment.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace reeve {
namespace {

std::string told(const ServiceFlags& flags, const char* source, const std::optional<Endpoint>& local, const KnownClient& client = {}) {
  std::string text = visit_environment(flags, {*parse_address(source), 4711}, local, client);
  EXPECT_TRUE(text.empty() || text.back() == '\0');
  std::replace(text.begin(), text.end(), '\0', ' ');
  return text;
}

TEST(VisitEnvironment, IsOnlyWhatTheFlagsAskFor) {
  const Endpoint v4{Address::v4(0x7f000001), 25}, v6{*parse_address("2001:db8::1"), 25};
  EXPECT_EQ(told({}, "192.0.2.1", v4), "");
  EXPECT_EQ(told({.remote_addr = true}, "192.0.2.1", v4), "REMOTE_ADDR=192.0.2.1 REMOTE_PORT=4711 ");
  EXPECT_EQ(told({.ucspi = true}, "192.0.2.1", v4),
            "PROTO=TCP TCPREMOTEIP=192.0.2.1 TCPREMOTEPORT=4711 TCPLOCALIP=127.0.0.1 TCPLOCALPORT=25 ");
  EXPECT_EQ(told({.ucspi = true}, "192.0.2.1", std::nullopt), "PROTO=TCP TCPREMOTEIP=192.0.2.1 TCPREMOTEPORT=4711 ");
  EXPECT_EQ(told({.ucspi = true}, "2001:db8::2", v6),
            "PROTO=TCP6 TCPREMOTEIP=2001:db8::2 TCPREMOTEPORT=4711 TCPLOCALIP=2001:db8::1 TCPLOCALPORT=25 "
            "TCP6REMOTEIP=2001:db8::2 TCP6REMOTEPORT=4711 TCP6LOCALIP=2001:db8::1 TCP6LOCALPORT=25 ");
}

TEST(VisitEnvironment, UcspiProgramsHearWhatIsKnownOfTheClient) {
  const Endpoint local{Address::v4(0x7f000001), 25};
  EXPECT_EQ(told({.ucspi = true}, "192.0.2.1", local, {.name = "host.example", .user = "joe"}),
            "PROTO=TCP TCPREMOTEIP=192.0.2.1 TCPREMOTEPORT=4711 TCPREMOTEHOST=host.example TCPREMOTEINFO=joe TCPLOCALIP=127.0.0.1 "
            "TCPLOCALPORT=25 ");
  EXPECT_EQ(told({.remote_addr = true}, "192.0.2.1", local, {.name = "host.example", .user = "joe"}),
            "REMOTE_ADDR=192.0.2.1 REMOTE_PORT=4711 ");
}

TEST(VisitEnvironment, TheDaemonsOwnVariablesOfThatKindAreNotPassedOn) {
  const ServiceFlags none, ucspi{.ucspi = true}, listens{.listen_fds = true}, remote{.remote_addr = true};
  EXPECT_TRUE(tells_of_visits(none, "REMOTE_HOST"));
  for (const char* name : {"PROTO", "TCPREMOTEIP", "TCP6LOCALPORT", "LISTEN_FDS", "REMOTE_ADDR", "TCP", "PATH"})
    EXPECT_FALSE(tells_of_visits(none, name)) << name;
  for (const char* name : {"PROTO", "TCPREMOTEIP", "TCPREMOTEINFO", "TCP6LOCALPORT"}) EXPECT_TRUE(tells_of_visits(ucspi, name)) << name;
  for (const char* name : {"TCP", "TCPDUMP", "PROTOCOL", "REMOTE_ADDR"}) EXPECT_FALSE(tells_of_visits(ucspi, name)) << name;
  EXPECT_TRUE(tells_of_visits(listens, "LISTEN_PID"));
  EXPECT_TRUE(tells_of_visits(remote, "REMOTE_PORT"));
}

TEST(VisitEnvironment, NamesOfListenersHaveNoColon) {
  Service service;
  service.id = "a:b";
  EXPECT_EQ(listen_fd_name(service), "connection");
  service.wait = true;
  EXPECT_EQ(listen_fd_name(service), "a_b");
}

}  // namespace
}  // namespace reeve
