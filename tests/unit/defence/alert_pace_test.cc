// So many alerts a minute.
#include "defence/alert_pace.h"

#include <gtest/gtest.h>

namespace reeve {
namespace {

using namespace std::chrono_literals;

TEST(AlertPaceTest, AdmitsSoManyAMinuteAndSaysTheRestOnce) {
  AlertPace pace(3);
  const Instant begin{1000s};
  int admitted = 0;
  for (int each = 0; each < 10; ++each) admitted += pace.admit(begin + each * 1s) ? 1 : 0;
  EXPECT_EQ(admitted, 3);
  EXPECT_EQ(pace.next(), begin + 60s);
  EXPECT_EQ(pace.take_held_back(begin + 59s), std::nullopt);
  EXPECT_EQ(pace.take_held_back(begin + 60s), 7u);
  EXPECT_EQ(pace.take_held_back(begin + 60s), std::nullopt);
  EXPECT_EQ(pace.next(), std::nullopt);
  EXPECT_TRUE(pace.admit(begin + 60s));
}

TEST(AlertPaceTest, AMinuteBeginsWithItsFirstEvent) {
  AlertPace pace(1);
  EXPECT_TRUE(pace.admit(Instant{0s}));
  EXPECT_TRUE(pace.admit(Instant{100s}));
  EXPECT_FALSE(pace.admit(Instant{159s}));
  EXPECT_TRUE(pace.admit(Instant{160s}));
}

}  // namespace
}  // namespace reeve
