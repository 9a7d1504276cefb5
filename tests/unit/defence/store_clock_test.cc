// Time in the store: within a boot, over a reboot, and with wall clocks that lie.
#include "defence/store_clock.h"

#include <gtest/gtest.h>

namespace reeve {
namespace {

using namespace std::chrono_literals;

constexpr WallTime kDate{std::chrono::seconds(1'764'072'000)};

ClockReading at(std::chrono::nanoseconds since_boot, WallTime wall) {
  return {Instant(since_boot), wall};
}

TEST(StoreClock, StartsWithTheWallClock) {
  const auto clock = StoreClock::start(std::nullopt, "a", at(100s, kDate));
  EXPECT_EQ(clock.now(at(100s, kDate)), 1'764'072'000'000);
  EXPECT_EQ(clock.now(at(101s, kDate)), 1'764'072'001'000);
}

TEST(StoreClock, AStepOfTheWallClockMovesNothingWithinABoot) {
  const auto clock = StoreClock::start(std::nullopt, "a", at(100s, kDate));
  const StoreTime until = clock.ceil(Instant(3700s));
  const auto kept = clock.keep(at(160s, kDate + 24h));
  const auto again = StoreClock::start(kept, "a", at(200s, kDate - 24h));
  EXPECT_EQ(again.instant(until), Instant(3700s));
}

TEST(StoreClock, OverARebootTheWallClockSaysHowLongItTook) {
  const auto clock = StoreClock::start(std::nullopt, "a", at(1000s, kDate));
  const StoreTime until = clock.ceil(Instant(4600s));  // in an hour
  const auto kept = clock.keep(at(1000s, kDate));
  const auto again = StoreClock::start(kept, "b", at(5s, kDate + 30min));
  EXPECT_EQ(again.instant(until), Instant(5s + 30min));
}

// A machine without a clock of its own: it booted in 1970, then was told the time, then booted again.
TEST(StoreClock, AWallClockThatWasSetBetweenCountsAsTheOneThatIsRight) {
  const auto clock = StoreClock::start(std::nullopt, "a", at(10s, WallTime(10s)));
  const StoreTime until = clock.ceil(Instant(7200s));
  const auto kept = clock.keep(at(3600s, kDate));  // right since
  const auto again = StoreClock::start(kept, "b", at(8s, kDate + 30min));
  EXPECT_EQ(again.instant(until), Instant(8s + 30min));
}

TEST(StoreClock, NeverGoesBackward) {
  const auto clock = StoreClock::start(std::nullopt, "a", at(1000s, kDate));
  const StoreTime until = clock.ceil(Instant(4600s));
  const auto kept = clock.keep(at(2800s, kDate + 30min));
  const auto again = StoreClock::start(kept, "b", at(5s, WallTime(5s)));
  EXPECT_EQ(again.instant(until), Instant(5s + 30min));
}

TEST(StoreClock, ABootClockThatShowsLessIsAnotherBoot) {
  const auto clock = StoreClock::start(std::nullopt, "a", at(1000s, kDate));
  const StoreTime until = clock.ceil(Instant(4600s));
  const auto kept = clock.keep(at(1000s, kDate));
  const auto again = StoreClock::start(kept, "a", at(10s, kDate + 10min));
  EXPECT_EQ(again.instant(until), Instant(10s + 50min));
  const auto unknown = StoreClock::start(StoreClock::Kept{"", kept.ahead, kept.wall_behind, kept.last}, "", at(5000s, kDate + 10min));
  EXPECT_EQ(unknown.instant(until), Instant(5000s + 50min));
}

TEST(StoreClock, WhatWasReadIsWrittenAsTheSame) {
  const auto clock = StoreClock::start(std::nullopt, "a", at(1000s + 123'456'789ns, kDate + 987'654'321ns));
  const StoreTime kept = clock.floor(Instant(1s + 999ns));
  EXPECT_EQ(clock.floor(clock.instant(kept)), kept);
  EXPECT_EQ(clock.ceil(clock.instant(kept)), kept);
  EXPECT_GE(clock.instant(clock.ceil(Instant(1s + 999ns))), Instant(1s + 999ns));
}

TEST(StoreClock, SaysDatesByTheWallClockOfNow) {
  const auto clock = StoreClock::start(std::nullopt, "a", at(10s, WallTime(10s)));
  const StoreTime begun = clock.floor(Instant(3000s));
  EXPECT_EQ(StoreClock::wall(begun, clock.now(at(3600s, kDate)), kDate), kDate - 600s);
}

TEST(StoreClock, AFarTimeIsNoOverflow) {
  const auto clock = StoreClock::start(std::nullopt, "a", at(10s, kDate));
  EXPECT_GT(clock.instant(INT64_MAX / 2), Instant(24h * 365 * 80));
  EXPECT_LT(clock.instant(INT64_MIN / 2), Instant(0s));
}

}  // namespace
}  // namespace reeve
