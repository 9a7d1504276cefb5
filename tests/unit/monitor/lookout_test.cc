#include "monitor/lookout.h"

#include <gtest/gtest.h>

namespace reeve {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr microseconds kSoon{40}, kLate{5'000};

Instant at(std::chrono::nanoseconds since_boot) {
  return Instant(since_boot);
}

// Its clients come one after another.
Lookout experienced() {
  Lookout lookout(true);
  for (int each = 0; each < 100; ++each) lookout.slept(kSoon);
  return lookout;
}

TEST(Lookout, ShortSleepsBeginTheLooking) {
  Lookout lookout(true);
  EXPECT_FALSE(lookout.pays(at(kLate)));
  for (int each = 0; each < 3; ++each) lookout.slept(kSoon);
  EXPECT_FALSE(lookout.pays(at(kLate)));
  lookout.slept(kSoon);
  EXPECT_TRUE(lookout.pays(at(kLate)));
}

TEST(Lookout, ALongSleepIsNoReasonToLook) {
  Lookout lookout(true);
  for (int each = 0; each < 100; ++each) {
    lookout.slept(kLate);
    EXPECT_FALSE(lookout.pays(at(kLate)));
  }
  // Visits that sometimes come close together, by chance.
  for (int each = 0; each < 100; ++each) {
    lookout.slept(kSoon);
    lookout.slept(kLate);
    EXPECT_FALSE(lookout.pays(at(kLate)));
  }
}

TEST(Lookout, LooksInVainEndIt) {
  Lookout lookout = experienced();
  int in_vain = 0;
  for (; lookout.pays(at(kLate)); ++in_vain) lookout.looked(false, microseconds(1), at(kLate));
  EXPECT_EQ(in_vain, 2);
  // However long it went well before, and it takes as much experience as at first to begin again.
  for (int each = 0; each < 3; ++each) lookout.slept(kSoon);
  EXPECT_FALSE(lookout.pays(at(kLate)));
}

TEST(Lookout, OfFiveTurnsAtMostOneIsALookInVain) {
  constexpr int kTurns = 10'000;
  for (int lucky = 0; lucky <= 12; ++lucky) {  // so many short waits before each long one
    Lookout lookout(true);
    int looks = 0, in_vain = 0;
    for (int turn = 0; turn < kTurns; ++turn) {
      const bool comes_soon = turn % (lucky + 1) != lucky;
      if (lookout.pays(at(kLate))) {
        ++looks;
        in_vain += comes_soon ? 0 : 1;
        lookout.looked(comes_soon, microseconds(1), at(kLate));
      } else {
        lookout.slept(comes_soon ? kSoon : kLate);
      }
    }
    EXPECT_LE(in_vain * 5, kTurns) << lucky;
    if (lucky < 4) {
      EXPECT_EQ(looks, 0) << lucky;
    }
    if (lucky == 12) {
      EXPECT_GE(looks, kTurns * 9 / 10);
    }
  }
}

TEST(Lookout, GivesWayToWhoWantsTheProcessor) {
  Lookout lookout = experienced();
  lookout.looked(true, Lookout::kCrowded + microseconds(1), at(milliseconds(1000)));
  EXPECT_FALSE(lookout.pays(at(milliseconds(1000))));
  EXPECT_FALSE(lookout.pays(at(milliseconds(1000) + Lookout::kRest - microseconds(1))));
  EXPECT_TRUE(lookout.pays(at(milliseconds(1000) + Lookout::kRest)));
}

TEST(Lookout, NeverOnASingleProcessor) {
  Lookout lookout(false);
  for (int each = 0; each < 100; ++each) lookout.slept(kSoon);
  EXPECT_FALSE(lookout.pays(at(kLate)));
}

}  // namespace
}  // namespace reeve
