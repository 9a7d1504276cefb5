// Penalties in virtual time: what adds up, what is forgotten, who goes when there is no room.
#include "policy/penalty_ledger.h"

#include <cmath>
#include <map>
#include <random>

#include <gtest/gtest.h>

namespace reeve {
namespace {

using std::chrono::seconds;

constexpr Instant kStart = Instant(seconds(50'000));
Instant after(double s) {
  return kStart + std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::duration<double>(s));
}
Prefix host(std::uint32_t host_order) {
  return Prefix::host(Address::v4(host_order));
}

PenaltyTerms terms(std::uint32_t limit = 100, seconds half_life = seconds(60)) {
  PenaltyTerms terms;
  terms.limit = limit;
  terms.half_life = half_life;
  terms.score[static_cast<std::size_t>(Offence::refused)] = 10;
  terms.score[static_cast<std::size_t>(Offence::crash)] = 40;
  return terms;
}

PenaltyLedger ledger_with(const PenaltyTerms& terms, std::size_t capacity = PenaltyLedger::kDefaultCapacity) {
  PenaltyLedger ledger(capacity);
  ledger.set_terms(terms);
  return ledger;
}

TEST(PenaltyLedgerTest, OffencesAddUpToASentenceAndBeginAnew) {
  PenaltyLedger ledger = ledger_with(terms());
  EXPECT_FALSE(ledger.note(host(1), Offence::crash, kStart));
  EXPECT_FALSE(ledger.note(host(1), Offence::crash, kStart));
  EXPECT_FALSE(ledger.note(host(1), Offence::refused, kStart));
  EXPECT_FALSE(ledger.note(host(2), Offence::refused, kStart));
  const auto sentence = ledger.note(host(1), Offence::refused, kStart);
  ASSERT_TRUE(sentence);
  EXPECT_EQ(sentence->reason(), "penalties 100: refused 2 crash 2");
  EXPECT_EQ(ledger.score(host(1), kStart), 0);
  EXPECT_NEAR(ledger.score(host(2), kStart), 10, 1e-6);
  EXPECT_EQ(ledger.size(), 1u);
  EXPECT_FALSE(ledger.note(host(1), Offence::crash, kStart)) << "the sum begins anew";
}

TEST(PenaltyLedgerTest, HalfIsForgottenAfterAHalfLife) {
  PenaltyLedger ledger = ledger_with(terms());
  (void)ledger.note(host(1), Offence::crash, kStart);
  EXPECT_NEAR(ledger.score(host(1), after(60)), 20, 1e-6);
  EXPECT_NEAR(ledger.score(host(1), after(30)), 40 / std::sqrt(2), 1e-6);
  (void)ledger.note(host(1), Offence::crash, after(60));
  EXPECT_NEAR(ledger.score(host(1), after(60)), 60, 1e-6);
  EXPECT_NEAR(ledger.score(host(1), after(180)), 15, 1e-6);
}

TEST(PenaltyLedgerTest, WhoOffendsSlowlyIsNeverSentenced) {
  PenaltyLedger ledger = ledger_with(terms());
  // 40 each half-life: the sum tends to 80.
  for (int each = 0; each < 1000; ++each) ASSERT_FALSE(ledger.note(host(1), Offence::crash, after(60.0 * each)));
  EXPECT_NEAR(ledger.score(host(1), after(60.0 * 999)), 80, 1e-3);
}

TEST(PenaltyLedgerTest, WhatHasNoScoreIsNoOffence) {
  PenaltyLedger ledger = ledger_with(terms());
  for (int each = 0; each < 100; ++each) EXPECT_FALSE(ledger.note(host(1), Offence::silent, kStart));
  EXPECT_EQ(ledger.size(), 0u);
  PenaltyLedger off;
  EXPECT_FALSE(off.is_on());
  EXPECT_FALSE(off.note(host(1), Offence::crash, kStart));
  EXPECT_EQ(off.size(), 0u);
}

TEST(PenaltyLedgerTest, OneOffenceCanBeEnough) {
  PenaltyLedger ledger = ledger_with(terms(40));
  const auto sentence = ledger.note(host(1), Offence::crash, kStart);
  ASSERT_TRUE(sentence);
  EXPECT_EQ(sentence->reason(), "penalties 40: crash 1");
}

TEST(PenaltyLedgerTest, AReasonFitsIntoABan) {
  Sentence sentence{.score = 1'000'000, .offences = {100'000, 9, 9, 9, 9}};
  EXPECT_EQ(sentence.reason(), "penalties 1000000: refused 100000 early_close 9 silent 9 crash 9 sensor 9");
}

TEST(PenaltyLedgerTest, AnotherHalfLifeBeginsAnew) {
  PenaltyLedger ledger = ledger_with(terms());
  (void)ledger.note(host(1), Offence::crash, kStart);
  ledger.set_terms(terms(50));
  EXPECT_NEAR(ledger.score(host(1), kStart), 40, 1e-6) << "another limit changes no score";
  ledger.set_terms(terms(50, seconds(30)));
  EXPECT_EQ(ledger.size(), 0u);
  (void)ledger.note(host(1), Offence::crash, kStart);
  ledger.set_terms({});
  EXPECT_EQ(ledger.size(), 0u);
}

TEST(PenaltyLedgerTest, WhatIsForgottenTakesNoRoom) {
  PenaltyLedger ledger = ledger_with(terms());
  for (std::uint32_t each = 0; each < 1000; ++each) (void)ledger.note(host(each), Offence::refused, kStart);
  EXPECT_EQ(ledger.size(), 1000u);
  (void)ledger.note(host(5000), Offence::refused, after(60 * 20));
  EXPECT_EQ(ledger.size(), 1u);
}

// An attacker with many addresses can't make it forget whoever did more than one of them.
TEST(PenaltyLedgerTest, StrangersPushOutEachOther) {
  PenaltyLedger ledger = ledger_with(terms(), 100);
  (void)ledger.note(host(1), Offence::crash, kStart);
  for (std::uint32_t each = 10; each < 5000; ++each) (void)ledger.note(host(each), Offence::refused, after(each / 1000.0));
  EXPECT_EQ(ledger.size(), 100u);
  EXPECT_GT(ledger.score(host(1), after(5)), 30);
  EXPECT_GT(ledger.score(host(4999), after(5)), 9);
}

// Against sums that are kept for everybody and computed anew each time.
TEST(PenaltyLedgerTest, AgreesWithTheSumOfAllOffences) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    std::mt19937_64 random(seed);
    const PenaltyTerms some = terms(90, seconds(20));
    PenaltyLedger ledger = ledger_with(some);
    std::map<Prefix, std::vector<std::pair<Instant, double>>> all;
    const auto sum = [&](const Prefix& prefix, Instant now) {
      double score = 0;
      for (const auto& [at, points] : all[prefix]) score += points * std::exp2(-std::chrono::duration<double>(now - at).count() / 20);
      return score;
    };
    Instant now = kStart;
    std::size_t sentences = 0;
    for (int step = 0; step < 3000; ++step) {
      now += std::chrono::milliseconds(random() % 500);
      const Prefix prefix = host(static_cast<std::uint32_t>(random() % 20));
      const Offence offence = random() % 4 == 0 ? Offence::crash : Offence::refused;
      all[prefix].emplace_back(now, some.score[static_cast<std::size_t>(offence)]);
      const double expected = sum(prefix, now);
      const auto sentence = ledger.note(prefix, offence, now);
      if (std::abs(expected - 90) > 1e-3) {
        ASSERT_EQ(sentence.has_value(), expected > 90) << "seed " << seed << " step " << step;
      }
      if (sentence) {
        all[prefix].clear();
        ++sentences;
      }
      const Prefix asked = host(static_cast<std::uint32_t>(random() % 20));
      const double kept = ledger.score(asked, now);
      ASSERT_NEAR(kept, sum(asked, now), 0.05) << "seed " << seed << " step " << step;
    }
    EXPECT_GT(sentences, 10u);
  }
}

}  // namespace
}  // namespace reeve
