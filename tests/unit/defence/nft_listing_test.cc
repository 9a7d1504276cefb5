#include "defence/nft_listing.h"

#include <gtest/gtest.h>

namespace reeve {
namespace {

using std::chrono::milliseconds;

constexpr const char* kListing = R"(table inet reeve_1 {
	comment "reeved, /etc/x#y.conf"
	counter refused {
		packets 12 bytes 720
	}

	set guarded4 {
		type ipv4_addr
		flags interval
		auto-merge
		elements = { 10.0.0.0/8 }
	}

	set ban4_32 {
		type ipv4_addr
		flags timeout
		elements = { 192.0.2.1 timeout 10m expires 9m59s304ms, 192.0.2.2,
			     192.0.2.3 timeout 1h expires 1s }
	}

	set ban6_64 {
		type ipv6_addr
		flags timeout	# count 1
		elements = { 2001:db8:: timeout 1d expires 23h59m }
	}

	set touched4 {
		type ipv4_addr . inet_service
		size 4096
		elements = { 198.51.100.7 . 161 expires 59s988ms }
	}

	chain judge {
		ip saddr @guarded4 return
	}
}
)";

TEST(NftListing, TakesBansAndTouchesOut) {
  const NftListing listing = parse_nft_listing(kListing);
  ASSERT_EQ(listing.bans.size(), 4u);
  EXPECT_EQ(to_text(listing.bans[0].prefix), "192.0.2.1");
  EXPECT_EQ(listing.bans[0].left, milliseconds(599'304));
  EXPECT_EQ(listing.bans[1].left, std::nullopt);
  EXPECT_EQ(listing.bans[2].left, milliseconds(1000));
  EXPECT_EQ(to_text(listing.bans[3].prefix), "2001:db8::/64");
  ASSERT_EQ(listing.touches.size(), 1u);
  EXPECT_EQ(listing.touches[0].port, 161);
  EXPECT_EQ(listing.refused, 12u);
  EXPECT_EQ(listing.strange, 0u);
  EXPECT_EQ(listing.ban_sets, (std::vector<std::string>{"ban4_32", "ban6_64"}));
}

TEST(NftListing, StructureIsTheSameWhoeverIsBanned) {
  std::string other = kListing;
  const std::size_t from = other.find("elements = { 192"), to = other.find('}', from);
  other.erase(from - 2, to - from + 4);
  other.replace(other.find("packets 12 bytes 720"), 20, "packets 13 bytes 999");
  other.replace(other.find("# count 1"), 9, "# count 9");
  EXPECT_EQ(parse_nft_listing(other).structure, parse_nft_listing(kListing).structure);
  EXPECT_NE(parse_nft_listing(kListing).structure.find("10.0.0.0/8"), std::string::npos);
  other.replace(other.find("@guarded4 return"), 16, "@guarded4 accept");
  EXPECT_NE(parse_nft_listing(other).structure, parse_nft_listing(kListing).structure);
}

TEST(NftListing, WhatIsNoneOfOursIsCounted) {
  const NftListing listing = parse_nft_listing("set ban4_24 {\nelements = { 2001:db8::1, word, 192.0.2.0 }\n");
  EXPECT_EQ(listing.strange, 2u);
  ASSERT_EQ(listing.bans.size(), 1u);
  EXPECT_EQ(to_text(listing.bans[0].prefix), "192.0.2.0/24");
}

TEST(NftListing, CutShort) {
  const std::string whole = kListing;
  for (std::size_t size = 0; size < whole.size(); ++size) (void)parse_nft_listing(std::string_view(whole).substr(0, size));
}

TEST(NftListing, Times) {
  EXPECT_EQ(parse_nft_time("1d2h3m4s5ms"), milliseconds(93'784'005));
  EXPECT_EQ(parse_nft_time("0s"), milliseconds(0));
  for (const char* bad : {"", "s", "5", "5x", "-1s", "99999999999s"}) EXPECT_EQ(parse_nft_time(bad), std::nullopt) << bad;
}

}  // namespace
}  // namespace reeve
