// What the kernel's tables and resolv.conf say, and that the real machine is read without waiting; the same of pressure stalls,
// and of where an operator works.
#include "sys/local_network.h"

#include <algorithm>
#include <bit>
#include <string>

#include <gtest/gtest.h>

#include "sys/pressure.h"
#include "sys/session_origin.h"

namespace reeve {
namespace {

std::string text_of(const std::vector<Address>& addresses) {
  std::string text;
  for (const Address& one : addresses) text += (text.empty() ? "" : " ") + to_text(one);
  return text;
}

TEST(LocalNetworkTest, FindsTheGatewaysOfDefaultRoutesOnly) {
  if constexpr (std::endian::native != std::endian::little) GTEST_SKIP() << "the table is written in the machine's own order of bytes";
  EXPECT_EQ(text_of(parse_gateways_v4("Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"
                                      "eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n"
                                      "eth1\t00000000\t016433C6\t0003\t0\t0\t100\t00000000\t0\t0\t0\n"
                                      "eth1\t00000000\t016433C6\t0003\t0\t0\t200\t00000000\t0\t0\t0\n"
                                      "ppp0\t00000000\t00000000\t0001\t0\t0\t0\t00000000\t0\t0\t0\n"  // a default route without one
                                      "eth0\t0000000A\t050200C0\t0003\t0\t0\t0\t000000FF\t0\t0\t0\n"  // to a network
                                      "eth2\t00000000\t060200C0\t0002\t0\t0\t0\t00000000\t0\t0\t0\n"  // down
                                      "eth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n")),
            "192.0.2.1 198.51.100.1");
}

TEST(LocalNetworkTest, FindsTheGatewaysOfIPv6) {
  const std::string zeros(32, '0');
  const auto line = [&](const std::string& to, const std::string& bits, const std::string& by, const std::string& flags) {
    return to + " " + bits + " " + zeros + " 00 " + by + " 00000400 00000003 00000000 " + flags + "     eth0\n";
  };
  const std::string router = "fe800000000000000000000000000001", other = "20010db8000000000000000000000001";
  EXPECT_EQ(text_of(parse_gateways_v6(line(zeros, "00", router, "00000003") + line(other, "40", other, "00000003") +
                                      line(zeros, "00", zeros, "00200200") + line(zeros, "00", other, "00000002") +
                                      line(zeros, "00", other, "00000003"))),
            "2001:db8::1 fe80::1");
}

TEST(LocalNetworkTest, FindsNameServers) {
  EXPECT_EQ(text_of(parse_name_servers("# nameserver 192.0.2.9\nsearch example.net\nnameserver 192.0.2.53\n"
                                       "nameserver\t2001:db8::53 # the other\nnameserver fe80::53%eth0\nnameserver 192.0.2.53\n"
                                       "nameserver name.example\nnameserver\noptions rotate\nnameserver 127.0.0.53")),
            "127.0.0.53 192.0.2.53 2001:db8::53 fe80::53");
}

TEST(LocalNetworkTest, TakesNothingFromWhatIsNoTable) {
  for (const char* text : {"", "\n\n", "x", "a b c d e f g h i j k", "eth0 0 0 3 0 0 0", "00 00 00 00 00 00 00 00 00 00",
                           "eth0\t00000000\t010200C0G\t0003\t0\t0\t0\t00000000\t0\t0\t0\n", "eth0 0 99999999999 3 0 0 0 0"}) {
    EXPECT_TRUE(parse_gateways_v4(text).empty()) << text;
    EXPECT_TRUE(parse_gateways_v6(text).empty()) << text;
    EXPECT_TRUE(parse_name_servers(text).empty()) << text;
  }
}

TEST(PressureTest, ReadsTheLineSome) {
  EXPECT_FLOAT_EQ(
      *parse_pressure("some avg10=12.34 avg60=5.78 avg300=35.66 total=6478276055\nfull avg10=99.00 avg60=0.00 avg300=0.00 total=0\n"),
      12.34F);
  EXPECT_FLOAT_EQ(*parse_pressure("some avg10=0.00 avg60=0.00 avg300=0.00 total=0"), 0);
  EXPECT_FLOAT_EQ(*parse_pressure("some avg10=100.00"), 100);
  for (const char* text : {"", "some", "some avg60=1", "full avg10=1.00", "some avg10=", "some avg10=x", "some avg10=-1.00",
                           "some avg10=101.00", "some avg10=1.00x", "some avg10=nan", "\nsome avg10=1.00"})
    EXPECT_FALSE(parse_pressure(text)) << text;
}

TEST(SessionOriginTest, ReadsWhatSshSays) {
  EXPECT_EQ(client_in_ssh_connection("192.0.2.7 50022 198.51.100.1 22"), parse_address("192.0.2.7"));
  EXPECT_EQ(client_in_ssh_connection("fe80::7%eth0 50022 fe80::1%eth0 22"), parse_address("fe80::7"));
  for (const char* text : {"", " ", "192.0.2.7", "UNKNOWN 65535 UNKNOWN 65535", "name 1 2 3"})
    EXPECT_FALSE(client_in_ssh_connection(text)) << text;
}

// As getifaddrs(3) tells them.
TEST(LocalNetworkTest, ReadsThisMachinesAddresses) {
  auto source = LocalNetworkSource::open();
  ASSERT_TRUE(source) << source.error().text();
  std::vector<Address> expected;
  for (const InterfaceAddress& one : interface_addresses()) {
    if (one.index != 1) expected.push_back(one.address);
  }
  std::ranges::sort(expected);
  for (int each = 0; each < 3; ++each) EXPECT_EQ(text_of(source->read().own), text_of(expected));
}

}  // namespace
}  // namespace reeve
