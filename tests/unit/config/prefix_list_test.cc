// Lists of networks in the forms in which others publish them.
#include "config/prefix_list.h"

#include <gtest/gtest.h>

namespace reeve {
namespace {

std::string read(std::string_view text) {
  std::string all;
  for (const Prefix& prefix : parse_prefix_list(text).prefixes) all += (all.empty() ? "" : " ") + to_text(prefix);
  return all;
}

TEST(PrefixListTest, ReadsTheCommonForms) {
  const struct {
    const char *text, *prefixes;
  } kCases[] = {
      {"", ""},
      {"192.0.2.1\n", "192.0.2.1"},
      {"\xef\xbb\xbf# head\r\n192.0.2.0/24\r\n\r\n; end", "192.0.2.0/24"},
      {"2001:db8::/32\n2001:DB8:1::1 # why", "2001:db8::/32"},
      {"192.0.2.77/24", "192.0.2.0/24"},
      {"192.0.2.0/255.255.255.128", "192.0.2.0/25"},
      {"1.10.16.0/20 ; SBL256894\n1.19.0.0/16;SBL434604", "1.10.16.0/20 1.19.0.0/16"},
      {"{\"cidr\":\"1.10.16.0/20\",\"sblid\":\"SBL256894\",\"rir\":\"apnic\"}\n{\"type\":\"metadata\",\"records\":1}", "1.10.16.0/20"},
      {"192.0.2.1\t9\n192.0.2.3,100,2026-01-01\n\"192.0.2.5\",\"x\"", "192.0.2.1 192.0.2.3 192.0.2.5"},
      {"Start\tEnd\tNetmask\n45.143.203.0\t45.143.203.255\t24\t2145\tNAME", "45.143.203.0/24"},
      {"192.0.2.4-192.0.2.9", "192.0.2.4/30 192.0.2.8/31"},
      {"192.0.2.4 - 192.0.2.7", "192.0.2.4/30"},
      {"create drop hash:net family inet\nadd drop 192.0.2.0/24", "192.0.2.0/24"},
      {"192.0.2.0 192.0.2.4 30", "192.0.2.0"},  // nor is that: the prefix of that length ends before
      {"192.0.2.1,192.0.99.1", "192.0.2.1"},    // two columns, and no range
      {"// a remark\n192.0.2.1#x", "192.0.2.1"},
      {"192.0.2.1", "192.0.2.1"},
  };
  for (const auto& [text, prefixes] : kCases) EXPECT_EQ(read(text), prefixes) << text;
}

TEST(PrefixListTest, WhatLiesWithinAnotherIsLeftOut) {
  EXPECT_EQ(read("192.0.2.1\n192.0.2.0/24\n192.0.2.1\n192.0.2.128/25\n192.0.3.0/24\n10.0.0.1\n2001:db8::/32\n2001:db8::1"),
            "10.0.0.1 192.0.2.0/24 192.0.3.0/24 2001:db8::/32");
}

TEST(PrefixListTest, RefusesWithLineAndReason) {
  const PrefixList list =
      parse_prefix_list("# x\nhello world\n1.0.0.0/7\n192.0.2.0/33\n224.0.0.1\n2000::/15\n192.0.2.9-192.0.2.3\n192.0.2.1\n0.0.0.0/0");
  EXPECT_EQ(list.lines, 8u);
  EXPECT_EQ(list.refused, 7u);
  EXPECT_EQ(list.prefixes.size(), 1u);
  EXPECT_EQ(refusals_text(list),
            "7 of 8 lines refused: line 2: `hello` is no address or prefix; line 3: 0.0.0.0/7 is too wide: at most a /8, or a /16 of IPv6; "
            "line 4: `192.0.2.0/33` is no address or prefix; ...");
  EXPECT_EQ(refusals_text(parse_prefix_list("192.0.2.1")), "");
}

TEST(PrefixListTest, ARangeThatShutsOutTooMuchIsRefusedAsAWhole) {
  const PrefixList list = parse_prefix_list("1.2.3.4-200.0.0.1");
  EXPECT_TRUE(list.prefixes.empty());
  EXPECT_EQ(list.refused, 1u);
}

TEST(PrefixListTest, HasABound) {
  const PrefixList list = parse_prefix_list("192.0.2.1\n192.0.2.5\n192.0.2.9\n192.0.2.128-192.0.2.131\n192.0.2.200", 2);
  EXPECT_EQ(list.prefixes.size(), 2u);
  EXPECT_EQ(list.left_out, 3u);
}

TEST(PrefixListTest, ARangeIsExact) {
  for (std::uint32_t first = 0xc0000200; first < 0xc0000210; ++first) {
    for (std::uint32_t last = first; last < 0xc0000228; ++last) {
      const auto prefixes = prefixes_between(Address::v4(first), Address::v4(last));
      for (std::uint32_t each = 0xc00001f0; each < 0xc0000240; ++each) {
        int count = 0;
        for (const Prefix& prefix : prefixes) count += prefix.contains(Address::v4(each)) ? 1 : 0;
        ASSERT_EQ(count, each >= first && each <= last ? 1 : 0) << to_text(Address::v4(first)) << ' ' << to_text(Address::v4(last));
      }
    }
  }
  EXPECT_EQ(prefixes_between(Address::v4(0), Address::v4(UINT32_MAX)).size(), 1u);
  Address highest(std::array<std::uint8_t, 16>{255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255});
  EXPECT_EQ(prefixes_between(*parse_address("8000::"), highest).size(), 1u);
  EXPECT_TRUE(prefixes_between(*parse_address("::1"), Address::v4(1)).empty());
}

}  // namespace
}  // namespace reeve
