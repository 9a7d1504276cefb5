// What a look-up in a PrefixTrie costs by the number of prefixes it holds, and what a prefix costs in memory.
// The best of many short runs is given: other programs only make it worse.
//
// hot: 64 sources that come again and again; random: a different source each time, out of 4,096; cold: out of
// all prefixes. The figure to watch is hot and random against those of one prefix.
#include "base/prefix_trie.h"

#include <chrono>
#include <cstdio>
#include <functional>
#include <malloc.h>
#include <random>
#include <vector>

namespace {

using reeve::Address;
using reeve::Prefix;
using reeve::PrefixTrie;

constexpr std::size_t kLookUps = 8'192;
constexpr int kRepeats = 2'000;

double best_ns_per_look_up(const PrefixTrie& trie, const std::vector<Address>& sources) {
  double best = 1e9;
  std::size_t matches = 0, at = 0;
  for (int repeat = 0; repeat < kRepeats; ++repeat) {
    const auto begin = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < kLookUps; ++i) {
      matches += trie.longest_match(sources[at]).has_value() ? 1u : 0u;
      if (++at == sources.size()) at = 0;
    }
    const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - begin;
    best = std::min(best, took.count() / kLookUps);
  }
  if (matches == 0) std::puts("nothing matched");
  return best;
}

// A set of prefixes under a name.
struct Shape {
  const char* name;
  std::function<Prefix(std::mt19937_64&, std::uint32_t)> prefix;
};

void measure(const Shape& shape, std::uint32_t count) {
  std::mt19937_64 random(count);
  PrefixTrie trie;
  std::vector<Address> inserted;
  inserted.reserve(count);
  const std::size_t before = mallinfo2().uordblks + mallinfo2().hblkhd;
  const auto begin = std::chrono::steady_clock::now();
  for (std::uint32_t i = 0; i < count; ++i) {
    const Prefix prefix = shape.prefix(random, i);
    trie.insert(prefix, i);
    inserted.push_back(prefix.address);
  }
  const std::chrono::duration<double, std::nano> filling = std::chrono::steady_clock::now() - begin;
  const double bytes = static_cast<double>(mallinfo2().uordblks + mallinfo2().hblkhd - before);

  const auto pick = [&](std::size_t how_many) {
    std::vector<Address> sources;
    for (std::size_t i = 0; i < how_many; ++i) sources.push_back(inserted[random() % inserted.size()]);
    return sources;
  };
  std::printf("%-22s %8u  %6.1f  %6.1f  %6.1f   %6.1f   %7.1f\n", shape.name, count, best_ns_per_look_up(trie, pick(64)),
              best_ns_per_look_up(trie, pick(4096)), best_ns_per_look_up(trie, pick(1'000'000)), filling.count() / count,
              bytes / static_cast<double>(trie.size()));
}

Address v6(std::uint64_t high, std::uint64_t low) {
  std::array<std::uint8_t, 16> bytes;
  for (std::size_t i = 0; i < 8; ++i) {
    bytes[i] = static_cast<std::uint8_t>(high >> (56 - 8 * i));
    bytes[8 + i] = static_cast<std::uint8_t>(low >> (56 - 8 * i));
  }
  return Address(bytes);
}

}  // namespace

int main() {
  const Shape kShapes[] = {
      {"IPv4 /32 everywhere", [](auto& random, std::uint32_t) { return Prefix::host(Address::v4(static_cast<std::uint32_t>(random()))); }},
      {"IPv4 /32 in 10/8", [](auto&, std::uint32_t i) { return Prefix::host(Address::v4(0x0a000000u + i)); }},
      {"IPv4 /16 to /32",
       [](auto& random, std::uint32_t) {
         return Prefix::of(Address::v4(static_cast<std::uint32_t>(random())), static_cast<unsigned>(112 + random() % 17));
       }},
      {"IPv6 /64 everywhere", [](auto& random, std::uint32_t) { return Prefix::of(v6(0x2000000000000000 | random() >> 3, 0), 64); }},
      {"IPv6 /128 in one /64", [](auto& random, std::uint32_t) { return Prefix::host(v6(0x20010db800000000, random())); }},
  };
  std::printf("%-22s %8s  %6s  %6s  %6s   %6s   %7s\n", "prefixes", "count", "hot", "random", "cold", "insert", "bytes");
  std::printf("%-22s %8s  %24s   %6s   %7s\n", "", "", "ns per look-up", "ns", "each");
  for (const Shape& shape : kShapes) {
    for (const std::uint32_t count : {1u, 1'000u, 100'000u, 1'000'000u}) measure(shape, count);
  }
}
