// Bans that grow, who remembers them, and what is banned around an address.
#include <gtest/gtest.h>

#include "policy/ban_table.h"

namespace reeve {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using Outcome = BanTable::Outcome;

constexpr Instant kStart = Instant(seconds(1000));
Instant after(int s) {
  return kStart + seconds(s);
}

Address v4(std::uint32_t host_order) {
  return Address::v4(host_order);
}
Prefix host(std::uint32_t host_order) {
  return Prefix::host(v4(host_order));
}
Address address(std::string_view text) {
  return parse_address(text).value();
}
Prefix net(std::string_view text, unsigned bits) {
  const Address a = address(text);
  return Prefix::of(a, bits + (a.is_v4() ? 96 : 0));
}

BanTerms growing(std::uint32_t growth, std::chrono::minutes most = std::chrono::minutes(0), std::chrono::minutes memory = minutes(60)) {
  BanTerms terms;
  terms.growth = growth;
  terms.most = most;
  terms.memory = memory;
  return terms;
}

TEST(BanGrowthTest, EachFurtherBanIsLonger) {
  BanTable bans;
  bans.set_terms(growing(3, minutes(10)));
  Instant now = kStart;
  for (const int expected : {60, 180, 540, 600, 600}) {
    const Instant until = bans.end_of(host(1), seconds(60), now);
    EXPECT_EQ(until - now, seconds(expected));
    EXPECT_EQ(bans.add(host(1), until, "x", now, BanOrigin::sensor), Outcome::added);
    now = until + seconds(1);
    (void)bans.expire(now);
  }
  EXPECT_EQ(bans.end_of(host(2), seconds(60), now), now + seconds(60));
  EXPECT_EQ(bans.end_of(host(1), minutes(30), now), now + minutes(30)) << "what is long already stays as it is";
  bans.set_terms(growing(1));
  EXPECT_EQ(bans.end_of(host(1), seconds(60), now), now + seconds(60));
}

TEST(BanGrowthTest, AHitDuringABanExtendsItByTheLengthOfThatBan) {
  BanTable bans;
  bans.set_terms(growing(2));
  bans.add(host(1), after(10), "x", kStart, BanOrigin::sensor);
  EXPECT_EQ(bans.end_of(host(1), seconds(10), after(5)), after(15)) << "still the first ban";
  (void)bans.expire(after(10));
  bans.add(host(1), bans.end_of(host(1), seconds(10), after(20)), "x", after(20), BanOrigin::sensor);
  EXPECT_EQ(bans.find(v4(1), after(20))->until, after(40));
  EXPECT_EQ(bans.find(v4(1), after(20))->times, 2u);
  EXPECT_EQ(bans.end_of(host(1), seconds(10), after(30)), after(50));
}

TEST(BanGrowthTest, GrowthNeverOverflows) {
  BanTable bans;
  bans.set_terms(growing(1000));
  bans.remember(host(1), UINT32_MAX, kStart, kStart);
  EXPECT_EQ(bans.end_of(host(1), std::chrono::hours(24 * 365), kStart), kStart + BanTable::kLongestGrown);
  bans.add(host(1), after(1), "x", kStart);
  EXPECT_EQ(bans.find(v4(1), kStart)->times, UINT32_MAX);
  EXPECT_EQ(bans.end_of(host(2), std::chrono::nanoseconds::max(), kStart), Instant::max());
}

TEST(BanGrowthTest, AFormerBanIsForgottenInTime) {
  BanTable bans;
  bans.set_terms(growing(2));
  bans.add(host(1), after(60), "x", kStart, BanOrigin::sensor);
  (void)bans.expire(after(60));
  EXPECT_EQ(bans.remembered(), 1u);
  EXPECT_EQ(bans.end_of(host(1), seconds(60), after(60) + minutes(60) - seconds(1)), after(60 + 120) + minutes(60) - seconds(1));
  EXPECT_EQ(bans.end_of(host(1), seconds(60), after(60) + minutes(60)), after(60 + 60) + minutes(60));
}

TEST(BanGrowthTest, WhoWasLiftedBeginsAnew) {
  BanTable bans;
  bans.set_terms(growing(2));
  bans.add(host(1), after(60), "x", kStart, BanOrigin::sensor);
  (void)bans.expire(after(60));
  bans.add(host(1), after(160), "x", after(100), BanOrigin::sensor);
  EXPECT_EQ(bans.find(v4(1), after(100))->times, 2u);
  EXPECT_TRUE(bans.lift(host(1)));
  bans.add(host(1), after(260), "x", after(200), BanOrigin::sensor);
  EXPECT_EQ(bans.find(v4(1), after(200))->times, 1u);
}

TEST(BanGrowthTest, WhatTheStoreKnowsCounts) {
  BanTable bans;
  bans.set_terms(growing(2));
  bans.remember(host(1), 3, after(-600), kStart);
  EXPECT_EQ(bans.end_of(host(1), seconds(10), kStart), after(80));
  bans.add(host(2), after(60), "x", kStart, BanOrigin::sensor, 5);  // it is in force still
  EXPECT_EQ(bans.find(v4(2), kStart)->times, 5u);
  bans.remember(host(2), 9, after(-600), kStart);
  EXPECT_EQ(bans.remembered(), 1u) << "whoever is banned is no former offender";
}

TEST(BanGrowthTest, AListsBansAreNotHeldAgainstAnybody) {
  BanTable bans;
  bans.set_terms(growing(2));
  bans.add(host(1), after(60), "list", kStart, BanOrigin::list);
  EXPECT_EQ(bans.end_of(host(1), seconds(10), after(70)), after(80));
  (void)bans.expire(after(60));
  EXPECT_EQ(bans.remembered(), 0u);
  // Nor do they make anybody's past forgotten.
  bans.remember(host(1), 1, after(60), after(60));
  bans.add(host(1), after(100), "list", after(70), BanOrigin::list);
  EXPECT_EQ(bans.find(v4(1), after(70))->times, 1u);
  bans.add(host(1), after(200), "x", after(80), BanOrigin::sensor);
  EXPECT_EQ(bans.find(v4(1), after(80))->origin, BanOrigin::sensor);
  EXPECT_EQ(bans.find(v4(1), after(80))->times, 2u);
}

TEST(BanGrowthTest, WhoHadToGoIsRemembered) {
  BanTable bans(1);
  bans.add(host(1), after(60), "x", kStart, BanOrigin::sensor);
  bans.add(host(2), after(70), "x", kStart, BanOrigin::sensor);
  EXPECT_EQ(bans.evicted(), 1u);
  bans.add(host(1), after(80), "x", after(1), BanOrigin::sensor);
  EXPECT_EQ(bans.find(v4(1), after(1))->times, 2u);
}

TEST(BanGrowthTest, TheOriginIsThatOfTheBansEnd) {
  BanTable bans;
  bans.add(host(1), after(60), "sensor a", kStart, BanOrigin::sensor);
  bans.add(host(1), after(50), "shorter", kStart, BanOrigin::operator_);
  EXPECT_EQ(bans.get(host(1))->origin, BanOrigin::sensor);
  bans.add(host(1), after(70), "longer", kStart, BanOrigin::penalty);
  EXPECT_EQ(bans.get(host(1))->origin, BanOrigin::penalty);
  EXPECT_EQ(bans.get(host(1))->reason, "longer");
  EXPECT_EQ(bans.get(host(1))->hits, 3u);
}

TEST(BanGrowthTest, BansWhatIsAroundASource) {
  BanTable bans;
  EXPECT_EQ(bans.prefix_for(address("192.0.2.7")), host(0xc0000207));
  EXPECT_EQ(bans.prefix_for(address("2001:db8::7:1")), net("2001:db8::", 64));
  BanTerms terms;
  terms.bits_v4 = 24;
  terms.bits_v6 = 48;
  bans.set_terms(terms);
  EXPECT_EQ(bans.prefix_for(address("192.0.2.7")), net("192.0.2.0", 24));
  EXPECT_EQ(bans.prefix_for(address("2001:db8::7:1")), net("2001:db8::", 48));
  EXPECT_EQ(bans.prefix_for(Address::local(7)), Prefix::host(Address::local(7)));
  // A neighbour of somebody who is never banned is banned alone.
  bans.set_never_ban({{Guarded::Why::gateway, host(0xc0000201)}});
  EXPECT_EQ(bans.prefix_for(address("192.0.2.7")), host(0xc0000207));
  EXPECT_EQ(bans.prefix_for(address("192.0.3.7")), net("192.0.3.0", 24));
}

}  // namespace
}  // namespace reeve
