// A day at a gate, in virtual time: what cps promises to those who do not flood, and about those who do.
#include <algorithm>
#include <functional>
#include <map>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "policy/ledger.h"

namespace reeve {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

constexpr Instant kStart = Instant(seconds(5000));

Prefix source(std::uint32_t number) {
  return Prefix::host(Address::v4(number));
}

struct Visit {
  Instant at;
  std::uint32_t from = 0;
};

struct Score {
  int admitted = 0, shed = 0;
};

// The score of each source after all `visits`, and the moments of those that were admitted.
struct Outcome {
  std::map<std::uint32_t, Score> scores;
  std::vector<Instant> admitted;
};

Outcome play(const Service& service, std::vector<Visit> visits) {
  std::ranges::stable_sort(visits, {}, &Visit::at);
  Ledger ledger;
  Account account;
  Outcome outcome;
  for (const Visit& visit : visits) {
    const Prefix from = source(visit.from);
    if (account.rate(service, from, visit.at) == RateState::free) {
      (void)ledger.admit(account, service, from, true, visit.at);
      outcome.admitted.push_back(visit.at);
      ++outcome.scores[visit.from].admitted;
    } else {
      account.note_shed(service, from, visit.at);
      ++outcome.scores[visit.from].shed;
    }
  }
  return outcome;
}

Service with_cps(std::uint32_t rate, std::uint32_t wait) {
  Service service;
  service.cps_rate = rate;
  service.cps_wait_seconds = wait;
  return service;
}

// `per_second` visits a second, evenly, `from` begin on for `length`.
void add_steady(std::vector<Visit>& visits, std::uint32_t from, int per_second, Instant begin, seconds length) {
  for (std::int64_t i = 0; i < length.count() * per_second; ++i)
    visits.push_back({begin + nanoseconds(1'000'000'000 / per_second * i), from});
}

// In any T seconds no more than RATE * (T + 2) come in: checked for every pair of moments.
void expect_bounded(const Service& service, const std::vector<Instant>& admitted) {
  const auto rate = static_cast<double>(service.cps_rate);
  double least = 1e18;  // of i - rate * t_i
  for (std::size_t i = 0; i < admitted.size(); ++i) {
    const double t = std::chrono::duration<double>(admitted[i] - kStart).count();
    least = std::min(least, static_cast<double>(i) - rate * t);
    ASSERT_LE(static_cast<double>(i) + 1 - rate * t - least, 2 * rate + 1e-3) << "at " << t << " s";
  }
}

TEST(LedgerSimulation, BurstsJustOverTheRateCostNobodyElseAnything) {
  constexpr std::uint32_t kAttacker = 1, kOther = 2;
  const Service service = with_cps(50, 10);
  for (const int gap_ms : {100, 500, 1000, 2300}) {
    std::vector<Visit> visits;
    for (int ms = 0; ms < 60'000; ms += gap_ms) {
      for (int i = 0; i < 60; ++i) visits.push_back({kStart + milliseconds(ms) + std::chrono::microseconds(i * 50), kAttacker});
    }
    add_steady(visits, kOther, 10, kStart + milliseconds(3), seconds(60));
    const Outcome outcome = play(service, visits);
    EXPECT_EQ(outcome.scores.at(kOther).shed, 0) << "gap " << gap_ms;
    EXPECT_EQ(outcome.scores.at(kOther).admitted, 600);
    EXPECT_LE(outcome.scores.at(kAttacker).admitted, 50 * 7) << "gap " << gap_ms;  // a burst for each wait
    expect_bounded(service, outcome.admitted);
  }
}

TEST(LedgerSimulation, ASteadyFloodIsShedAndManyOthersAreServed) {
  const Service service = with_cps(50, 10);
  std::vector<Visit> visits;
  add_steady(visits, 1, 500, kStart, seconds(100));
  for (std::uint32_t other = 2; other < 22; ++other) add_steady(visits, other, 1, kStart + milliseconds(37 * other), seconds(100));
  const Outcome outcome = play(service, visits);
  for (std::uint32_t other = 2; other < 22; ++other) EXPECT_EQ(outcome.scores.at(other).shed, 0) << other;
  EXPECT_LE(outcome.scores.at(1).admitted, 50 * 11);
  expect_bounded(service, outcome.admitted);
}

TEST(LedgerSimulation, WhoKeepsJustUnderTheRateIsStoppedWhenOthersCome) {
  const Service service = with_cps(50, 10);
  std::vector<Visit> visits;
  add_steady(visits, 1, 49, kStart, seconds(60));
  add_steady(visits, 2, 10, kStart + seconds(10), seconds(50));
  const Outcome outcome = play(service, visits);
  EXPECT_EQ(outcome.scores.at(2).shed, 0);
  EXPECT_GT(outcome.scores.at(1).shed, 0);
}

TEST(LedgerSimulation, AThousandSourcesWithinTheirShareAreAllServed) {
  for (const bool together : {false, true}) {
    const Service service = with_cps(1000, 10);
    std::vector<Visit> visits;
    for (std::uint32_t from = 0; from < 1000; ++from) {
      add_steady(visits, from, 1, kStart + (together ? seconds(0) : milliseconds(from)), seconds(20));
    }
    const Outcome outcome = play(service, visits);
    EXPECT_EQ(outcome.admitted.size(), 20'000u) << (together ? "all at once" : "spread");
  }
}

TEST(LedgerSimulation, AServiceWithinItsRateShedsNobody) {
  std::mt19937_64 random(3);
  for (int round = 0; round < 50; ++round) {
    const auto rate = 1 + static_cast<std::uint32_t>(random() % 100);
    std::vector<Visit> visits;
    for (std::uint32_t i = 0; i < 30 * rate; ++i) {
      visits.push_back({kStart + nanoseconds(1'000'000'000ull * i / rate), static_cast<std::uint32_t>(random() % 5)});
    }
    EXPECT_EQ(play(with_cps(rate, 10), visits).admitted.size(), visits.size()) << rate;
  }
}

// Whatever comes, however it is mixed: the bound holds, and a source that comes once in two seconds next to
// one flood is never shed.
TEST(LedgerSimulation, TheBoundHoldsForAnyTraffic) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    std::mt19937_64 random(seed);
    Service service = with_cps(1 + static_cast<std::uint32_t>(random() % 60), static_cast<std::uint32_t>(random() % 12));
    service.cps_action = static_cast<CpsAction>(random() % 3);
    const std::uint32_t sources = 1 + static_cast<std::uint32_t>(random() % 300);
    std::vector<Visit> visits;
    Instant now = kStart;
    for (int i = 0; i < 20'000; ++i) {
      if (random() % 50 == 0) now += milliseconds(static_cast<std::int64_t>(random() % 3000));
      now += std::chrono::microseconds(static_cast<std::int64_t>(random() % 20'000));
      visits.push_back({now, static_cast<std::uint32_t>(random() % sources)});
    }
    const Outcome outcome = play(service, visits);
    ASSERT_NO_FATAL_FAILURE(expect_bounded(service, outcome.admitted)) << "seed " << seed;
    ASSERT_FALSE(outcome.admitted.empty());
  }
}

TEST(LedgerSimulation, ARareVisitorIsNeverShedForOneFlood) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    std::mt19937_64 random(seed);
    const Service service = with_cps(2 + static_cast<std::uint32_t>(random() % 60), 1 + static_cast<std::uint32_t>(random() % 12));
    std::vector<Visit> visits;
    Instant now = kStart;
    for (int i = 0; i < 20'000; ++i) {
      if (random() % 80 == 0) now += milliseconds(static_cast<std::int64_t>(random() % 3000));
      now += std::chrono::microseconds(static_cast<std::int64_t>(random() % 3'000));
      visits.push_back({now, 1});
    }
    for (Instant at = kStart + milliseconds(5); at < now; at += seconds(2)) visits.push_back({at, 2});
    const Outcome outcome = play(service, visits);
    EXPECT_EQ(outcome.scores.at(2).shed, 0) << "seed " << seed << " rate " << service.cps_rate;
  }
}

}  // namespace
}  // namespace reeve
