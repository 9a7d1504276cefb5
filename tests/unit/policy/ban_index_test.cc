#include "policy/ban_index.h"

#include <algorithm>
#include <array>
#include <map>
#include <random>
#include <string>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace reeve {
namespace {

using std::chrono::seconds;
constexpr Instant kStart = Instant(seconds(1000));

struct Entry {
  std::uint32_t number = 0;
  Instant end;
};
using Model = std::map<Prefix, Entry>;

std::optional<std::uint32_t> holding(const Model& model, const Address& source, Instant now) {
  std::optional<std::uint32_t> best;
  int most_bits = -1;
  for (const auto& [prefix, entry] : model) {
    if (entry.end <= now || prefix.bits <= most_bits || !prefix.contains(source)) continue;
    most_bits = prefix.bits;
    best = entry.number;
  }
  return best;
}

// Few different addresses, so that prefixes lie in each other and come back after they were erased.
Address some_address(std::mt19937_64& random) {
  const auto low = static_cast<std::uint8_t>(random() % 7), high = static_cast<std::uint8_t>(random() % 3);
  if (random() % 2 == 0) return Address::v4(0x0a000000u | std::uint32_t{high} << 16 | low);
  return Address({0x20, 1, 0, 0, 0, high, 0, low, 0, 0, 0, 0, 0, 0, 0, low});
}

unsigned some_bits(std::mt19937_64& random, const Address& address, unsigned lengths) {
  constexpr std::array<unsigned, 8> kV4{128, 120, 112, 104, 125, 126, 127, 0}, kV6{128, 64, 48, 0, 63, 61, 124, 60};
  return (address.is_v4() ? kV4 : kV6)[random() % lengths];
}

// `lengths`: how many of each family are used.
void agrees_with_the_model(unsigned lengths, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  BanIndex index(seed);
  Model model;
  std::vector<std::uint32_t> free;
  std::uint32_t next = 0;
  for (int step = 0; step < 6'000; ++step) {
    const Address address = some_address(random);
    const Prefix prefix = Prefix::of(address, some_bits(random, address, lengths));
    const Instant end = kStart + seconds(random() % 20);
    const auto known = model.find(prefix);
    if (known == model.end()) {
      EXPECT_FALSE(index.find(prefix));
      EXPECT_FALSE(index.erase(prefix));
      const std::uint32_t number = free.empty() ? next++ : free.back();
      if (!free.empty()) free.pop_back();
      index.insert(prefix, number, end);
      model[prefix] = {number, end};
    } else if (random() % 2 == 0) {
      EXPECT_EQ(index.find(prefix), known->second.number);
      index.set_end(prefix, end);
      known->second.end = end;
    } else {
      EXPECT_TRUE(index.erase(prefix));
      free.push_back(known->second.number);
      model.erase(known);
    }
    ASSERT_EQ(index.size(), model.size());
    const Address source = some_address(random);
    const Instant now = kStart + seconds(random() % 20);
    ASSERT_EQ(index.holding(source, now), holding(model, source, now)) << to_text(source) << " in step " << step;
  }
}

TEST(BanIndexTest, AgreesWithASearchOfAllThroughTheTable) {
  for (std::uint64_t seed = 0; seed < 8; ++seed) agrees_with_the_model(3, seed);
}

TEST(BanIndexTest, AgreesWithASearchOfAllWhereThereAreManyLengths) {
  for (std::uint64_t seed = 0; seed < 8; ++seed) agrees_with_the_model(8, seed);
}

TEST(BanIndexTest, APrefixAroundAllOfIPv4HoldsForItsAddresses) {
  BanIndex index;
  index.insert(Prefix::of(Address(), 0), 0, kStart);
  EXPECT_EQ(index.holding(Address::v4(1), kStart - seconds(1)), 0u);
  index.insert(Prefix::of(Address::v4(0), 90), 1, kStart);
  EXPECT_EQ(index.holding(Address::v4(1), kStart - seconds(1)), 1u);
  EXPECT_EQ(index.holding(Address::v4(1), kStart), std::nullopt);
  EXPECT_EQ(index.holding(Address({0x20, 1}), kStart - seconds(1)), 0u);
}

TEST(BanIndexTest, NothingIsLostWhenItGrowsAndShrinks) {
  BanIndex index(42);
  constexpr std::uint32_t kMany = 20'000;
  for (std::uint32_t each = 0; each < kMany; ++each) index.insert(Prefix::host(Address::v4(each * 7)), each, kStart);
  for (std::uint32_t each = 0; each < kMany; each += 2) ASSERT_TRUE(index.erase(Prefix::host(Address::v4(each * 7))));
  for (std::uint32_t each = 0; each < kMany; ++each) {
    const auto expected = each % 2 == 0 ? std::nullopt : std::optional(each);
    ASSERT_EQ(index.find(Prefix::host(Address::v4(each * 7))), expected);
    ASSERT_EQ(index.holding(Address::v4(each * 7), kStart - seconds(1)), expected);
  }
}

// More than BanLengths::kMany, of all lengths, and then few of them again: its map is made, widened, outlives what went, and is
// made anew.
TEST(BanIndexTest, ManyPrefixesOfManyLengthsAreFoundWhileTheyComeAndGo) {
  std::mt19937_64 random(7);
  const auto address = [&] {
    const auto low = static_cast<std::uint32_t>(random());
    if (random() % 2 == 0) return Address::v4(low);
    std::array<std::uint8_t, 16> bytes{0x20, static_cast<std::uint8_t>(low), static_cast<std::uint8_t>(low >> 8),
                                       static_cast<std::uint8_t>(low >> 16)};
    for (std::size_t each = 4; each < 16; ++each) bytes[each] = static_cast<std::uint8_t>(random());
    return Address(bytes);
  };
  BanIndex index(random());
  std::unordered_map<std::string, std::uint32_t> model;
  std::vector<Prefix> all;
  const auto holding_of_model = [&](const Address& source) -> std::optional<std::uint32_t> {
    for (unsigned bits = 129; bits-- > 0;) {
      if (const auto found = model.find(to_text(Prefix::of(source, bits))); found != model.end()) return found->second;
    }
    return std::nullopt;
  };
  const auto agrees = [&](std::size_t each) {
    const Prefix& some = all[each];
    EXPECT_EQ(index.holding(some.address, kStart - seconds(1)), holding_of_model(some.address)) << to_text(some);
    const Address stranger = address();
    EXPECT_EQ(index.holding(stranger, kStart - seconds(1)), holding_of_model(stranger)) << to_text(stranger);
  };
  constexpr std::uint32_t kCount = BanLengths::kMany * 3;
  for (std::uint32_t each = 0; each < kCount; ++each) {
    const Address around = address();
    const unsigned above = static_cast<unsigned>(random() % (random() % 2 == 0 ? 4 : around.is_v4() ? 32 : 128));
    const Prefix prefix = Prefix::of(around, 128 - above);
    all.push_back(prefix);
    if (!model.emplace(to_text(prefix), each).second) continue;
    index.insert(prefix, each, kStart);
    if (each % 4'000 == 0) agrees(random() % all.size());
  }
  std::ranges::shuffle(all, random);
  for (std::size_t each = 0; each < all.size(); ++each) {
    EXPECT_EQ(index.erase(all[each]), model.erase(to_text(all[each])) == 1);
    if (each % 4'000 == 0) agrees(each + random() % (all.size() - each));
  }
  EXPECT_EQ(index.size(), 0U);
}

}  // namespace
}  // namespace reeve
