#include "defence/nft_bans.h"

#include <gtest/gtest.h>

namespace reeve {
namespace {

using std::chrono::seconds;

constexpr Instant kNow{std::chrono::hours(100)};

Prefix prefix(const char* address, unsigned bits) {
  return Prefix::of(parse_address(address).value(), bits + 96);
}

class NftBansTest : public testing::Test {
 protected:
  std::string take() { return bans_.take("t", kNow); }
  NftBans bans_;
};

TEST_F(NftBansTest, NewOnesAreAdded) {
  bans_.put(prefix("192.0.2.1", 32), kNow + seconds(60));
  bans_.put(prefix("192.0.2.0", 24), std::nullopt);
  EXPECT_EQ(take(), "add element inet t ban4_24 { 192.0.2.0 }\nadd element inet t ban4_32 { 192.0.2.1 timeout 60s }\n");
  EXPECT_FALSE(bans_.has_changes());
  EXPECT_EQ(take(), "");
}

TEST_F(NftBansTest, ExtendedOnesGoAndCome) {
  bans_.put(prefix("192.0.2.1", 32), kNow + seconds(60));
  (void)take();
  bans_.put(prefix("192.0.2.1", 32), kNow + seconds(90));
  EXPECT_EQ(take(),
            "add element inet t ban4_32 { 192.0.2.1 }\ndelete element inet t ban4_32 { 192.0.2.1 }\n"
            "add element inet t ban4_32 { 192.0.2.1 timeout 90s }\n");
  bans_.put(prefix("192.0.2.1", 32), kNow + seconds(90));
  EXPECT_FALSE(bans_.has_changes());
}

TEST_F(NftBansTest, LiftedOnesGo) {
  bans_.put(prefix("192.0.2.1", 32), kNow + seconds(60));
  (void)take();
  bans_.lift(prefix("192.0.2.1", 32));
  EXPECT_EQ(take(), "add element inet t ban4_32 { 192.0.2.1 }\ndelete element inet t ban4_32 { 192.0.2.1 }\n");
  bans_.lift(prefix("192.0.2.9", 32));
  EXPECT_FALSE(bans_.has_changes());
}

TEST_F(NftBansTest, FractionsAreRoundedUp) {
  bans_.put(prefix("192.0.2.1", 32), kNow + std::chrono::milliseconds(1));
  EXPECT_EQ(take(), "add element inet t ban4_32 { 192.0.2.1 timeout 1s }\n");
}

TEST_F(NftBansTest, EverythingAnewChangesOnlyWhatDiffers) {
  bans_.put(prefix("192.0.2.1", 32), kNow + seconds(60));
  bans_.put(prefix("192.0.2.2", 32), kNow + seconds(60));
  (void)take();
  bans_.begin();
  bans_.put(prefix("192.0.2.2", 32), kNow + seconds(60));
  bans_.put(prefix("192.0.2.3", 32), kNow + seconds(60));
  EXPECT_FALSE(bans_.has_changes());
  bans_.end();
  EXPECT_EQ(take(),
            "add element inet t ban4_32 { 192.0.2.1 }\ndelete element inet t ban4_32 { 192.0.2.1 }\n"
            "add element inet t ban4_32 { 192.0.2.3 timeout 60s }\n");
}

TEST_F(NftBansTest, ComparedWithWhatTheKernelHas) {
  const Prefix right = prefix("192.0.2.1", 32), lost = prefix("192.0.2.2", 32), wrong = prefix("192.0.2.3", 32),
               foreign = prefix("192.0.2.4", 32), for_ever = prefix("192.0.2.5", 32), ending = prefix("192.0.2.6", 32);
  for (const Prefix& each : {right, lost, wrong}) bans_.put(each, kNow + seconds(600));
  bans_.put(for_ever, std::nullopt);
  bans_.put(ending, kNow + seconds(1));
  (void)take();
  NftListing listing;
  listing.bans = {{right, seconds(599)}, {right, seconds(599)}, {wrong, seconds(60)}, {foreign, std::nullopt}, {for_ever, std::nullopt}};
  EXPECT_EQ(bans_.compare(listing, kNow, kNow), 3u);
  const std::string text = take();
  EXPECT_NE(text.find("192.0.2.2 timeout 600s"), std::string::npos);
  EXPECT_NE(text.find("192.0.2.3 timeout 600s"), std::string::npos);
  EXPECT_EQ(text.find("192.0.2.1"), std::string::npos);
  EXPECT_EQ(text.find("192.0.2.5"), std::string::npos);
  EXPECT_EQ(text.find("192.0.2.4 timeout"), std::string::npos);
  EXPECT_NE(text.find("192.0.2.4"), std::string::npos);
  listing.bans = {{right, seconds(599)}, {lost, seconds(600)}, {wrong, seconds(600)}, {for_ever, std::nullopt}};
  EXPECT_EQ(bans_.compare(listing, kNow, kNow), 0u);
  EXPECT_EQ(bans_.compare(listing, kNow - seconds(8), kNow - seconds(8)), 4u) << "ends that are later than ours";
  EXPECT_EQ(bans_.compare(listing, kNow - seconds(8), kNow), 0u) << "reading took that long";
}

TEST_F(NftBansTest, WhatEndedIsForgotten) {
  bans_.put(prefix("192.0.2.1", 32), kNow + seconds(1));
  bans_.put(prefix("192.0.2.2", 32), std::nullopt);
  bans_.expire(kNow + seconds(1));
  EXPECT_EQ(bans_.size(), 1u);
}

TEST_F(NftBansTest, ATransactionHasABound) {
  for (std::uint32_t each = 0; each < NftBans::kAtOnce + 1; ++each) bans_.put(Prefix::host(Address::v4(each + 1)), std::nullopt);
  (void)take();
  EXPECT_TRUE(bans_.has_changes());
  (void)take();
  EXPECT_FALSE(bans_.has_changes());
}

TEST_F(NftBansTest, AllTheWorldIsLeftToTheEngine) {
  bans_.put(prefix("0.0.0.0", 0), std::nullopt);
  EXPECT_FALSE(bans_.has_changes());
  EXPECT_EQ(bans_.left_out(), 1u);
}

}  // namespace
}  // namespace reeve
