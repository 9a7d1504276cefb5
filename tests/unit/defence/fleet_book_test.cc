// What a node makes of its fleet's statements, in virtual time.
#include "defence/fleet_book.h"

#include <gtest/gtest.h>

namespace reeve {
namespace {

using namespace std::chrono_literals;

constexpr WallMs kStart = 1'700'000'000'000, kMinute = 60'000;

Prefix prefix(std::string_view address, unsigned bits = 128) {
  return Prefix::of(*parse_address(address), bits);
}

struct Desk {
  explicit Desk(FleetRules rules = {.node = "me"}) : book(std::move(rules)) {
    book.begin();
    book.end();
  }
  void pass(WallMs ms) {
    now.wall += ms;
    now.instant += std::chrono::milliseconds(ms);
  }
  BanMessage ban(const Prefix& who, WallMs lasts, BanOrigin origin = BanOrigin::sensor) const {
    BanMessage message;
    message.origin = origin;
    message.prefix = to_wire(who);
    message.since_ns = now.instant.time_since_epoch().count();
    message.until_ns = lasts == 0 ? kForEverNs : (now.instant + std::chrono::milliseconds(lasts)).time_since_epoch().count();
    put_words(message.reason, "touched telnet");
    if (origin == BanOrigin::fleet) put_words(message.node, "other");
    return message;
  }
  FleetRecord record(const Prefix& who, WallMs lasts, std::string node = "other") const {
    FleetRecord out;
    out.node = std::move(node);
    out.prefix = who;
    out.since = out.said = now.wall;
    out.until = now.wall + lasts;
    return out;
  }
  FleetRecord lift(const Prefix& who, std::string node = "other") const {
    FleetRecord out = record(who, FleetBook::kLongest, std::move(node));
    out.kind = FleetRecord::Kind::lift;
    return out;
  }
  // All that is to be sent, as if the store had taken it.
  std::vector<FleetRecord> send_all() {
    std::vector<FleetRecord> all;
    for (;;) {
      const auto some = book.next_records(100, now);
      if (some.empty()) return all;
      for (const FleetRecord& each : some) book.sent(each);
      all.insert(all.end(), some.begin(), some.end());
    }
  }
  template <class What>
  std::optional<What> take(const FleetRecord& of, std::optional<WallMs> left = {}) {
    const auto taken = book.take(of, left, now);
    const auto* const what = std::get_if<What>(&taken);
    return what == nullptr ? std::nullopt : std::optional(*what);
  }

