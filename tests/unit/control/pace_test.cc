#include "control/pace.h"

#include <gtest/gtest.h>

namespace reeve {
namespace {

constexpr std::int64_t kRate = 20, kBurst = 50;
constexpr Instant kStart = Instant(std::chrono::seconds(1000));

TEST(PaceTest, ABurstIsFreeAndThenTheRateHolds) {
  Pace pace(kRate, kBurst);
  for (int each = 0; each < kBurst; ++each) EXPECT_EQ(pace.take(7, kStart), kStart);
  Instant last = kStart;
  for (int each = 0; each < 10 * kRate; ++each) last = pace.take(7, kStart);
  EXPECT_EQ(last, kStart + std::chrono::seconds(10));
  EXPECT_EQ(pace.take(8, kStart), kStart) << "another user is not his debtor";
}

TEST(PaceTest, WhoWaitsHasABurstAgain) {
  Pace pace(kRate, kBurst);
  for (int each = 0; each < 2 * kBurst; ++each) (void)pace.take(7, kStart);
  const Instant later = kStart + std::chrono::seconds(100);
  for (int each = 0; each < kBurst; ++each) EXPECT_EQ(pace.take(7, later), later);
  EXPECT_GT(pace.take(7, later), later);
}

TEST(PaceTest, ManyUsersPushOutTheQuietest) {
  Pace pace(kRate, kBurst);
  for (int each = 0; each < 2 * kBurst; ++each) (void)pace.take(1, kStart);
  for (std::uint32_t uid = 2; uid < 10 * Pace::kMaxUsers; ++uid) EXPECT_EQ(pace.take(uid, kStart), kStart);
  EXPECT_GT(pace.take(1, kStart), kStart) << "who asks most is remembered";
}

}  // namespace
}  // namespace reeve
