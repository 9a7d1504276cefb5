// SourceAddresses: the addresses of a population's sources, computed and not kept: a million of them cost nothing.
//
// Sources take turns among the prefixes; within a prefix they fill networks of the population's size, so many in each, and the
// networks lie anywhere in the prefix. As long as a prefix has room (capacity()), all differ. Pure; the same for the same seed.
#pragma once

#include <cstdint>
#include <vector>

#include "base/address.h"
#include "simulate/scenario.h"

namespace reeve {

class SourceAddresses {
 public:
  // `population` has prefixes.
  SourceAddresses(const Population& population, std::uint64_t seed);

  [[nodiscard]] Address address(std::uint32_t source) const noexcept;
  // Another address in the network of the source's address (Population::hops).
  [[nodiscard]] Address neighbour(std::uint32_t source, std::uint64_t random) const noexcept;

  // How many different sources fit, at most UINT64_MAX.
  [[nodiscard]] static std::uint64_t capacity(const Population& population) noexcept;

 private:
  struct Share {
    Prefix prefix;
    unsigned network_bits = 128;
    std::uint64_t seed = 0;
  };

  std::vector<Share> shares_;
  std::uint32_t per_network_;
};

}  // namespace reeve
