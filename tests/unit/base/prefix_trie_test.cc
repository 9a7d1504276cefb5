#include "base/prefix_trie.h"

#include <algorithm>
#include <map>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace reeve {
namespace {

Address address(std::string_view text) {
  return parse_address(text).value();
}
Prefix prefix(std::string_view text, unsigned bits) {
  return Prefix::of(address(text), bits + (address(text).is_v4() ? 96 : 0));
}

std::string found(const PrefixTrie& trie, std::string_view text) {
  const auto match = trie.longest_match(address(text));
  return match ? to_text(match->prefix) + "=" + std::to_string(match->value) : "nothing";
}

TEST(PrefixTrieTest, TheLongestPrefixThatContainsTheAddressWins) {
  PrefixTrie trie;
  EXPECT_EQ(found(trie, "10.1.2.3"), "nothing");
  EXPECT_TRUE(trie.insert(prefix("10.0.0.0", 8), 1));
  EXPECT_TRUE(trie.insert(prefix("10.1.0.0", 16), 2));
  EXPECT_TRUE(trie.insert(prefix("10.1.2.3", 32), 3));
  EXPECT_TRUE(trie.insert(prefix("2001:db8::", 32), 4));
  EXPECT_EQ(found(trie, "10.1.2.3"), "10.1.2.3=3");
  EXPECT_EQ(found(trie, "10.1.2.4"), "10.1.0.0/16=2");
  EXPECT_EQ(found(trie, "10.2.2.4"), "10.0.0.0/8=1");
  EXPECT_EQ(found(trie, "11.2.2.4"), "nothing");
  EXPECT_EQ(found(trie, "2001:db8::7"), "2001:db8::/32=4");
  EXPECT_TRUE(trie.insert(prefix("0.0.0.0", 0), 5));
  EXPECT_EQ(found(trie, "11.2.2.4"), "0.0.0.0/0=5");
  EXPECT_EQ(found(trie, "2001:db9::7"), "nothing");
  EXPECT_TRUE(trie.insert(prefix("::", 0), 6));  // all addresses, those of IPv4 too
  EXPECT_EQ(found(trie, "2001:db9::7"), "::/0=6");
  EXPECT_TRUE(trie.erase(prefix("0.0.0.0", 0)));
  EXPECT_EQ(found(trie, "11.2.2.4"), "::/0=6");
  EXPECT_EQ(trie.size(), 5u);
}

TEST(PrefixTrieTest, AnEntryIsReplacedNotDoubled) {
  PrefixTrie trie;
  EXPECT_TRUE(trie.insert(prefix("10.0.0.0", 8), 1));
  EXPECT_FALSE(trie.insert(prefix("10.0.0.0", 8), 2));
  EXPECT_EQ(trie.find(prefix("10.0.0.0", 8)), 2u);
  EXPECT_EQ(trie.find(prefix("10.0.0.0", 9)), std::nullopt);
  EXPECT_EQ(trie.size(), 1u);
  EXPECT_FALSE(trie.erase(prefix("10.0.0.0", 7)));
  EXPECT_TRUE(trie.erase(prefix("10.0.0.0", 8)));
  EXPECT_FALSE(trie.erase(prefix("10.0.0.0", 8)));
  EXPECT_TRUE(trie.empty());
}

TEST(PrefixTrieTest, ALookUpMayExcludeLongPrefixes) {
  PrefixTrie trie;
  trie.insert(prefix("::", 0), 0);
  for (const unsigned bits : {8u, 9u, 10u, 11u, 16u, 24u, 31u, 32u}) trie.insert(prefix("10.0.0.0", bits), bits);
  for (unsigned most = 0; most <= 128; ++most) {
    std::uint32_t expected = 0;
    for (const unsigned bits : {8u, 9u, 10u, 11u, 16u, 24u, 31u, 32u}) expected = bits + 96 <= most ? bits : expected;
    EXPECT_EQ(trie.longest_match(address("10.0.0.0"), most).value().value, expected) << most;
  }
}

TEST(PrefixTrieTest, AMovedTrieKeepsItsEntriesAndClearForgetsThem) {
  PrefixTrie trie;
  trie.insert(prefix("10.0.0.0", 8), 1);
  PrefixTrie moved = std::move(trie);
  EXPECT_EQ(found(moved, "10.9.9.9"), "10.0.0.0/8=1");
  moved.clear();
  EXPECT_TRUE(moved.empty());
  EXPECT_EQ(found(moved, "10.9.9.9"), "nothing");
}

// The same thing, done the simple way.
class NaiveList {
 public:
  bool insert(const Prefix& p, std::uint32_t value) { return entries_.insert_or_assign(p, value).second; }
  bool erase(const Prefix& p) { return entries_.erase(p) == 1; }
  [[nodiscard]] std::optional<std::pair<Prefix, std::uint32_t>> longest_match(const Address& a, unsigned most_bits) const {
    for (int bits = static_cast<int>(most_bits); bits >= 0; --bits) {
      const auto entry = entries_.find(Prefix::of(a, static_cast<unsigned>(bits)));
      if (entry != entries_.end()) return *entry;
    }
    return std::nullopt;
  }
  [[nodiscard]] const std::map<Prefix, std::uint32_t>& entries() const { return entries_; }

