#include "defence/touched_ports.h"

#include <gtest/gtest.h>

namespace reeve {
namespace {

TEST(TouchedPorts, EachIsNewOnce) {
  TouchedPorts touched;
  const NftListing::Touch one{Address::v4(1), 161}, other{Address::v4(1), 162};
  EXPECT_EQ(touched.compare({one, one}).touches.size(), 1u);
  EXPECT_TRUE(touched.compare({one}).touches.empty());
  ASSERT_EQ(touched.compare({one, other}).touches.size(), 1u);
  EXPECT_TRUE(touched.compare({}).touches.empty());
  EXPECT_EQ(touched.compare({one}).touches.size(), 1u);
}

TEST(TouchedPorts, ManyAreCounted) {
  TouchedPorts touched;
  std::vector<NftListing::Touch> many;
  for (std::uint32_t each = 0; each < 100; ++each) many.push_back({Address::v4(each), 161});
  const auto news = touched.compare(many);
  EXPECT_EQ(news.touches.size(), TouchedPorts::kMostAtOnce);
  EXPECT_EQ(news.more, 100 - TouchedPorts::kMostAtOnce);
}

}  // namespace
}  // namespace reeve
