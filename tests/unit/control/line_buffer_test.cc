#include "control/line_buffer.h"

#include <algorithm>
#include <random>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace reeve {
namespace {

std::size_t put(LineBuffer& lines, std::string_view bytes) {
  const auto room = lines.room();
  const std::size_t count = std::min(room.size(), bytes.size());
  std::copy_n(bytes.begin(), count, room.begin());
  lines.filled(count);
  return count;
}

TEST(LineBufferTest, LinesAreTheSameHoweverTheyArrive) {
  std::mt19937 random(3);
  std::string text;
  std::vector<std::string> expected;
  for (int each = 0; each < 300; ++each) {
    expected.push_back(std::string(random() % (each % 10 == 0 ? LineBuffer::kMaxLine : 30), static_cast<char>('a' + each % 26)));
    text += expected.back() + "\n";
  }
  for (const std::size_t piece : {1u, 7u, 1000u, 100000u}) {
    LineBuffer lines;
    std::vector<std::string> found;
    for (std::string_view left = text; !left.empty();) {
      left.remove_prefix(put(lines, left.substr(0, piece)));
      while (auto line = lines.next()) found.push_back(std::move(*line));
      ASSERT_FALSE(lines.is_too_long());
    }
    EXPECT_EQ(found, expected) << piece;
  }
}

TEST(LineBufferTest, ALineThatIsTooLongIsNoLine) {
  LineBuffer lines;
  EXPECT_EQ(put(lines, std::string(LineBuffer::kMaxLine - 1, 'a')), LineBuffer::kMaxLine - 1);
  EXPECT_FALSE(lines.is_too_long());
  put(lines, "a");
  EXPECT_TRUE(lines.is_too_long());
  EXPECT_EQ(lines.next(), std::nullopt);
  EXPECT_TRUE(lines.room().empty());
}

TEST(LineBufferTest, TheLongestLine) {
  LineBuffer lines;
  put(lines, std::string(LineBuffer::kMaxLine - 1, 'a') + "\n");
  EXPECT_FALSE(lines.is_too_long());
  EXPECT_EQ(lines.next()->size(), LineBuffer::kMaxLine - 1);
  EXPECT_EQ(lines.next(), std::nullopt);
}

}  // namespace
}  // namespace reeve