  FleetTime now{Instant(24h), kStart};
  FleetBook book;
};

TEST(FleetBook, SendsWhatThisNodeFoundAndNothingElse) {
  Desk desk;
  EXPECT_EQ(FleetBook::Shared::yes, desk.book.told(desk.ban(prefix("192.0.2.1"), kMinute), desk.now));
  EXPECT_EQ(FleetBook::Shared::yes, desk.book.told(desk.ban(prefix("192.0.2.2"), kMinute, BanOrigin::penalty), desk.now));
  EXPECT_EQ(FleetBook::Shared::yes, desk.book.told(desk.ban(prefix("192.0.2.3"), kMinute, BanOrigin::operator_), desk.now));
  EXPECT_EQ(FleetBook::Shared::not_ours, desk.book.told(desk.ban(prefix("192.0.2.4"), kMinute, BanOrigin::fleet), desk.now));
  EXPECT_EQ(FleetBook::Shared::not_ours, desk.book.told(desk.ban(prefix("192.0.2.5"), kMinute, BanOrigin::list), desk.now));
  EXPECT_EQ(FleetBook::Shared::too_wide, desk.book.told(desk.ban(prefix("192.0.0.0", 112), kMinute), desk.now));
  const auto sent = desk.send_all();
  ASSERT_EQ(3u, sent.size());
  EXPECT_EQ("ban me 192.0.2.1 sensor 1700000000000 1700000000000 1700000060000 1 1 touched telnet", body_of(sent[0]));
  EXPECT_TRUE(desk.send_all().empty());
}

TEST(FleetBook, TheSameBanAgainIsNoNewsAndALongerOneIs) {
  Desk desk;
  const BanMessage ban = desk.ban(prefix("192.0.2.1"), kMinute);
  desk.book.told(ban, desk.now);
  EXPECT_EQ(1u, desk.send_all().size());
  desk.book.told(ban, desk.now);
  EXPECT_TRUE(desk.send_all().empty());
  desk.pass(1000);
  desk.book.told(desk.ban(prefix("192.0.2.1"), kMinute), desk.now);
  EXPECT_EQ(1u, desk.send_all().size());
}

TEST(FleetBook, AChangeWhileARecordIsUnderWayIsSentToo) {
  Desk desk;
  desk.book.told(desk.ban(prefix("192.0.2.1"), kMinute), desk.now);
  const auto first = desk.book.next_records(10, desk.now);
  ASSERT_EQ(1u, first.size());
  desk.pass(10);
  desk.book.told(desk.ban(prefix("192.0.2.1"), 2 * kMinute), desk.now);
  desk.book.sent(first[0]);
  const auto second = desk.send_all();
  ASSERT_EQ(1u, second.size());
  EXPECT_GT(second[0].until, first[0].until);
}

TEST(FleetBook, WhatCouldNotBeSentIsSentAgain) {
  Desk desk;
  desk.book.told(desk.ban(prefix("192.0.2.1"), kMinute), desk.now);
  for (const auto& record : desk.book.next_records(10, desk.now)) desk.book.unsent(record);
  EXPECT_EQ(1u, desk.send_all().size());
}

TEST(FleetBook, AQueueAtItsBoundLosesNothing) {
  Desk desk;
  const std::size_t all = FleetBook::kMostUnsent + 50;
  for (std::size_t each = 0; each < all; ++each) {
    desk.book.told(desk.ban(Prefix::host(Address::v4(0x0a000000 + static_cast<std::uint32_t>(each))), kMinute), desk.now);
  }
  EXPECT_EQ(FleetBook::kMostUnsent, desk.book.queue_size());
  EXPECT_EQ(all, desk.send_all().size());
}

TEST(FleetBook, ABanForEverIsRenewed) {
  Desk desk;
  desk.book.told(desk.ban(prefix("192.0.2.1"), 0), desk.now);
  const auto first = desk.send_all();
  ASSERT_EQ(1u, first.size());
  EXPECT_EQ(kStart + FleetBook::kLongest, first[0].until);
  desk.pass(FleetBook::kLongest / 2 - kMinute);
  desk.book.forget_ended(desk.now);
  EXPECT_TRUE(desk.send_all().empty());
  desk.pass(2 * kMinute);
  desk.book.forget_ended(desk.now);
  const auto second = desk.send_all();
  ASSERT_EQ(1u, second.size());
  EXPECT_EQ(first[0].said, second[0].said);  // no new statement: a lift in between holds
  EXPECT_EQ(desk.now.wall + FleetBook::kLongest, second[0].until);
}

TEST(FleetBook, AnothersBanIsProposedOnce) {
  Desk desk;
  FleetRecord record = desk.record(prefix("198.51.100.7"), 10 * kMinute);
  record.since -= kMinute;
  record.hits = 4;
  record.reason = "touched telnet";
  const auto ban = desk.take<BanMessage>(record);
  ASSERT_TRUE(ban);
  EXPECT_EQ(BanOrigin::fleet, ban->origin);
  EXPECT_EQ("other", text_of(ban->node));
  EXPECT_EQ("other: touched telnet", text_of(ban->reason));
  EXPECT_EQ(4u, ban->hits);
  EXPECT_EQ((desk.now.instant + 10min).time_since_epoch().count(), ban->until_ns);
  EXPECT_EQ((desk.now.instant - 1min).time_since_epoch().count(), ban->since_ns);
  EXPECT_TRUE(desk.take<FleetBook::Nothing>(record));
  record.until += kMinute;
  EXPECT_TRUE(desk.take<BanMessage>(record));
}

TEST(FleetBook, TheShorterOfDateAndTimeToLiveHolds) {
  Desk desk;
  const auto ban = desk.take<BanMessage>(desk.record(prefix("198.51.100.7"), 10 * kMinute), kMinute);
  ASSERT_TRUE(ban);
  EXPECT_EQ((desk.now.instant + 1min).time_since_epoch().count(), ban->until_ns);
  EXPECT_TRUE(desk.take<FleetBook::Nothing>(desk.record(prefix("198.51.100.8"), 10 * kMinute), -1));
  // A node whose clock is ahead can't ban for longer than its store says.
  const auto late = desk.take<BanMessage>(desk.record(prefix("198.51.100.9"), kMinute), 10 * kMinute);
  ASSERT_TRUE(late);
  EXPECT_EQ((desk.now.instant + 1min).time_since_epoch().count(), late->until_ns);
}

TEST(FleetBook, RefusesWhatNoNodeShouldSay) {
  Desk desk;
  EXPECT_TRUE(desk.take<FleetBook::Refused>(desk.record(prefix("198.51.0.0", 96 + 23), kMinute)));
  EXPECT_TRUE(desk.take<BanMessage>(desk.record(prefix("198.51.100.0", 96 + 24), kMinute)));
  EXPECT_TRUE(desk.take<FleetBook::Refused>(desk.record(prefix("2001:db8::", 47), kMinute)));
  EXPECT_TRUE(desk.take<BanMessage>(desk.record(prefix("2001:db8::", 48), kMinute)));
  EXPECT_TRUE(desk.take<FleetBook::Refused>(desk.record(prefix("::", 0), kMinute)));
  EXPECT_TRUE(desk.take<FleetBook::Refused>(desk.record(prefix("198.51.100.1"), FleetBook::kLongest + FleetBook::kMostSkew + 1)));
  FleetRecord early = desk.record(prefix("198.51.100.1"), kMinute);
  early.said += FleetBook::kMostSkew + 1;
  early.until = early.said + kMinute;
  EXPECT_TRUE(desk.take<FleetBook::Refused>(early));
  EXPECT_TRUE(desk.take<FleetBook::Nothing>(desk.record(prefix("198.51.100.1"), 0)));  // has ended: a replay too
}

TEST(FleetBook, WhoIsNeverBannedIsNotProposed) {
  Desk desk;
  desk.book.guarded({prefix("198.51.100.0", 96 + 24)});
  EXPECT_TRUE(desk.take<FleetBook::Refused>(desk.record(prefix("198.51.100.7"), kMinute)));
  EXPECT_TRUE(desk.take<BanMessage>(desk.record(prefix("198.51.101.7"), kMinute)));
  desk.book.guarded({});
  EXPECT_TRUE(desk.take<BanMessage>(desk.record(prefix("198.51.100.7"), kMinute)));
}

TEST(FleetBook, OneNodeCanBanSoManyAMinute) {
  Desk desk({.node = "me", .most_per_minute = 3});
  desk.book.begin_comparing(true);
  desk.book.end_comparing(desk.now);
  for (std::uint32_t each = 0; each < 3; ++each) {
    EXPECT_TRUE(desk.take<BanMessage>(desk.record(Prefix::host(Address::v4(0x0a000000 + each)), 10 * kMinute)));
  }
  const FleetRecord fourth = desk.record(prefix("10.1.1.1"), 10 * kMinute);
  EXPECT_TRUE(desk.take<FleetBook::Later>(fourth));
  EXPECT_TRUE(desk.take<BanMessage>(desk.record(prefix("10.1.1.2"), 10 * kMinute, "third")));  // its own account
  desk.pass(kMinute);
  EXPECT_TRUE(desk.take<BanMessage>(fourth));
}

TEST(FleetBook, WhoWasAwayCatchesUpBeyondTheRate) {
  Desk desk({.node = "me", .most_per_minute = 3});
  desk.book.begin_comparing(true);
  for (std::uint32_t each = 0; each < 3 + FleetBook::kMostCatchUp; ++each) {
    ASSERT_TRUE(desk.take<BanMessage>(desk.record(Prefix::host(Address::v4(0x0a000000 + each)), 10 * kMinute)));
  }
  EXPECT_TRUE(desk.take<FleetBook::Later>(desk.record(prefix("192.0.2.1"), 10 * kMinute)));
}

TEST(FleetBook, OnlySoManyNodes) {
  Desk desk;
  for (std::size_t each = 0; each < FleetBook::kMostNodes; ++each) {
    ASSERT_TRUE(desk.take<BanMessage>(
        desk.record(Prefix::host(Address::v4(0x0a000000 + static_cast<std::uint32_t>(each))), kMinute, "n" + std::to_string(each))));
  }
  EXPECT_TRUE(desk.take<FleetBook::Refused>(desk.record(prefix("192.0.2.1"), kMinute, "one-more")));
}

TEST(FleetBook, ALiftTravelsAndEndsOlderBansOnly) {
  Desk desk;
  const Prefix who = prefix("198.51.100.7");
  const FleetRecord ban = desk.record(who, 10 * kMinute);
  ASSERT_TRUE(desk.take<BanMessage>(ban));
  desk.pass(1000);
  const FleetRecord lift = desk.lift(who, "third");
  const auto message = desk.take<LiftMessage>(lift);
  ASSERT_TRUE(message);
  EXPECT_EQ(BanOrigin::fleet, message->origin);
  EXPECT_TRUE(desk.take<FleetBook::Nothing>(lift));
  EXPECT_TRUE(desk.take<FleetBook::Nothing>(ban));  // a replay, or a store that was restored from a copy
  desk.pass(1000);
  EXPECT_TRUE(desk.take<BanMessage>(desk.record(who, 10 * kMinute)));
}

TEST(FleetBook, ALiftOfOthersEndsWhatThisNodeBanned) {
  Desk desk;
  const Prefix who = prefix("198.51.100.7");
  desk.book.told(desk.ban(who, 0), desk.now);
  EXPECT_EQ(1u, desk.send_all().size());
  desk.pass(1000);
  EXPECT_TRUE(desk.take<LiftMessage>(desk.lift(who)));
  desk.book.begin_comparing(true);
  desk.book.end_comparing(desk.now);
  EXPECT_TRUE(desk.send_all().empty());
  // Another touch is another ban, in the same millisecond too.
  desk.book.told(desk.ban(who, kMinute), desk.now);
  const auto sent = desk.send_all();
  ASSERT_EQ(1u, sent.size());
  EXPECT_GT(sent[0].said, desk.now.wall);
}

TEST(FleetBook, ALiftThatIsOlderThanTheBanDoesNothing) {
  Desk desk;
  const Prefix who = prefix("198.51.100.7");
  const FleetRecord lift = desk.lift(who);
  desk.pass(1000);
  desk.book.told(desk.ban(who, kMinute), desk.now);
  EXPECT_TRUE(desk.take<FleetBook::Nothing>(lift));
  EXPECT_EQ(1u, desk.send_all().size());
}

TEST(FleetBook, TheOperatorsLiftIsSentAndHoldsAgainstWhatIsStillInTheStore) {
  Desk desk;
  const Prefix who = prefix("198.51.100.7");
  const FleetRecord ban = desk.record(who, 10 * kMinute);
  ASSERT_TRUE(desk.take<BanMessage>(ban));
  LiftMessage lift;
  lift.prefix = to_wire(who);
  EXPECT_EQ(FleetBook::Shared::yes, desk.book.lifted(lift, desk.now));
  EXPECT_TRUE(desk.take<FleetBook::Nothing>(ban));
  const auto sent = desk.send_all();
  ASSERT_EQ(1u, sent.size());
  EXPECT_EQ(FleetRecord::Kind::lift, sent[0].kind);
  EXPECT_GE(sent[0].said, ban.said);
  // It outlasts every record that could have been made before it.
  EXPECT_GE(sent[0].until, desk.now.wall + FleetBook::kLongest + FleetBook::kMostSkew);
  Desk other;
  EXPECT_TRUE(other.take<FleetBook::Nothing>(sent[0]));
  EXPECT_TRUE(other.take<FleetBook::Nothing>(ban));
  lift.origin = BanOrigin::fleet;
  EXPECT_EQ(FleetBook::Shared::not_ours, desk.book.lifted(lift, desk.now));
}

TEST(FleetBook, WhatTheStoreLostIsSentAgain) {
  Desk desk;
  desk.book.told(desk.ban(prefix("192.0.2.1"), kMinute), desk.now);
  desk.book.told(desk.ban(prefix("192.0.2.2"), kMinute), desk.now);
  LiftMessage lift;
  lift.prefix = to_wire(prefix("192.0.2.3"));
  desk.book.lifted(lift, desk.now);
  const auto sent = desk.send_all();
  ASSERT_EQ(3u, sent.size());
  desk.book.begin_comparing(true);
  EXPECT_TRUE(desk.take<FleetBook::Nothing>(sent[0]));
  desk.book.end_comparing(desk.now);
  const auto again = desk.send_all();
  ASSERT_EQ(2u, again.size());
  EXPECT_TRUE(std::ranges::find(again, sent[1]) != again.end());
  EXPECT_TRUE(std::ranges::find(again, sent[2]) != again.end());
}

TEST(FleetBook, AKeeperThatWasStartedAgainFindsItsOwnInTheStore) {
  Desk before;
  before.book.told(before.ban(prefix("192.0.2.1"), 10 * kMinute), before.now);
  before.book.told(before.ban(prefix("192.0.2.2"), 10 * kMinute), before.now);
  const auto sent = before.send_all();
  Desk after;
  after.book.begin();
  after.pass(kMinute);
  BanMessage known = before.ban(prefix("192.0.2.1"), 10 * kMinute);
  known.until_ns += 3'000'000;  // the clocks have drifted
  after.book.told(known, after.now);
  after.book.end();
  after.book.begin_comparing(true);
  EXPECT_TRUE(after.take<FleetBook::Nothing>(sent[0]));
  const auto lost = after.take<BanMessage>(sent[1]);  // this node had no file of its bans: it gets them back
  ASSERT_TRUE(lost);
  EXPECT_EQ("me", text_of(lost->node));
  after.book.end_comparing(after.now);
  EXPECT_TRUE(after.send_all().empty());
}

TEST(FleetBook, WhatTheEngineNoLongerSaysIsForgotten) {
  Desk desk;
  desk.book.told(desk.ban(prefix("192.0.2.1"), kMinute), desk.now);
  desk.book.told(desk.ban(prefix("192.0.2.2"), kMinute), desk.now);
  desk.book.begin();
  EXPECT_FALSE(desk.book.is_complete());
  desk.book.told(desk.ban(prefix("192.0.2.2"), kMinute), desk.now);
  desk.book.end();
  EXPECT_EQ(1u, desk.book.own_bans());
  desk.pass(kMinute);
  desk.book.forget_ended(desk.now);
  EXPECT_EQ(0u, desk.book.own_bans());
}

TEST(FleetBook, CountsWhoIsThere) {
  Desk desk;
  Desk other({.node = "other"});
  EXPECT_TRUE(desk.take<FleetBook::Nothing>(other.book.here(desk.now, 30'000)));
  EXPECT_TRUE(desk.take<FleetBook::Nothing>(desk.book.here(desk.now, 30'000)));
  EXPECT_EQ(1u, desk.book.peers(desk.now));
  desk.pass(31'000);
  EXPECT_EQ(0u, desk.book.peers(desk.now));
}

}  // namespace
}  // namespace reeve
