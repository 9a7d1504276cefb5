#include "defence/nft_rules.h"

#include <gtest/gtest.h>

namespace reeve {
namespace {

Prefix prefix(const char* address, unsigned bits) {
  const auto parsed = parse_address(address).value();
  return Prefix::of(parsed, parsed.is_v4() ? bits + 96 : bits);
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(NftRules, ASetForEachLength) {
  EXPECT_EQ(ban_set_of(prefix("192.0.2.1", 32)), "ban4_32");
  EXPECT_EQ(ban_set_of(prefix("192.0.2.0", 24)), "ban4_24");
  EXPECT_EQ(ban_set_of(prefix("2001:db8::", 64)), "ban6_64");
  EXPECT_EQ(ban_set_of(prefix("0.0.0.0", 0)), std::nullopt);
  EXPECT_EQ(ban_set_of(prefix("::", 0)), std::nullopt);
  EXPECT_EQ(prefix_of("ban4_24", "192.0.2.0"), prefix("192.0.2.0", 24));
  EXPECT_EQ(prefix_of("ban6_64", "2001:db8::"), prefix("2001:db8::", 64));
  for (const char* bad : {"ban4_0", "ban4_33", "ban4_", "ban4_1x", "ban5_3", "guarded4"}) {
    EXPECT_EQ(prefix_of(bad, "192.0.2.0"), std::nullopt) << bad;
  }
  EXPECT_EQ(prefix_of("ban4_024", "192.0.2.0"), std::nullopt) << "not a name of ours";
  EXPECT_EQ(prefix_of("ban4_24", "192.0.2.7"), std::nullopt) << "not a network";
}

TEST(NftRules, GuardedComeFirst) {
  NftRules rules{.table = "t", .comment = "c", .has_bans = true};
  rules.ban_sets = {"ban4_24", "ban4_32", "ban6_64"};
  rules.guarded = {prefix("10.0.0.0", 8), prefix("2001:db8::1", 128)};
  const std::string text = rules.assertion();
  EXPECT_TRUE(has(text, "add element inet t guarded4 { 10.0.0.0/8 }"));
  EXPECT_TRUE(has(text, "add element inet t guarded6 { 2001:db8::1/128 }"));
  EXPECT_TRUE(has(text, "ip saddr & 255.255.255.0 @ban4_24 counter name refused drop"));
  EXPECT_TRUE(has(text, "ip saddr @ban4_32 counter"));
  EXPECT_TRUE(has(text, "ip6 saddr & ffff:ffff:ffff:ffff:: @ban6_64 counter"));
  EXPECT_LT(text.find("@guarded4 return"), text.find("@ban4_24"));
  EXPECT_LT(text.find("@guarded6 return"), text.find("@ban4_24"));
  EXPECT_TRUE(has(text, "delete chain inet t unused"));
}

TEST(NftRules, PortsOfServicesOrAll) {
  NftRules rules{.table = "t", .comment = "c", .has_bans = true};
  for (const unsigned port : {22u, 80u, 81u, 82u, 65535u}) rules.tcp_ports.set(port);
  EXPECT_TRUE(has(rules.assertion(), "add element inet t ports_tcp { 22, 80-82, 65535 }"));
  EXPECT_TRUE(has(rules.assertion(), "incoming tcp dport @ports_tcp"));
  rules.all_ports = true;
  EXPECT_FALSE(has(rules.assertion(), "tcp dport @ports_tcp"));
}

TEST(NftRules, SensorInEachFamilyThatItHas) {
  NftRules rules{.table = "t", .comment = "c"};
  rules.sensor_port4 = 4711;
  const std::string text = rules.assertion();
  EXPECT_TRUE(has(text, "meta nfproto ipv4 tcp flags & (fin|syn|rst|ack) == syn dnat to :4711"));
  EXPECT_FALSE(has(text, "meta nfproto ipv6"));
  EXPECT_LT(text.find("socket transparent"), text.find("dnat"));
  EXPECT_TRUE(has(text, "delete chain inet t incoming"));
}

TEST(NftRules, NamesTellDaemonsApart) {
  EXPECT_NE(nft_table_name("/etc/a.conf"), nft_table_name("/etc/b.conf"));
  EXPECT_EQ(nft_table_name("/etc/a.conf"), nft_table_name("/etc/a.conf"));
  EXPECT_EQ(nft_comment("/a \"b\"#\n").find_first_of("\"#\n"), std::string::npos);
  EXPECT_LT(nft_comment(std::string(5000, 'x')).size(), 128u);
}

}  // namespace
}  // namespace reeve
