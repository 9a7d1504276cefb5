#include "config/values.h"

#include <array>

#include <gtest/gtest.h>

namespace reeve {
namespace {

TEST(Values, IntegersAreDecimalAndSaturate) {
  EXPECT_EQ(parse_integer("0"), 0);
  EXPECT_EQ(parse_integer("+7"), 7);
  EXPECT_EQ(parse_integer("-7"), -7);
  EXPECT_EQ(parse_integer("9223372036854775807"), INT64_MAX);
  EXPECT_EQ(parse_integer("99999999999999999999999"), INT64_MAX);
  EXPECT_EQ(parse_integer("-99999999999999999999999"), -INT64_MAX);
  for (const char* bad : {"", "+", "-", "x", "1x", "1 ", " 1", "0x10", "1.5", "--1", "+-1", "1e9"}) EXPECT_FALSE(parse_integer(bad)) << bad;
}

TEST(Values, OctalHasNoEights) {
  EXPECT_EQ(parse_octal("0777"), 0777);
  EXPECT_FALSE(parse_octal("8"));
}

TEST(Values, SizesTakeKAndMAndSaturate) {
  EXPECT_EQ(parse_size("4096"), 4096U);
  EXPECT_EQ(parse_size("4K"), 4096U);
  EXPECT_EQ(parse_size("4k"), 4096U);
  EXPECT_EQ(parse_size("2M"), 2U << 20);
  EXPECT_EQ(parse_size("0"), 0U);
  EXPECT_EQ(parse_size("9999999999999999M"), static_cast<std::uint64_t>(INT64_MAX));
  for (const char* bad : {"", "K", "M", "-1", "-1K", "1G", "1KK", "K1", "1 K"}) EXPECT_FALSE(parse_size(bad)) << bad;
}

TEST(Values, LoadsAreDecimalFractions) {
  EXPECT_FLOAT_EQ(*parse_decimal("2.5"), 2.5F);
  EXPECT_FLOAT_EQ(*parse_decimal("2"), 2.0F);
  for (const char* bad : {"", ".", "2.5.1", "-1", "1e3", "nan", "inf", "x"}) EXPECT_FALSE(parse_decimal(bad)) << bad;
}

TEST(Values, DistanceCountsEditsAndSwaps) {
  EXPECT_EQ(edit_distance("only_from", "only_from", 2), 0U);
  EXPECT_EQ(edit_distance("only_form", "only_from", 2), 1U);
  EXPECT_EQ(edit_distance("onlyfrom", "only_from", 2), 1U);
  EXPECT_EQ(edit_distance("ONLY_FROM", "only_from", 2), 0U);
  EXPECT_EQ(edit_distance("", "ab", 2), 2U);
  EXPECT_EQ(edit_distance("abc", "xyz", 2), 3U);
  EXPECT_EQ(edit_distance("a", "abcdef", 2), 3U);
}

TEST(Values, NearestIsTheOneMeantOrNone) {
  constexpr auto kWords = std::to_array<std::string_view>({"cps", "only_from", "nice"});
  EXPECT_EQ(nearest("only_form", kWords), "only_from");
  EXPECT_EQ(nearest("cpss", kWords), "cps");
  EXPECT_EQ(nearest("id", kWords), "");
  EXPECT_EQ(nearest("xps", kWords), "cps");
  EXPECT_EQ(nearest("ab", kWords), "");
  EXPECT_EQ(nearest(std::string(1000, 'a'), kWords), "");
  EXPECT_EQ(did_you_mean("nise", kWords), "did you mean `nice`?");
  EXPECT_EQ(did_you_mean("colour", kWords), "");
}

}  // namespace
}  // namespace reeve
