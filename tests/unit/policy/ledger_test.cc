#include "policy/ledger.h"

#include <map>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "policy/sources.h"

namespace reeve {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Instant kStart = Instant(seconds(5000));

Prefix source(std::uint32_t number) {
  return Prefix::host(Address::v4(number));
}

class LedgerTest : public testing::Test {
 protected:
  LedgerTest() {
    service.cps_rate = 50;
    service.cps_wait_seconds = 10;
  }

  // One visit: true when it was admitted by the rate (its ticket ends at once).
  bool visit(std::uint32_t from, Instant now) {
    if (account.rate(service, source(from), now) == RateState::free) {
      (void)ledger.admit(account, service, source(from), true, now);
      return true;
    }
    overload = account.note_shed(service, source(from), now);
    return false;
  }
  int visits(int count, std::uint32_t from, Instant now) {
    int admitted = 0;
    for (int i = 0; i < count; ++i) admitted += visit(from, now) ? 1 : 0;
    return admitted;
  }

  Service service;
  Ledger ledger;
  Account account;
  Account::Overload overload;
};

TEST_F(LedgerTest, ATicketIsTheSlot) {
  EXPECT_EQ(account.running(), 0u);
  EXPECT_FALSE(Ticket());
  {
    Ticket one = ledger.admit(account, service, source(1), true, kStart);
    EXPECT_TRUE(one);
    EXPECT_EQ(one.source(), source(1));
    Ticket two = ledger.admit(account, service, source(1), false, kStart);
    Ticket three = ledger.admit(account, service, source(2), true, kStart);
    EXPECT_EQ(account.running(), 3u);
    EXPECT_EQ(account.running_from(source(1)), 2u);
    EXPECT_EQ(account.running_from(source(3)), 0u);
    EXPECT_EQ(ledger.processes(), 2u);
    Ticket moved = std::move(one);
    EXPECT_EQ(account.running(), 3u);
    moved = std::move(three);  // gives the first one back
    EXPECT_EQ(account.running(), 2u);
    EXPECT_EQ(account.running_from(source(1)), 1u);
    EXPECT_EQ(moved.source(), source(2));
  }
  EXPECT_EQ(account.running(), 0u);
  EXPECT_EQ(account.running_from(source(1)), 0u);
  EXPECT_EQ(ledger.processes(), 0u);
}

TEST_F(LedgerTest, TicketsAccountsAndLedgerMayGoInAnyOrder) {
  Ticket ticket;
  {
    auto short_lived = std::make_unique<Ledger>();
    Account gone;
    ticket = short_lived->admit(gone, service, source(1), true, kStart);
    Account moved = std::move(gone);  // a reload carries it on
    EXPECT_EQ(moved.running(), 1u);
  }
  ticket = {};
}

TEST_F(LedgerTest, AnAdoptedInstanceCountsButIsNoVisit) {
  std::vector<Ticket> tickets;
  for (int i = 0; i < 100; ++i) tickets.push_back(ledger.adopt(account, source(1), true));
  EXPECT_EQ(account.running_from(source(1)), 100u);
  EXPECT_EQ(ledger.processes(), 100u);
  EXPECT_EQ(visits(50, 1, kStart), 50);
}

TEST_F(LedgerTest, WithoutARateNobodyIsShed) {
  service.cps_rate = 0;
  EXPECT_EQ(visits(100'000, 1, kStart), 100'000);
}

TEST_F(LedgerTest, AFloodIsShedAndTheWaitIsNotExtended) {
  EXPECT_EQ(visits(60, 1, kStart), 50);
  EXPECT_TRUE(overload.penalised);
  EXPECT_FALSE(overload.began);
  EXPECT_EQ(overload.penalty_until, kStart + seconds(10));
  for (int ms = 0; ms < 10'000; ms += 100) EXPECT_FALSE(visit(1, kStart + milliseconds(ms)));
  EXPECT_EQ(overload.penalty_until, kStart + seconds(10));
  EXPECT_TRUE(visit(1, kStart + seconds(10)));
}

TEST_F(LedgerTest, AnOverloadBeginsOnce) {
  visits(50, 1, kStart);
  EXPECT_FALSE(visit(1, kStart));
  EXPECT_TRUE(overload.began);
  EXPECT_FALSE(visit(1, kStart + seconds(9)));
  EXPECT_FALSE(overload.began);
  EXPECT_EQ(visits(60, 1, kStart + seconds(10)), 50);
  EXPECT_FALSE(visit(1, kStart + seconds(11)));
  EXPECT_FALSE(overload.began);
}

TEST_F(LedgerTest, WithoutAWaitNobodyIsPunishedAndTheLogIsNotFlooded) {
  service.cps_wait_seconds = 0;
  int begun = 0;
  for (int ms = 0; ms < 10'000; ms += 5) {  // 200 a second
    if (!visit(1, kStart + milliseconds(ms)) && overload.began) ++begun;
  }
  EXPECT_LE(begun, 10);
  EXPECT_GE(begun, 8);
  EXPECT_TRUE(visit(1, kStart + seconds(12)));
}

TEST_F(LedgerTest, ALightSourceGoesOnDuringAFlood) {
  EXPECT_TRUE(visit(2, kStart));
  EXPECT_EQ(visits(60, 1, kStart + milliseconds(10)), 49);
  EXPECT_EQ(visits(10, 2, kStart + milliseconds(20)), 10);
  EXPECT_EQ(visits(5, 3, kStart + milliseconds(20)), 5);
}

TEST_F(LedgerTest, DebtEndsAtTheRateForEverybodyTogether) {
  int admitted = 0;
  for (std::uint32_t from = 0; from < 1000; ++from) admitted += visit(from, kStart) ? 1 : 0;
  EXPECT_EQ(admitted, 100);
  EXPECT_FALSE(overload.penalised);  // nobody of them is to blame
  EXPECT_FALSE(visit(5000, kStart + milliseconds(10)));
  EXPECT_TRUE(visit(5000, kStart + milliseconds(20)));  // a fiftieth of a second later one is paid
}

TEST_F(LedgerTest, ASourceThatIsAloneMakesTheServiceRest) {
  visits(50, 1, kStart);
  EXPECT_FALSE(visit(1, kStart));
  EXPECT_EQ(overload.rest_at, kStart + seconds(1));
  EXPECT_FALSE(account.should_rest(service, kStart + milliseconds(999)));
  EXPECT_TRUE(account.should_rest(service, kStart + seconds(1)));
  EXPECT_TRUE(account.should_rest(service, kStart + milliseconds(9999)));
  EXPECT_FALSE(account.should_rest(service, kStart + seconds(10)));
}

TEST_F(LedgerTest, AShortWaitIsRestedForMostOfIt) {
  service.cps_wait_seconds = 2;
  visits(50, 1, kStart);
  EXPECT_FALSE(visit(1, kStart));
  EXPECT_EQ(overload.rest_at, kStart + milliseconds(500));
}

TEST_F(LedgerTest, SomebodyElseKeepsTheServiceFromResting) {
  visits(50, 1, kStart);
  EXPECT_FALSE(visit(1, kStart));
  EXPECT_TRUE(visit(2, kStart + milliseconds(500)));
  EXPECT_FALSE(account.should_rest(service, kStart + seconds(2)));
  // He is remembered for ten minutes, however often the flood comes back.
  for (int s = 10; s < 600; s += 10) {
    visits(60, 1, kStart + seconds(s));
    EXPECT_EQ(overload.rest_at, std::nullopt) << s;
  }
  visits(60, 1, kStart + milliseconds(600'500));
  EXPECT_NE(overload.rest_at, std::nullopt);
}

TEST_F(LedgerTest, SomebodyElsesRunningInstanceKeepsTheServiceFromResting) {
  const Ticket old = ledger.adopt(account, source(2), true);
  visits(60, 1, kStart);
  EXPECT_EQ(overload.rest_at, std::nullopt);
}

TEST_F(LedgerTest, TheOverloadersOwnVisitDoesNotEndTheRest) {
  service.cps_wait_seconds = 100;
  visits(60, 1, kStart);
  EXPECT_FALSE(visit(1, kStart + seconds(1)));
  EXPECT_TRUE(account.should_rest(service, kStart + seconds(2)));
}

TEST_F(LedgerTest, SheddingNeverRests) {
  service.cps_action = CpsAction::shed;
  EXPECT_EQ(visits(60, 1, kStart), 50);
  EXPECT_EQ(overload.rest_at, std::nullopt);
  EXPECT_FALSE(account.should_rest(service, kStart + seconds(2)));
  EXPECT_TRUE(visit(2, kStart));
}

TEST_F(LedgerTest, ClosingIsForEverybody) {
  for (const bool compat : {false, true}) {
    service.cps_action = compat ? CpsAction::automatic : CpsAction::close;
    service.compat_xinetd = compat;
    account = Account();
    EXPECT_TRUE(visit(2, kStart));
    EXPECT_EQ(visits(60, 1, kStart), 49);
    EXPECT_EQ(overload.rest_at, kStart);
    EXPECT_TRUE(account.should_rest(service, kStart));
    EXPECT_FALSE(visit(2, kStart + seconds(9)));
    EXPECT_EQ(overload.penalty_until, kStart + seconds(10));
    EXPECT_TRUE(account.should_rest(service, kStart + milliseconds(9999)));
    EXPECT_TRUE(visit(2, kStart + seconds(10)));
    EXPECT_FALSE(account.should_rest(service, kStart + seconds(10)));
  }
}

TEST_F(LedgerTest, ForgetsTheIdleButNotTheBusyWhenTheTableIsFull) {
  service.cps_rate = 0;
  std::vector<Ticket> busy;
  for (std::uint32_t i = 0; i < 10; ++i) busy.push_back(ledger.admit(account, service, source(i), false, kStart));
  for (std::uint32_t i = 0; i < 2 * Ledger::kMaxSources; ++i) (void)ledger.admit(account, service, source(1000 + i), false, kStart);
  for (std::uint32_t i = 0; i < 10; ++i) EXPECT_EQ(account.running_from(source(i)), 1u);
  EXPECT_EQ(account.running(), 10u);
  {
    const Ticket newcomer = ledger.admit(account, service, source(500), false, kStart);
    EXPECT_EQ(account.running_from(source(500)), 1u);  // somebody idle made room
  }

  // All places taken by running instances: the next one counts for the service only, and gives back only that.
  for (std::uint32_t i = 10; i < Ledger::kMaxSources; ++i) busy.push_back(ledger.admit(account, service, source(i), false, kStart));
  {
    const Ticket extra = ledger.admit(account, service, source(999'999), false, kStart);
    EXPECT_EQ(extra.source(), source(999'999));
    EXPECT_EQ(account.running_from(source(999'999)), 0u);
    EXPECT_EQ(account.running(), Ledger::kMaxSources + 1);
  }
  EXPECT_EQ(account.running(), Ledger::kMaxSources);
  busy.clear();
  EXPECT_EQ(account.running(), 0u);
}

TEST(SourcesTest, TheTableShrinksAfterAnAttackAndForgetsThoseIdleLongestFirst) {
  Sources sources(1000);
  for (std::uint32_t i = 0; i < 1000; ++i) sources.note_visit(sources.find_or_add(source(i), kStart), kStart + milliseconds(i));
  EXPECT_EQ(sources.size(), 1000u);
  EXPECT_EQ(sources.active(kStart + milliseconds(999)), 1000u);
  EXPECT_EQ(sources.active(kStart + milliseconds(1499)), 500u);
  (void)sources.find_or_add(source(5000), kStart + milliseconds(1000));  // full; only source 0 is idle
  EXPECT_EQ(sources.find(source(0)), Sources::kNone);
  EXPECT_NE(sources.find(source(999)), Sources::kNone);
  for (std::uint32_t i = 0; i < 999; ++i) (void)sources.find_or_add(source(6000 + i % 2), kStart + seconds(60));
  EXPECT_LT(sources.size(), 1000u);
}

TEST(SourcesTest, APenaltyOutlivesTheSecond) {
  Sources sources(1000);
  const auto index = sources.find_or_add(source(1), kStart);
  sources.note_visit(index, kStart);
  sources.punish(index, kStart + seconds(10));
  for (std::uint32_t i = 2; i < 500; ++i) sources.note_visit(sources.find_or_add(source(i), kStart + seconds(5)), kStart + seconds(5));
  EXPECT_EQ(sources.find(source(1)), index);
}

// Counts against a naive reference, with decide() obeyed: the limits are never passed.
TEST(LedgerProperty, CountsEqualTheTicketsAliveAndLimitsHold) {
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    std::mt19937_64 random(seed);
    const Configuration configuration;
    Service service;
    service.cps_rate = seed % 2 == 0 ? 0 : 200;
    service.cps_wait_seconds = 1;
    service.instances = 30;
    service.per_source_given = seed % 3 != 0;
    service.per_source = 5;
    constexpr std::uint32_t kProcessLimit = 25;

    Ledger ledger;
    Account account;
    std::vector<Ticket> tickets;
    Instant now = kStart;
    for (int step = 0; step < 8'000; ++step) {
      now += milliseconds(static_cast<std::int64_t>(random() % 20));
      if (random() % 5 < 3) {
        const Address address = Address::v4(static_cast<std::uint32_t>(random() % 12));
        const Prefix from = source_prefix(service, address);
        const Facts facts{.rate = account.rate(service, from, now),
                          .running = account.running(),
                          .running_from_source = account.running_from(from),
                          .processes = ledger.processes(),
                          .process_limit = kProcessLimit};
        const Verdict verdict = decide(configuration, service, address, facts);
        if (std::holds_alternative<Admitted>(verdict)) tickets.push_back(ledger.admit(account, service, from, true, now));
      } else if (!tickets.empty()) {
        std::swap(tickets[random() % tickets.size()], tickets.back());
        tickets.pop_back();
      }
      std::map<Prefix, std::uint32_t> alive;
      for (const Ticket& ticket : tickets) ++alive[ticket.source()];
      ASSERT_EQ(account.running(), tickets.size());
      ASSERT_EQ(ledger.processes(), tickets.size());
      ASSERT_LE(account.running(), std::min(service.instances, kProcessLimit));
      for (std::uint32_t i = 0; i < 12; ++i) {
        ASSERT_EQ(account.running_from(source(i)), alive.contains(source(i)) ? alive[source(i)] : 0);
        ASSERT_LE(account.running_from(source(i)), source_limit(service)) << "seed " << seed;
      }
    }
  }
}

TEST_F(LedgerTest, ASourceComesAsOftenAsItsRateSays) {
  service.cps_rate = 0;
  service.source_rate = 3;
  service.source_rate_seconds = 60;
  const auto comes = [&](std::uint32_t from, Instant now) {
    if (account.is_over_source_rate(service, source(from), now)) return false;
    (void)ledger.admit(account, service, source(from), true, now);
    return true;
  };
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(comes(1, kStart));
  EXPECT_FALSE(comes(1, kStart));
  EXPECT_TRUE(comes(2, kStart)) << "nobody else notices";
  EXPECT_FALSE(comes(1, kStart + milliseconds(19'999)));
  EXPECT_TRUE(comes(1, kStart + seconds(20)));
  EXPECT_FALSE(comes(1, kStart + seconds(20))) << "attempts in between gave nothing and took nothing";
  int in_an_hour = 0;
  for (int second = 0; second < 3600; ++second) in_an_hour += comes(3, kStart + seconds(second)) ? 1 : 0;
  EXPECT_EQ(in_an_hour, 3 + 3 * 60 - 1);
}

TEST_F(LedgerTest, ASourceOverItsRateIsRememberedWhileOthersCome) {
  service.cps_rate = 0;
  service.source_rate = 1;
  service.source_rate_seconds = 3600;
  (void)ledger.admit(account, service, source(1), true, kStart);
  for (std::uint32_t other = 2; other < 1000; ++other) (void)ledger.admit(account, service, source(other), true, kStart + seconds(10));
  EXPECT_TRUE(account.is_over_source_rate(service, source(1), kStart + seconds(3599)));
  EXPECT_FALSE(account.is_over_source_rate(service, source(1), kStart + seconds(3600)));
}

}  // namespace
}  // namespace reeve
