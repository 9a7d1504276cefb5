// Which target is next, and who is left alone.
#include "policy/target_board.h"

#include <array>

#include <gtest/gtest.h>

namespace reeve {
namespace {

using std::chrono::seconds;

const std::array<Target, 3> kThree{Target{"192.0.2.1", 80}, Target{"192.0.2.2", 80}, Target{"/run/app.sock", 0}};
const Redirect kRedirect{.targets = kThree};
constexpr Instant kStart{seconds(1000)};

TEST(TargetBoard, TakesTurns) {
  TargetBoard board(kRedirect);
  std::string turns;
  for (int each = 0; each < 7; ++each) turns += std::to_string(*board.choose(Balance::round_robin, 0, kStart));
  EXPECT_EQ(turns, "0120120");
}

TEST(TargetBoard, EachIsTriedOnce) {
  TargetBoard board(kRedirect);
  EXPECT_EQ(board.choose(Balance::round_robin, 0b001, kStart), 1U);
  EXPECT_EQ(board.choose(Balance::round_robin, 0b011, kStart), 2U);
  EXPECT_EQ(board.choose(Balance::round_robin, 0b111, kStart), std::nullopt);
}

TEST(TargetBoard, TheOneWithTheFewestConversationsIsNext) {
  TargetBoard board(kRedirect);
  board.begin(0);
  board.begin(0);
  board.begin(1);
  board.begin(2);
  EXPECT_NE(board.choose(Balance::least_connections, 0, kStart), 0U);
  board.begin(2);
  EXPECT_EQ(board.choose(Balance::least_connections, 0, kStart), 1U);
  board.end(0);
  board.end(0);
  EXPECT_EQ(board.choose(Balance::least_connections, 0, kStart), 0U);
}

TEST(TargetBoard, EqualOnesTakeTurns) {
  TargetBoard board(kRedirect);
  const auto first = board.choose(Balance::least_connections, 0, kStart);
  EXPECT_NE(board.choose(Balance::least_connections, 0, kStart), first);
}

TEST(TargetBoard, WhoFailedRestsAndIsThenTriedByOne) {
  TargetBoard board(kRedirect);
  EXPECT_TRUE(board.note_failure(0, kStart));
  EXPECT_FALSE(board.note_failure(0, kStart)) << "it is no news";
  for (int each = 0; each < 6; ++each) EXPECT_NE(board.choose(Balance::round_robin, 0, kStart + seconds(9)), 0U);
  int visitors = 0;
  for (int each = 0; each < 6; ++each) visitors += board.choose(Balance::round_robin, 0, kStart + seconds(10)) == 0U ? 1 : 0;
  EXPECT_EQ(visitors, 1);
  EXPECT_TRUE(board.note_answer(0));
  EXPECT_FALSE(board.note_answer(0));
  for (int each = 0; each < 6; ++each) visitors += board.choose(Balance::round_robin, 0, kStart + seconds(10)) == 0U ? 1 : 0;
  EXPECT_EQ(visitors, 3);
}

TEST(TargetBoard, WhenNoneIsWellAllAreTried) {
  TargetBoard board(kRedirect);
  for (std::size_t each = 0; each < 3; ++each) board.note_failure(each, kStart);
  std::uint64_t tried = 0;
  for (int each = 0; each < 3; ++each) {
    const auto chosen = board.choose(Balance::round_robin, tried, kStart);
    ASSERT_TRUE(chosen);
    tried |= std::uint64_t{1} << *chosen;
  }
  EXPECT_EQ(tried, 0b111U);
}

TEST(TargetBoard, AReloadKeepsWhatIsKnown) {
  TargetBoard before(kRedirect);
  before.note_failure(1, kStart);
  const std::array<Target, 2> two{kThree[1], kThree[0]};
  const Redirect changed{.targets = two};
  EXPECT_TRUE(before.is_of(kRedirect));
  EXPECT_FALSE(before.is_of(changed));
  const TargetBoard after(changed, &before);
  EXPECT_TRUE(after.is_of(changed));
  EXPECT_TRUE(after.is_down(0));
  EXPECT_FALSE(after.is_down(1));
}

}  // namespace
}  // namespace reeve
