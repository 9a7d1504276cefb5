// TouchedPorts: which sources' datagrams came to ports that nobody has, each told once a minute. Pure.
//
// The kernel notes them in sets with a bound of their own (defence/nft_rules.h); this compares one reading with the next. Where
// many are new, kMostAtOnce are told and the rest is counted: addresses are easily forged, and a log is not to be filled by them.
#pragma once

#include <compare>
#include <cstddef>
#include <set>
#include <vector>

#include "defence/nft_listing.h"

namespace reeve {

class TouchedPorts {
 public:
  static constexpr std::size_t kMostAtOnce = 32;

  struct News {
    std::vector<NftListing::Touch> touches;
    std::size_t more = 0;
  };
  [[nodiscard]] News compare(const std::vector<NftListing::Touch>& present);

 private:
  std::set<std::pair<Address, std::uint16_t>> known_;
};

}  // namespace reeve