 private:
  std::map<Prefix, std::uint32_t> entries_;
};

// Addresses that often share long beginnings, so that prefixes nest, fork and collapse.
Address some_address(std::mt19937_64& random) {
  switch (random() % 4) {
    case 0:
      return Address::v4(0x0a000000u | static_cast<std::uint32_t>(random() & 0xff));
    case 1:
      return Address::v4(static_cast<std::uint32_t>(random() & 0xc0c0ffff));
    default:
      break;
  }
  std::array<std::uint8_t, 16> bytes{};
  bytes[0] = 0x20;
  for (int i = 0; i < 3; ++i) bytes[random() % 16] = static_cast<std::uint8_t>(random());
  return Address(bytes);
}

unsigned some_length(std::mt19937_64& random) {
  switch (random() % 5) {
    case 0:
      return 128;
    case 1:
      return static_cast<unsigned>(random() % 4);
    case 2:
      return 96 + static_cast<unsigned>(random() % 33);
    default:
      return static_cast<unsigned>(random() % 129);
  }
}

class PrefixTrieProperty : public testing::TestWithParam<std::uint64_t> {};

TEST_P(PrefixTrieProperty, BehavesLikeANaiveList) {
  std::mt19937_64 random(GetParam());
  PrefixTrie trie;
  NaiveList list;
  std::vector<Prefix> known;
  for (int step = 0; step < 18'000; ++step) {
    // Phases of growth and of decline, so that emptying is exercised too.
    const bool growing = step / 3'000 % 2 == 0;
    const unsigned choice = static_cast<unsigned>(random() % 10);
    if (choice < (growing ? 5u : 1u)) {
      const Prefix p = Prefix::of(some_address(random), some_length(random));
      const auto value = static_cast<std::uint32_t>(random());
      ASSERT_EQ(trie.insert(p, value), list.insert(p, value)) << to_text(p);
      known.push_back(p);
    } else if (choice < 6) {
      const std::size_t at = known.empty() ? 0 : random() % known.size();
      const Prefix p = known.empty() || random() % 8 == 0 ? Prefix::of(some_address(random), some_length(random)) : known[at];
      ASSERT_EQ(trie.erase(p), list.erase(p)) << to_text(p);
      if (!known.empty()) {
        known[at] = known.back();
        known.pop_back();
      }
    }
    const Address a = known.empty() || random() % 2 == 0 ? some_address(random) : known[random() % known.size()].address;
    const unsigned most = random() % 3 == 0 ? static_cast<unsigned>(random() % 129) : 128;
    const auto ours = trie.longest_match(a, most);
    const auto theirs = list.longest_match(a, most);
    ASSERT_EQ(ours.has_value(), theirs.has_value()) << to_text(a) << " at step " << step;
    if (ours) {
      ASSERT_EQ(ours->prefix, theirs->first) << to_text(a) << " at step " << step;
      ASSERT_EQ(ours->value, theirs->second);
    }
    const Prefix exact = Prefix::of(a, most);
    const auto entry = list.entries().find(exact);
    ASSERT_EQ(trie.find(exact), entry == list.entries().end() ? std::nullopt : std::optional(entry->second));
    ASSERT_EQ(trie.size(), list.entries().size());
    if (step % 500 == 0) {
      std::map<Prefix, std::uint32_t> visited;
      trie.for_each([&](const Prefix& p, std::uint32_t value) { EXPECT_TRUE(visited.emplace(p, value).second); });
      ASSERT_EQ(visited, list.entries());
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, PrefixTrieProperty, testing::Range<std::uint64_t>(1, 6));

// Large enough for shortcuts in both families: they must stay true through growth, short prefixes that cover
// much of them, and decline.
TEST_P(PrefixTrieProperty, StaysRightWhenItIsLarge) {
  std::mt19937_64 random(GetParam() * 1000);
  const auto near_v4 = static_cast<std::uint32_t>(random() & 0xfff00000);
  const auto crowd = [&](int phase) {
    if (random() % 3 == 0) {
      std::array<std::uint8_t, 16> bytes{0x20, 0x01, 0x0d, 0xb8};
      for (std::size_t i = 8 - static_cast<std::size_t>(phase % 2); i < 12; ++i) bytes[i] = static_cast<std::uint8_t>(random());
      return Address(bytes);
    }
    return phase == 0 ? Address::v4(near_v4 | static_cast<std::uint32_t>(random() % 65536))
                      : Address::v4(static_cast<std::uint32_t>(random()));
  };
  const auto length = [&](const Address& a) {
    const unsigned wide = random() % 200 == 0 ? static_cast<unsigned>(random() % 33) : 17 + static_cast<unsigned>(random() % 16);
    if (random() % 3 != 0) return 128u;
    return a.is_v4() ? 96 + wide : (random() % 400 == 0 ? wide : 64 + wide);
  };
  PrefixTrie trie;
  NaiveList list;
  std::vector<Prefix> known;
  const auto compare = [&](int times) {
    for (int i = 0; i < times; ++i) {
      Address a = random() % 2 == 0 ? crowd(static_cast<int>(random() % 3)) : known[random() % known.size()].address;
      const unsigned most = random() % 3 == 0 ? static_cast<unsigned>(random() % 129) : 128;
      const auto ours = trie.longest_match(a, most);
      const auto theirs = list.longest_match(a, most);
      ASSERT_EQ(ours.has_value(), theirs.has_value()) << to_text(a);
      ASSERT_TRUE(!ours || (ours->prefix == theirs->first && ours->value == theirs->second)) << to_text(a);
    }
  };
  for (int phase = 0; phase < 3; ++phase) {
    for (std::uint32_t i = 0; i < 8'000; ++i) {
      const Address a = crowd(phase);
      const Prefix p = Prefix::of(a, length(a));
      ASSERT_EQ(trie.insert(p, i), list.insert(p, i));
      known.push_back(p);
      if (i % 16 == 0) {
        ASSERT_NO_FATAL_FAILURE(compare(2)) << "phase " << phase << " insertion " << i;
      }
    }
  }
  std::ranges::shuffle(known, random);
  for (std::size_t i = 0; known.size() > 1; ++i) {
    ASSERT_EQ(trie.erase(known.back()), list.erase(known.back()));
    known.pop_back();
    if (i % 16 == 0) {
      ASSERT_NO_FATAL_FAILURE(compare(2)) << "removal " << i;
    }
  }
}

TEST(PrefixTrieTest, APrefixOfBothFamiliesReachesTheShortcutsOfBoth) {
  PrefixTrie trie;
  for (std::uint32_t i = 0; i < 10'000; ++i) {
    trie.insert(Prefix::host(Address::v4(0x0a000000u + i * 64)), 1);
    trie.insert(Prefix::of(parse_address("2001:db8:" + std::to_string(i % 10'000) + "::").value(), 48), 1);
  }
  EXPECT_EQ(found(trie, "10.0.0.1"), "nothing");
  EXPECT_EQ(found(trie, "2001:db8:ffff::1"), "nothing");
  trie.insert(prefix("::", 0), 2);
  EXPECT_EQ(found(trie, "10.0.0.1"), "::/0=2");
  EXPECT_EQ(found(trie, "2001:db8:ffff::1"), "::/0=2");
  EXPECT_EQ(found(trie, "10.0.0.64"), "10.0.0.64=1");
  trie.insert(prefix("0.0.0.0", 0), 3);
  EXPECT_EQ(found(trie, "10.0.0.1"), "0.0.0.0/0=3");
  trie.erase(prefix("0.0.0.0", 0));
  trie.erase(prefix("::", 0));
  EXPECT_EQ(found(trie, "10.0.0.1"), "nothing");
  EXPECT_EQ(found(trie, "2001:db8:ffff::1"), "nothing");
}

TEST(PrefixTrieTest, HoldsEveryAddressOfADenseNetworkAndOfASparseOne) {
  std::mt19937_64 random(11);
  PrefixTrie trie;
  std::vector<Address> addresses;
  for (std::uint32_t i = 0; i < 50'000; ++i) {
    addresses.push_back(Address::v4(0x0a000000u + i));
    addresses.push_back(Address::v4(static_cast<std::uint32_t>(random()) | 0x80000000u));
  }
  for (std::uint32_t i = 0; i < addresses.size(); ++i) trie.insert(Prefix::host(addresses[i]), i);
  for (const Address& a : addresses) ASSERT_EQ(trie.longest_match(a).value().prefix, Prefix::host(a));
  EXPECT_EQ(found(trie, "10.200.0.0"), "nothing");
  for (const Address& a : addresses) trie.erase(Prefix::host(a));
  EXPECT_TRUE(trie.empty());
}

}  // namespace
}  // namespace reeve
