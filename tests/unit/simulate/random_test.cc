#include "simulate/random.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <gtest/gtest.h>

namespace reeve {
namespace {

using std::chrono::nanoseconds;
using std::chrono::seconds;

TEST(Random, IsTheSameEverywhere) {
  std::uint64_t state = 1;
  EXPECT_EQ(next_random(state), 0x910a'2dec'8902'5cc1u);  // SplitMix64's, as published
  EXPECT_EQ(next_random(state), 0xbeeb'8da1'658e'ec67u);
  EXPECT_NE(random_state(1, 0), random_state(1, 1));
  EXPECT_NE(random_state(1, 0), random_state(2, 0));
}

// The figures themselves: another compiler or processor must not give others.
TEST(Random, DrawsAreTheSameEverywhere) {
  std::uint64_t state = 42;
  EXPECT_EQ((Duration{.form = Duration::Form::exponential, .typical = seconds(10)}.draw(state)), nanoseconds(2'989'926'245));
  EXPECT_EQ((Duration{.form = Duration::Form::log_normal, .typical = seconds(10), .spread = 2}.draw(state)), nanoseconds(5'881'376'046));
  EXPECT_EQ(Duration{.typical = seconds(10)}.draw(state), seconds(10));
}

TEST(Random, MathematicsAgreeWithTheLibrary) {
  for (double x = 1e-12; x < 1e12; x *= 1.37) {
    EXPECT_NEAR(natural_log(x), std::log(x), 1e-12 * std::max(1.0, std::abs(std::log(x)))) << x;
  }
  for (double x = -600; x < 600; x += 0.731) EXPECT_NEAR(power_of_e(x) / std::exp(x), 1, 1e-12) << x;
  EXPECT_EQ(power_of_e(-1e9), 0);
  EXPECT_TRUE(std::isfinite(power_of_e(1e9)));
}

TEST(Random, SharesAndNumbersStayWithinTheirBounds) {
  std::uint64_t state = 3;
  std::vector<int> seen(7);
  for (int i = 0; i < 70'000; ++i) {
    const double share = random_share(state);
    ASSERT_GT(share, 0);
    ASSERT_LE(share, 1);
    ++seen.at(random_below(state, 7));
  }
  for (const int count : seen) EXPECT_NEAR(count, 10'000, 500);
  EXPECT_EQ(random_below(state, 1), 0u);
}

TEST(Random, DistributionsHaveTheirMeans) {
  std::uint64_t state = 5;
  constexpr int kCount = 100'000;
  double sum = 0;
  for (int i = 0; i < kCount; ++i)
    sum += static_cast<double>(Duration{.form = Duration::Form::exponential, .typical = seconds(1)}.draw(state).count());
  EXPECT_NEAR(sum / kCount / 1e9, 1, 0.02);
  std::vector<nanoseconds> drawn;
  for (int i = 0; i < kCount; ++i)
    drawn.push_back(Duration{.form = Duration::Form::log_normal, .typical = seconds(8), .spread = 2}.draw(state));
  std::ranges::sort(drawn);
  const auto at = [&](double share) { return static_cast<double>(drawn[static_cast<std::size_t>(share * kCount)].count()) / 1e9; };
  EXPECT_NEAR(at(0.5), 8, 0.2) << "the median";
  EXPECT_NEAR(at(0.1587), 4, 0.15) << "one spread below it";
  EXPECT_NEAR(at(0.8413), 16, 0.5) << "one spread above it";
}

TEST(Random, ADurationIsNeverLongerThanItsBound) {
  std::uint64_t state = 1;
  for (int i = 0; i < 1000; ++i) {
    const auto drawn = Duration{.form = Duration::Form::log_normal, .typical = Duration::kLongest, .spread = 100}.draw(state);
    ASSERT_LE(drawn, Duration::kLongest);
    ASSERT_GE(drawn.count(), 0);
  }
}

}  // namespace
}  // namespace reeve
