// From where operators work: remembered for an hour, and never more than a few.
#include "engine/operators.h"

#include <gtest/gtest.h>

namespace reeve {
namespace {

Address numbered(std::uint32_t number) {
  return Address::v4(0xc0000200u + number);
}

TEST(Operators, AreRememberedForAnHourAfterTheirLastQuestion) {
  Operators operators;
  const Instant begin{std::chrono::hours(5)};
  EXPECT_TRUE(operators.note(numbered(1), begin));
  EXPECT_FALSE(operators.note(numbered(1), begin + std::chrono::minutes(30)));
  EXPECT_EQ(operators.next_end(), begin + std::chrono::minutes(90));
  EXPECT_FALSE(operators.expire(begin + std::chrono::minutes(89)));
  EXPECT_TRUE(operators.expire(begin + std::chrono::minutes(90)));
  EXPECT_EQ(operators.next_end(), std::nullopt);
}

TEST(Operators, AtTheBoundTheQuietestGoes) {
  Operators operators;
  const Instant begin{std::chrono::hours(5)};
  for (std::uint32_t each = 0; each < Operators::kMost; ++each) operators.note(numbered(each), begin + std::chrono::seconds(each));
  operators.note(numbered(0), begin + std::chrono::minutes(1));
  EXPECT_TRUE(operators.note(numbered(200), begin + std::chrono::minutes(2)));
  const auto left = operators.addresses();
  EXPECT_EQ(left.size(), Operators::kMost);
  EXPECT_EQ(std::ranges::count(left, numbered(0)), 1);
  EXPECT_EQ(std::ranges::count(left, numbered(1)), 0);
}

TEST(Operators, OneCanBeForgotten) {
  Operators operators;
  operators.note(numbered(1), Instant{});
  EXPECT_TRUE(operators.forget(numbered(1)));
  EXPECT_FALSE(operators.forget(numbered(1)));
}

}  // namespace
}  // namespace reeve
