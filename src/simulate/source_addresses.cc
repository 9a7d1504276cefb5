#include "simulate/source_addresses.h"

#include <algorithm>
#include <array>

#include "simulate/random.h"

namespace reeve {
namespace {

// Of the numbers below 2^bits, each to another one.
std::uint64_t shuffled(std::uint64_t number, unsigned bits, std::uint64_t seed) noexcept {
  if (bits == 0) return 0;
  const std::uint64_t mask = bits >= 64 ? UINT64_MAX : (std::uint64_t{1} << bits) - 1;
  const unsigned half = std::max(bits / 2, 1u);
  std::uint64_t state = seed;
  for (int round = 0; round < 3; ++round) {
    number = (number + next_random(state)) & mask;
    number = (number * (next_random(state) | 1)) & mask;
    number ^= number >> half;
  }
  return number;
}

// Puts the low `count` bits of `value` behind the first `at` bits of the address, which are zero there.
void put(std::array<std::uint8_t, 16>& bytes, unsigned at, unsigned count, std::uint64_t value) noexcept {
  if (count == 0) return;
  if (count < 64) value &= (std::uint64_t{1} << count) - 1;
  const unsigned end = at + count, spare = (8 - end % 8) % 8;
  std::size_t byte = (end - 1) / 8;
  bytes[byte] = static_cast<std::uint8_t>(bytes[byte] | value << spare);
  for (value >>= 8 - spare; value != 0 && byte > 0; value >>= 8) {
    --byte;
    bytes[byte] = static_cast<std::uint8_t>(bytes[byte] | value);
  }
}

unsigned network_bits(const Population& population, const Prefix& prefix) noexcept {
  const unsigned bits = prefix.is_v4() ? 96u + population.network_bits_v4 : population.network_bits_v6;
  return std::max<unsigned>(bits, prefix.bits);
}

// Hosts of a network are counted from 1, and the last one is left out: neither the network nor all of it. Single addresses
// are what they are.
std::uint64_t hosts(unsigned bits) noexcept {
  const unsigned free_bits = 128 - bits;
  if (free_bits == 0) return 1;
  if (free_bits == 1) return 2;
  return free_bits >= 64 ? UINT64_MAX : (std::uint64_t{1} << free_bits) - 2;
}

std::uint64_t host_number(std::uint64_t index, unsigned bits) noexcept {
  return 128 - bits < 2 ? index : index + 1;
}

}  // namespace

SourceAddresses::SourceAddresses(const Population& population, std::uint64_t seed) : per_network_(population.per_network) {
  for (std::size_t i = 0; i < population.prefixes.size(); ++i) {
    shares_.push_back({population.prefixes[i], network_bits(population, population.prefixes[i]), random_state(seed, i)});
  }
}

Address SourceAddresses::address(std::uint32_t source) const noexcept {
  const Share& share = shares_[source % shares_.size()];
  const std::uint64_t index = source / shares_.size();
  const unsigned subnet_bits = std::min(share.network_bits - share.prefix.bits, 63u);
  std::array<std::uint8_t, 16> bytes = share.prefix.address.bytes();
  put(bytes, share.network_bits - subnet_bits, subnet_bits, shuffled(index / per_network_, subnet_bits, share.seed));
  put(bytes, share.network_bits, 128 - share.network_bits, host_number(index % per_network_, share.network_bits));
  return Address(bytes);
}

Address SourceAddresses::neighbour(std::uint32_t source, std::uint64_t random) const noexcept {
  const Share& share = shares_[source % shares_.size()];
  std::array<std::uint8_t, 16> bytes = Prefix::of(address(source), share.network_bits).address.bytes();
  put(bytes, share.network_bits, 128 - share.network_bits, host_number(random % hosts(share.network_bits), share.network_bits));
  return Address(bytes);
}

std::uint64_t SourceAddresses::capacity(const Population& population) noexcept {
  std::uint64_t least = UINT64_MAX;
  for (const Prefix& prefix : population.prefixes) {
    const unsigned bits = network_bits(population, prefix);
    if (hosts(bits) < population.per_network) return 0;
    const unsigned subnet_bits = std::min(bits - prefix.bits, 63u);
    const std::uint64_t networks = std::uint64_t{1} << subnet_bits;
    least = std::min(least, networks > UINT64_MAX / population.per_network ? UINT64_MAX : networks * population.per_network);
  }
  const std::uint64_t count = population.prefixes.size();
  return least > UINT64_MAX / std::max<std::uint64_t>(count, 1) ? UINT64_MAX : least * count;
}

}  // namespace reeve
