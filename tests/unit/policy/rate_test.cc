#include "policy/rate.h"

#include <deque>
#include <random>

#include <gtest/gtest.h>

namespace reeve {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;
using Room = RateBudget::Room;

constexpr Instant kStart = Instant(seconds(100));

TEST(RateBudgetTest, GivesTheRateAtOnceThenTheRateAgainOnDebtThenNothing) {
  for (const std::uint32_t rate : {1u, 3u, 7u, 50u, 1000u}) {
    RateBudget budget;
    for (std::uint32_t i = 0; i < 3 * rate; ++i) {
      ASSERT_EQ(budget.room(rate, kStart), i < rate ? Room::free : i < 2 * rate ? Room::debt : Room::none) << i << " of " << rate;
      if (i < 2 * rate) budget.book(rate, kStart);
    }
    EXPECT_EQ(budget.room(rate, kStart + seconds(1)), Room::debt);
    EXPECT_EQ(budget.room(rate, kStart + seconds(2)), Room::free);
  }
}

TEST(RateBudgetTest, NeverEndsForWhoKeepsToTheRate) {
  for (const std::uint32_t rate : {1u, 3u, 7u, 50u, 999u}) {
    RateBudget budget;
    for (std::uint32_t i = 0; i < 10 * rate; ++i) {
      const Instant now = kStart + nanoseconds(1'000'000'000ull * i / rate);
      ASSERT_EQ(budget.room(rate, now), Room::free);
      budget.book(rate, now);
    }
    // All of a second at its first moment, every second, is within the rate too.
    for (std::uint32_t i = 0; i < 10 * rate; ++i) {
      const Instant now = kStart + seconds(20 + i / rate);
      ASSERT_EQ(budget.room(rate, now), Room::free) << i;
      budget.book(rate, now);
    }
  }
}

TEST(RateBudgetTest, SavesNothingUpInQuietTimes) {
  RateBudget budget;
  budget.book(50, kStart);
  const Instant later = kStart + std::chrono::hours(1);
  for (int i = 0; i < 50; ++i) budget.book(50, later);
  EXPECT_EQ(budget.room(50, later), Room::debt);
}

TEST(RecentVisitsTest, AreWithinWhatTheTwoSecondsBeforeAllow) {
  std::mt19937_64 random(5);
  RecentVisits visits;
  std::deque<Instant> all;
  Instant now = kStart;
  for (int step = 0; step < 50'000; ++step) {
    now += milliseconds(static_cast<std::int64_t>(step / 5000 % 2 == 0 ? random() % 40 : random() % 700));
    visits.add(now);
    all.push_back(now);
    now += milliseconds(static_cast<std::int64_t>(random() % 3 == 0 ? random() % 1500 : 0));
    while (all.front() <= now - seconds(2)) {
      all.pop_front();
      if (all.empty()) break;
    }
    // An estimate, but never of visits that are two seconds old, and none when there was none.
    ASSERT_LE(visits.count(now), all.size());
    ASSERT_TRUE(!all.empty() || visits.count(now) == 0);
  }
}

TEST(RecentVisitsTest, CountABurstAndForgetItAfterASecond) {
  RecentVisits visits;
  for (int i = 0; i < 60; ++i) visits.add(kStart);
  EXPECT_EQ(visits.count(kStart), 60u);
  EXPECT_EQ(visits.count(kStart + milliseconds(999)), 60u);
  EXPECT_LT(visits.count(kStart + milliseconds(1500)), 31u);
  EXPECT_EQ(visits.count(kStart + seconds(2)), 0u);
}

TEST(RecentVisitsTest, ASteadySourceCountsItsRate) {
  for (const int per_second : {1, 2, 5, 20}) {
    RecentVisits visits;
    for (int i = 0; i < 20 * per_second; ++i) {
      const Instant now = kStart + nanoseconds(1'000'000'000ll * i / per_second);
      if (i > per_second) {
        ASSERT_EQ(visits.count(now), static_cast<std::uint32_t>(per_second - 1)) << i;
      }
      visits.add(now);
    }
  }
}

}  // namespace
}  // namespace reeve
