// NftListing: what nft(8) writes of our table, taken apart. Pure.
//
// The firewall process compares it with what should be there. The elements of the sets that change by themselves (bans end, sources
// come) are taken out; `structure` is all the rest, the same text as long as nobody changes a rule.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.h"

namespace reeve {

struct NftListing {
  struct BannedElement {
    Prefix prefix;
    std::optional<std::chrono::milliseconds> left;  // nullopt: for ever
  };
  struct Touch {
    Address source;
    std::uint16_t port = 0;
  };
  std::string structure;
  std::vector<BannedElement> bans;  // one may be told twice
  std::vector<Touch> touches;       // sources and the UDP ports that nobody has
  std::vector<std::string> ban_sets;
  std::size_t strange = 0;    // elements that are none
  std::uint64_t refused = 0;  // packets of banned sources
};

[[nodiscard]] NftListing parse_nft_listing(std::string_view text);

// "1d2h3m4s5ms"; nullopt: not one.
[[nodiscard]] std::optional<std::chrono::milliseconds> parse_nft_time(std::string_view text) noexcept;

}  // namespace reeve
