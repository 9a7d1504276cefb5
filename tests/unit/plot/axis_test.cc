#include "plot/axis.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace reeve {
namespace {

std::string texts(const std::vector<Tick>& ticks) {
  std::string all;
  for (const Tick& tick : ticks) all += (all.empty() ? "" : " ") + tick.text;
  return all;
}

Plot elapsed() {
  return {};
}

TEST(ValueAxis, HasRoundNumbersAndReachesTheValue) {
  EXPECT_EQ(texts(value_axis(97, 4).ticks), "0 50 100");
  EXPECT_EQ(texts(value_axis(100, 4).ticks), "0 50 100");
  EXPECT_EQ(texts(value_axis(101, 4).ticks), "0 50 100 150");
  EXPECT_EQ(texts(value_axis(3, 4).ticks), "0 1 2 3");
  EXPECT_EQ(texts(value_axis(0.03, 4).ticks), "0 0.01 0.02 0.03");
  EXPECT_EQ(texts(value_axis(1'200'000, 4).ticks), "0 500k 1M 1.5M");
}

TEST(ValueAxis, IsNeverEmptyNorTooFine) {
  for (const double most : {0.0, -1.0, 1e-300, 1e-7, 0.7, 1.0, 7.0, 12345.6, 1e15, 1e300}) {
    const ValueAxis axis = value_axis(most, 4);
    EXPECT_GE(axis.ticks.size(), 2u) << most;
    EXPECT_LE(axis.ticks.size(), 5u) << most;
    EXPECT_GT(axis.top, 0) << most;
    EXPECT_EQ(axis.ticks.back().at, axis.top) << most;
  }
}

TEST(ShortNumber, KeepsWhatCounts) {
  EXPECT_EQ(short_number(0), "0");
  EXPECT_EQ(short_number(0.25), "0.25");
  EXPECT_EQ(short_number(7), "7");
  EXPECT_EQ(short_number(12.5), "12.5");
  EXPECT_EQ(short_number(999), "999");
  EXPECT_EQ(short_number(999.7), "1,000");
  EXPECT_EQ(short_number(9'999), "9,999");
  EXPECT_EQ(short_number(12'340), "12.3k");
  EXPECT_EQ(short_number(999'999), "1M");
  EXPECT_EQ(short_number(2.5e9), "2.5G");
}

TEST(TimeTicks, OfElapsedTimeAgreeInTheirWords) {
  EXPECT_EQ(texts(time_ticks(elapsed(), 0, 60, 10)), "0:00 0:10 0:20 0:30 0:40 0:50 1:00");
  EXPECT_EQ(time_axis_name(elapsed(), 0, 60, 10), "time (minutes:seconds)");
  EXPECT_EQ(texts(time_ticks(elapsed(), 0, 600, 10)), "0 1 2 3 4 5 6 7 8 9 10");
  EXPECT_EQ(time_axis_name(elapsed(), 0, 600, 10), "time (minutes)");
  EXPECT_EQ(texts(time_ticks(elapsed(), 0, 3 * 3600, 8)), "0:00 0:30 1:00 1:30 2:00 2:30 3:00");
  EXPECT_EQ(time_axis_name(elapsed(), 0, 3 * 3600, 8), "time (hours:minutes)");
  EXPECT_EQ(texts(time_ticks(elapsed(), 0, 7 * 86'400, 10)), "0 1 2 3 4 5 6 7");
  EXPECT_EQ(time_axis_name(elapsed(), 0, 7 * 86'400, 10), "time (days)");
}

TEST(TimeTicks, OfTheDayNameTheDateAtMidnight) {
  Plot plot{.clock = Plot::Clock::wall, .zone = "UTC"};
  const double evening = 1'763'935'200;  // 2025-11-23 22:00:00 UTC
  EXPECT_EQ(texts(time_ticks(plot, evening, evening + 4 * 3600, 5)), "22:00 23:00 24 Nov 01:00 02:00");
  EXPECT_EQ(time_axis_name(plot, evening, evening + 4 * 3600, 5), "time (UTC), from 2025-11-23 22:00:00");
  plot.utc_offset = 3600;
  plot.zone = "CET";
  EXPECT_EQ(texts(time_ticks(plot, evening, evening + 2 * 3600, 5)), "23:00 23:30 24 Nov 00:30 01:00");
  EXPECT_EQ(time_text(plot, evening), "2025-11-23 23:00:00");
}

TEST(TimeTicks, StayFewWhateverTheSpan) {
  for (const double span : {1e-3, 1.0, 59.0, 3601.0, 90'000.0, 4e7, 3e9, 1e11}) {
    EXPECT_LE(time_ticks(elapsed(), 0, span, 10).size(), 11u) << span;
    EXPECT_LE(time_ticks(elapsed(), 17.3, 17.3 + span, 10).size(), 11u) << span;
  }
  EXPECT_TRUE(time_ticks(elapsed(), 5, 5, 10).empty());
}

TEST(TimeText, HasTheFractionOfASecond) {
  EXPECT_EQ(time_text(elapsed(), 90), "0:01:30");
  EXPECT_EQ(time_text(elapsed(), 0.25), "0:00:00.250");
  EXPECT_EQ(time_text(elapsed(), 100'000), "27:46:40");
}

}  // namespace
}  // namespace reeve
