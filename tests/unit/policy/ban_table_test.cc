#include "policy/ban_table.h"

#include <algorithm>
#include <map>
#include <random>

#include <gtest/gtest.h>

#include "unit/policy/allocation_count.h"

namespace reeve {
namespace {

using std::chrono::seconds;

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
Prefix net(std::string_view text, unsigned bits) {
  const Address a = parse_address(text).value();
  return Prefix::of(a, bits + (a.is_v4() ? 96 : 0));
}
Address address(std::string_view text) {
  return parse_address(text).value();
}

using Outcome = BanTable::Outcome;

TEST(BanTableTest, ABanHoldsUntilItsEndAndNotOneMomentLonger) {
  BanTable bans;
  EXPECT_EQ(bans.add(host(1), after(60), "sensor trap", kStart), Outcome::added);
  EXPECT_TRUE(bans.is_banned(v4(1), kStart));
  EXPECT_TRUE(bans.is_banned(v4(1), after(60) - std::chrono::nanoseconds(1)));
  EXPECT_FALSE(bans.is_banned(v4(1), after(60)));
  EXPECT_FALSE(bans.is_banned(v4(2), kStart));
  EXPECT_EQ(bans.next_expiry(), after(60));
  EXPECT_TRUE(bans.expire(after(60) - std::chrono::nanoseconds(1)).empty());
  const auto ended = bans.expire(after(60));
  ASSERT_EQ(ended.size(), 1u);
  EXPECT_EQ(ended[0].reason, "sensor trap");
  EXPECT_EQ(ended[0].prefix, host(1));
  EXPECT_EQ(ended[0].since, kStart);
  EXPECT_EQ(bans.size(), 0u);
  EXPECT_EQ(bans.next_expiry(), std::nullopt);
}

TEST(BanTableTest, ABanForEverDoesNotEnd) {
  BanTable bans;
  bans.add(host(1), std::nullopt, "sensor trap", kStart);
  EXPECT_EQ(bans.next_expiry(), std::nullopt);
  EXPECT_TRUE(bans.expire(after(1'000'000'000)).empty());
  EXPECT_TRUE(bans.is_banned(v4(1), after(1'000'000'000)));
  EXPECT_EQ(bans.find(v4(1), kStart).value().until, std::nullopt);
}

TEST(BanTableTest, TheNextHitExtendsAndNeverShortens) {
  BanTable bans;
  bans.add(host(1), after(60), "first", kStart);
  EXPECT_EQ(bans.add(host(1), after(105), "second", after(45)), Outcome::extended);
  EXPECT_TRUE(bans.is_banned(v4(1), after(104)));
  EXPECT_EQ(bans.add(host(1), after(50), "third", after(46)), Outcome::extended);
  Ban ban = bans.find(v4(1), after(46)).value();
  EXPECT_EQ(ban.until, after(105));
  EXPECT_EQ(ban.reason, "second");
  EXPECT_EQ(ban.hits, 3u);
  EXPECT_EQ(ban.since, kStart);
  EXPECT_EQ(bans.add(host(1), std::nullopt, "for ever", after(46)), Outcome::extended);
  EXPECT_EQ(bans.next_expiry(), std::nullopt);
  EXPECT_EQ(bans.add(host(1), after(60), "no more", after(46)), Outcome::extended);
  EXPECT_EQ(bans.find(v4(1), after(46)).value().until, std::nullopt);
  EXPECT_EQ(bans.size(), 1u);
}

TEST(BanTableTest, AHitAfterTheEndIsANewBan) {
  BanTable bans;
  bans.add(host(1), after(60), "first", kStart);
  EXPECT_EQ(bans.add(host(1), after(130), "second", after(70)), Outcome::added);
  EXPECT_EQ(bans.find(v4(1), after(70)).value().hits, 1u);
  EXPECT_EQ(bans.find(v4(1), after(70)).value().since, after(70));
  EXPECT_EQ(bans.size(), 1u);
}

TEST(BanTableTest, BansAreExactPrefixes) {
  BanTable bans;
  bans.add(Prefix::host(address("10.0.0.0")), std::nullopt, "x", kStart);
  EXPECT_TRUE(bans.is_banned(address("10.0.0.0"), kStart));
  EXPECT_FALSE(bans.is_banned(address("10.0.0.1"), kStart));
  bans.add(net("2001:db8:0:66::", 64), std::nullopt, "x", kStart);
  EXPECT_TRUE(bans.is_banned(address("2001:db8:0:66::5"), kStart));
  EXPECT_FALSE(bans.is_banned(address("2001:db8:0:67::5"), kStart));
}

TEST(BanTableTest, ABanThatHasEndedDoesNotHideTheOneAroundIt) {
  BanTable bans;
  bans.add(net("10.0.0.0", 8), after(100), "wide", kStart);
  bans.add(net("10.1.0.0", 16), after(50), "middle", kStart);
  bans.add(Prefix::host(address("10.1.1.1")), after(10), "narrow", kStart);
  EXPECT_EQ(bans.find(address("10.1.1.1"), after(5)).value().reason, "narrow");
  EXPECT_EQ(bans.find(address("10.1.1.1"), after(10)).value().reason, "middle");
  EXPECT_EQ(bans.find(address("10.1.1.1"), after(50)).value().reason, "wide");
  EXPECT_FALSE(bans.is_banned(address("10.1.1.1"), after(100)));
  bans.add(net("::", 0), after(20), "all", kStart);
  EXPECT_TRUE(bans.is_banned(address("11.1.1.1"), after(19)));
  EXPECT_FALSE(bans.is_banned(address("11.1.1.1"), after(20)));
}

TEST(BanTableTest, LiftingTakesExactlyOnePrefixAway) {
  BanTable bans;
  bans.add(net("10.0.0.0", 8), std::nullopt, "wide", kStart);
  bans.add(host(0x0a000001), after(10), "narrow", kStart);
  EXPECT_FALSE(bans.lift(net("10.0.0.0", 9)));
  EXPECT_TRUE(bans.lift(host(0x0a000001)));
  EXPECT_FALSE(bans.lift(host(0x0a000001)));
  EXPECT_TRUE(bans.is_banned(v4(0x0a000001), kStart));
  EXPECT_TRUE(bans.lift(net("10.0.0.0", 8)));
  EXPECT_FALSE(bans.is_banned(v4(0x0a000001), kStart));
}

TEST(BanTableTest, WhoMustNeverBeBannedIsNot) {
  BanTable bans;
  bans.add(net("192.0.2.0", 24), std::nullopt, "earlier", kStart);
  bans.set_never_ban({{Guarded::Why::own, Prefix::host(address("192.0.2.1"))}, {Guarded::Why::never_ban, net("10.0.0.0", 8)}});
  EXPECT_EQ(bans.add(Prefix::host(address("192.0.2.1")), std::nullopt, "x", kStart), Outcome::never_ban);
  EXPECT_EQ(bans.add(net("192.0.2.0", 30), std::nullopt, "x", kStart), Outcome::never_ban);  // contains it
  EXPECT_EQ(bans.add(net("0.0.0.0", 0), std::nullopt, "x", kStart), Outcome::never_ban);
  EXPECT_EQ(bans.add(net("10.1.0.0", 16), std::nullopt, "x", kStart), Outcome::never_ban);  // is contained
  EXPECT_EQ(bans.add(net("192.0.2.2", 31), std::nullopt, "x", kStart), Outcome::added);
  EXPECT_FALSE(bans.is_banned(address("192.0.2.1"), kStart));  // even by the ban that was there before
  EXPECT_TRUE(bans.is_banned(address("192.0.2.4"), kStart));
  bans.set_never_ban({});
  EXPECT_TRUE(bans.is_banned(address("192.0.2.1"), kStart));
}

TEST(BanTableTest, AReasonIsCutAtItsBound) {
  BanTable bans;
  bans.add(host(1), std::nullopt, std::string(63, 'a'), kStart);
  bans.add(host(2), std::nullopt, std::string(64, 'b'), kStart);
  bans.add(host(3), std::nullopt, "", kStart);
  EXPECT_EQ(bans.find(v4(1), kStart).value().reason, std::string(63, 'a'));
  EXPECT_EQ(bans.find(v4(2), kStart).value().reason, std::string(63, 'b'));
  EXPECT_EQ(bans.find(v4(3), kStart).value().reason, "");
}

TEST(BanTableTest, AtTheBoundTheOneThatEndsFirstMakesRoom) {
  BanTable bans(3);
  bans.add(host(1), std::nullopt, "x", kStart);
  bans.add(host(2), after(20), "x", kStart);
  bans.add(host(3), after(10), "x", kStart);
  EXPECT_EQ(bans.add(host(4), after(5), "x", kStart), Outcome::full);
  EXPECT_EQ(bans.add(host(4), after(10), "x", kStart), Outcome::full);
  EXPECT_EQ(bans.add(host(3), after(12), "x", kStart), Outcome::extended);  // no room needed
  EXPECT_EQ(bans.evicted(), 0u);
  EXPECT_EQ(bans.add(host(5), after(15), "x", kStart), Outcome::added);
  EXPECT_FALSE(bans.is_banned(v4(3), kStart));
  EXPECT_EQ(bans.evicted(), 1u);
  EXPECT_EQ(bans.add(host(6), std::nullopt, "x", kStart), Outcome::added);
  EXPECT_EQ(bans.add(host(7), std::nullopt, "x", kStart), Outcome::added);
  EXPECT_EQ(bans.add(host(8), std::nullopt, "x", kStart), Outcome::full);  // only permanent ones are left
  EXPECT_EQ(bans.add(host(8), after(1000), "x", kStart), Outcome::full);
  EXPECT_EQ(bans.size(), 3u);
  EXPECT_EQ(bans.evicted(), 3u);
}

TEST(BanTableTest, WhatHasEndedMakesRoomWithoutBeingEvicted) {
  BanTable bans(1);
  bans.add(host(1), after(10), "x", kStart);
  EXPECT_EQ(bans.add(host(2), after(20), "x", after(15)), Outcome::added);
  EXPECT_EQ(bans.evicted(), 0u);
}

TEST(BanTableTest, ExpiresInPortions) {
  BanTable bans;
  const auto many = static_cast<std::uint32_t>(BanTable::kMaxExpiredAtOnce * 2 + 1);
  for (std::uint32_t i = 0; i < many; ++i) bans.add(host(i), after(static_cast<int>(i % 7)), "x", kStart);
  std::size_t portions = 0, ended = 0;
  for (; bans.next_expiry(); ++portions) ended += bans.expire(after(10)).size();
  EXPECT_EQ(ended, many);
  EXPECT_EQ(portions, 3u);
}

TEST(BanTableTest, ALookUpAllocatesNothing) {
  BanTable bans;
  bans.set_never_ban({{Guarded::Why::own, Prefix::host(address("127.0.0.1"))}});
  for (std::uint32_t i = 0; i < 1000; ++i)
    bans.add(host(i * 77), after(static_cast<int>(i)), "a reason that is too long for a small string", kStart);
  std::size_t banned = 0;
  const AllocationCount allocations;
  for (std::uint32_t i = 0; i < 100'000; ++i) banned += bans.is_banned(v4(i), after(500)) ? 1u : 0u;
  EXPECT_EQ(allocations.get(), 0u);
  EXPECT_EQ(banned, 499u);
}

// The table against the simplest one that does the same.
TEST(BanTableTest, RestoresABanAsItWas) {
  BanTable bans;
  const Ban kept{.prefix = host(1),
                 .since = after(1),
                 .until = after(500),
                 .reason = "sensor trap",
                 .origin = BanOrigin::fleet,
                 .hits = 7,
                 .times = 3};
  EXPECT_EQ(bans.restore(kept, after(100)), BanTable::Outcome::added);
  const auto found = bans.get(host(1));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->since, after(1));
  EXPECT_EQ(found->until, after(500));
  EXPECT_EQ(found->origin, BanOrigin::fleet);
  EXPECT_EQ(found->hits, 7U);
  EXPECT_EQ(found->times, 3U);
  // One who was caught before the store was heard.
  bans.add(host(2), after(200), "sensor other", after(100), BanOrigin::sensor);
  EXPECT_EQ(
      bans.restore({.prefix = host(2), .since = after(1), .until = after(150), .reason = "sensor trap", .hits = 4, .times = 2}, after(101)),
      BanTable::Outcome::extended);
  const auto joined = bans.get(host(2));
  ASSERT_TRUE(joined);
  EXPECT_EQ(joined->since, after(1));
  EXPECT_EQ(joined->until, after(200));
  EXPECT_EQ(joined->hits, 5U);
  EXPECT_EQ(joined->times, 2U);
  EXPECT_EQ(joined->reason, "sensor other");
}

TEST(BanTableTest, BehavesLikeANaiveTable) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    std::mt19937_64 random(seed);
    constexpr std::size_t kCapacity = 200;
    BanTable bans(kCapacity);
    std::map<Prefix, Ban> model;
    std::uint64_t evicted = 0;
    Instant now = kStart;
    const auto some_prefix = [&] {
      return Prefix::of(v4(0x0a000000u | static_cast<std::uint32_t>(random() % 512)), 120 + static_cast<unsigned>(random() % 9));
    };
    for (int step = 0; step < 20'000; ++step) {
      now += std::chrono::milliseconds(random() % 200);
      const Prefix prefix = some_prefix();
      const unsigned choice = static_cast<unsigned>(random() % 20);
      if (choice < 14) {
        // Odd nanoseconds make all ends different, so the model knows which one goes first.
        std::optional<Instant> until = now + std::chrono::nanoseconds(static_cast<std::int64_t>(random() % 40'000'000'000));
        if (random() % 500 == 0) until.reset();
        Outcome expected = Outcome::added;
        const auto known = model.find(prefix);
        if (known != model.end() && (!known->second.until || *known->second.until > now)) {
          expected = Outcome::extended;
          ++known->second.hits;
          if (known->second.until && (!until || *until > *known->second.until)) known->second.until = until;
        } else {
          if (known != model.end()) model.erase(known);
          if (model.size() >= kCapacity) {
            const auto first =
                std::ranges::min_element(model, {}, [](const auto& entry) { return entry.second.until.value_or(Instant::max()); });
            if (!first->second.until || (until && *until <= *first->second.until)) {
              expected = Outcome::full;
            } else {
              evicted += *first->second.until > now ? 1u : 0u;
              model.erase(first);
            }
          }
          if (expected == Outcome::added) model[prefix] = {.prefix = prefix, .since = now, .until = until, .reason = "r"};
        }
        ASSERT_EQ(bans.add(prefix, until, "r", now), expected) << "seed " << seed << " step " << step;
      } else if (choice < 16) {
        ASSERT_EQ(bans.lift(prefix), model.erase(prefix) == 1);
      } else if (choice == 16) {
        std::size_t expected = std::erase_if(model, [&](const auto& entry) { return entry.second.until && *entry.second.until <= now; });
        ASSERT_EQ(bans.expire(now).size(), expected);
      }
      const Address source = v4(0x0a000000u | static_cast<std::uint32_t>(random() % 512));
      const Ban* expected = nullptr;
      for (const auto& [of, ban] : model) {
        if (of.contains(source) && (!ban.until || *ban.until > now) && (expected == nullptr || of.bits > expected->prefix.bits))
          expected = &ban;
      }
      const auto found = bans.find(source, now);
      ASSERT_EQ(bans.is_banned(source, now), expected != nullptr) << "seed " << seed << " step " << step;
      ASSERT_EQ(found.has_value(), expected != nullptr);
      if (found) {
        ASSERT_EQ(found->prefix, expected->prefix);
        ASSERT_EQ(found->until, expected->until);
        ASSERT_EQ(found->since, expected->since);
        ASSERT_EQ(found->hits, expected->hits);
      }
      ASSERT_EQ(bans.size(), model.size());
      ASSERT_EQ(bans.evicted(), evicted);
    }
    std::map<Prefix, std::optional<Instant>> ours, theirs;
    for (const Ban& ban : bans.all()) ours[ban.prefix] = ban.until;
    for (const auto& [prefix, ban] : model) theirs[prefix] = ban.until;
    EXPECT_EQ(ours, theirs);
    std::vector<Ban> pieces;
    for (std::size_t next = 0; next != BanTable::kNoMore; next = bans.some(next, 3, pieces)) continue;
    ours.clear();
    for (const Ban& ban : pieces) ours[ban.prefix] = ban.until;
    EXPECT_EQ(ours, theirs);
    EXPECT_EQ(pieces.size(), theirs.size());
  }
}

}  // namespace
}  // namespace reeve
