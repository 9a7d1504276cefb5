// Who is never banned, and why.
#include "policy/never_ban.h"

#include <algorithm>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "unit/config/parsing.h"

namespace reeve {
namespace {

Address address(std::string_view text) {
  return parse_address(text).value();
}
Prefix net(std::string_view text, unsigned bits) {
  const Address a = address(text);
  return Prefix::of(a, bits + (a.is_v4() ? 96 : 0));
}

std::string text_of(const std::vector<Guarded>& list) {
  std::string text;
  for (const Guarded& one : list) text += to_text(one.prefix) + ": " + std::string(to_text(one.why)) + "\n";
  return text;
}

TEST(NeverBanTest, GathersWhatAMachineNeeds) {
  const Parsed parsed = parse_text(defaults("never_ban = 198.51.100.0/24 192.0.2.9") + service("a", "bind = 192.0.2.9") +
                                   service("b", "bind = 192.0.2.9", "4002") + service("c", "", "4003"));
  ASSERT_EQ(count(parsed, Severity::error), 0U) << told(parsed);
  const LocalNetwork local{.own = {address("192.0.2.9"), address("192.0.2.8")},
                           .gateways = {address("192.0.2.1"), address("fe80::1")},
                           .resolvers = {address("192.0.2.1"), address("::")}};
  EXPECT_EQ(text_of(guarded(*parsed.configuration, local)),
            "192.0.2.1: a default gateway\n"
            "192.0.2.8: an address of this machine\n"
            "192.0.2.9: an address that services listen on\n"
            "198.51.100.0/24: named by never_ban\n"
            "fe80::1: a default gateway\n");
}

TEST(NeverBanTest, FindsWhatHoldsAPrefixAndWhatLiesInIt) {
  const NeverBan never({{Guarded::Why::never_ban, net("10.0.0.0", 8)},
                        {Guarded::Why::own, net("192.0.2.7", 32)},
                        {Guarded::Why::own, net("2001:db8::7", 128)}});
  EXPECT_TRUE(never.spares(address("10.1.2.3")));
  EXPECT_FALSE(never.spares(address("11.1.2.3")));
  EXPECT_EQ(never.conflict(net("10.2.0.0", 16))->prefix, net("10.0.0.0", 8));
  EXPECT_EQ(never.conflict(net("0.0.0.0", 0))->prefix, net("10.0.0.0", 8));
  EXPECT_EQ(never.conflict(net("192.0.2.0", 29))->prefix, net("192.0.2.7", 32));
  EXPECT_EQ(never.conflict(net("2001:db8::", 64))->prefix, net("2001:db8::7", 128));
  EXPECT_EQ(never.conflict(net("192.0.2.8", 29)), nullptr);
  EXPECT_EQ(never.conflict(net("192.0.2.6", 32)), nullptr);
}

TEST(NeverBanTest, AgreesWithALookAtEachOne) {
  std::mt19937_64 random(7);
  for (int round = 0; round < 200; ++round) {
    const auto some = [&] {
      return Prefix::of(Address::v4(0x0a000000u | static_cast<std::uint32_t>(random() % 256)), 118 + static_cast<unsigned>(random() % 11));
    };
    std::vector<Guarded> list;
    for (std::size_t each = random() % 6; each > 0; --each) list.push_back({Guarded::Why::own, some()});
    const NeverBan never(list);
    for (int each = 0; each < 50; ++each) {
      const Prefix prefix = some();
      const bool expected = std::ranges::any_of(list, [&](const Guarded& one) {
        return one.prefix.bits < prefix.bits ? one.prefix.contains(prefix.address) : prefix.contains(one.prefix.address);
      });
      ASSERT_EQ(never.conflict(prefix) != nullptr, expected) << to_text(prefix) << " of\n" << text_of(list);
    }
  }
}

}  // namespace
}  // namespace reeve
