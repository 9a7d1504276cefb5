// PrefixList: a text of networks, as others publish what they have collected, read into prefixes.
//
// A line holds an address, a prefix (192.0.2.0/24, 192.0.2.0/255.255.255.0) or a range of addresses; what stands behind it is
// left out: counts, dates, comments after # or ;. So the common forms of public lists can be read: plain lists and netsets,
// Spamhaus' text and its lines of JSON ("cidr"), tables and CSV whose first field is the address, DShield's ranges, `add` lines
// of ipset's. Foreign bytes: total over any text. Pure.
//
// Refused with their line: what is no address, what would shut out too much (wider than a /8, or a /16 of IPv6), and addresses that
// no client has (multicast, 0.0.0.0). Bound: `most` prefixes; what is over it is counted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.h"

namespace reeve {

constexpr std::size_t kMaxListedPrefixes = 1'000'000;  // of all lists together
constexpr std::size_t kMaxListBytes = 64u << 20;       // of one
constexpr unsigned kWidestListedV4 = 8, kWidestListedV6 = 16;

struct PrefixList {
  struct Refused {
    std::uint64_t line = 0;
    std::string why, text;
  };
  static constexpr std::size_t kMostShown = 3;

  std::vector<Prefix> prefixes;  // sorted; none lies within another
  std::uint64_t lines = 0;       // that are neither empty nor comments
  std::uint64_t refused = 0;
  std::uint64_t left_out = 0;  // prefixes over the bound
  std::vector<Refused> shown;  // the first of the refused lines
};

[[nodiscard]] PrefixList parse_prefix_list(std::string_view text, std::size_t most = kMaxListedPrefixes);

// "2 of 400 lines refused: line 7: `x` is neither ...; line 9: ..."; empty: none.
[[nodiscard]] std::string refusals_text(const PrefixList& list);

// The fewest prefixes that hold exactly the addresses from `first` to `last`; empty when they are of two families or in the wrong order.
[[nodiscard]] std::vector<Prefix> prefixes_between(const Address& first, const Address& last);

}  // namespace reeve
