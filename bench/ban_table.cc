// What a ban decision costs by the number of bans that are in force, and what a ban costs in memory and to make.
// The best of many short runs is given: other programs only make it worse.
//
// hot: 64 sources that come again and again; random: a different one each time, out of 4,096; cold: out of all who are
// banned. free: 4,096 sources that nobody banned. The figure to watch is cold, in which each look-up is
// in memory that nothing has touched for long, as it is in a flood from many sources; the rest against those of one ban.
#include "policy/ban_table.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <malloc.h>
#include <random>
#include <vector>

namespace {

using namespace reeve;

constexpr std::size_t kLookUps = 8'192;
constexpr int kRepeats = 1'000;
constexpr Instant kNow = Instant(std::chrono::hours(1));

double best_ns_per_decision(const BanTable& bans, const std::vector<Address>& sources, bool banned) {
  double best = 1e9;
  std::size_t found = 0, at = 0;
  for (int repeat = 0; repeat < kRepeats; ++repeat) {
    const auto begin = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < kLookUps; ++i) {
      found += bans.is_banned(sources[at], kNow) ? 1u : 0u;
      if (++at == sources.size()) at = 0;
    }
    const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - begin;
    best = std::min(best, took.count() / kLookUps);
  }
  if ((found != 0) != banned) std::puts("a wrong decision");
  return best;
}

struct Shape {
  const char* name;
  std::function<Address(std::mt19937_64&, std::uint32_t)> banned, free;
  bool is_list = false;  // of others: a third are networks of all sizes
};

Prefix network_around(const Address& address, std::mt19937_64& random) {
  const unsigned longest = address.is_v4() ? 128 : 64;
  return Prefix::of(address, random() % 3 == 0 ? longest - static_cast<unsigned>(random() % 20) : longest);
}

void measure(const Shape& shape, std::uint32_t count) {
  std::mt19937_64 random(count);
  BanTable bans;
  // What a machine spares: a few addresses.
  std::vector<Guarded> spared;
  for (std::uint32_t i = 0; i < 8; ++i) spared.push_back({Guarded::Why::own, Prefix::host(Address::v4(0xc0000200u + i))});
  bans.set_never_ban(std::move(spared));
  std::vector<Address> sources;
  sources.reserve(count);
  const std::size_t before = mallinfo2().uordblks + mallinfo2().hblkhd;
  const auto begin = std::chrono::steady_clock::now();
  for (std::uint32_t i = 0; i < count; ++i) {
    const Address source = shape.banned(random, i);
    const Prefix prefix = shape.is_list ? network_around(source, random) : bans.prefix_for(source);
    bans.add(prefix, bans.end_of(prefix, std::chrono::seconds(60 + random() % 36'000), kNow), "sensor telnet", kNow, BanOrigin::sensor);
    sources.push_back(source);
  }
  const std::chrono::duration<double, std::nano> filling = std::chrono::steady_clock::now() - begin;
  const double bytes = static_cast<double>(mallinfo2().uordblks + mallinfo2().hblkhd - before);
  const auto pick = [&](std::size_t how_many) {
    std::vector<Address> some;
    for (std::size_t i = 0; i < how_many; ++i) some.push_back(sources[random() % sources.size()]);
    return some;
  };
  std::vector<Address> strangers;
  for (std::uint32_t i = 0; i < 4096; ++i) strangers.push_back(shape.free(random, i));
  std::printf("%-22s %8u  %6.1f  %6.1f  %6.1f  %6.1f   %6.1f   %7.1f\n", shape.name, count, best_ns_per_decision(bans, pick(64), true),
              best_ns_per_decision(bans, pick(4096), true), best_ns_per_decision(bans, pick(1'000'000), true),
              best_ns_per_decision(bans, strangers, false), filling.count() / count, bytes / static_cast<double>(bans.size()));
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
  // Strangers differ from the banned in one bit near the end, so that a look-up goes as deep as it can.
  const Shape kShapes[] = {
      {"IPv4 /32 everywhere", [](auto& random, std::uint32_t) { return Address::v4(static_cast<std::uint32_t>(random()) & ~2u); },
       [](auto& random, std::uint32_t) { return Address::v4(static_cast<std::uint32_t>(random()) | 2u); }},
      {"IPv4 /32 in 10/8", [](auto&, std::uint32_t i) { return Address::v4(0x0a000000u + 2 * i); },
       [](auto& random, std::uint32_t) { return Address::v4(0x0a000001u + 2 * static_cast<std::uint32_t>(random() % 1'000'000)); }},
      {"IPv6 /64 everywhere", [](auto& random, std::uint32_t) { return v6(0x2000000000000000 | (random() >> 3 & ~2ull), random()); },
       [](auto& random, std::uint32_t) { return v6(0x2000000000000000 | (random() >> 3 | 2ull), random()); }},
      {"IPv4 of 20 lengths", [](auto& random, std::uint32_t) { return Address::v4(static_cast<std::uint32_t>(random()) & 0x7fffffffu); },
       [](auto& random, std::uint32_t) { return Address::v4(static_cast<std::uint32_t>(random()) | 0x80000000u); }, true},
      {"IPv6 of 20 lengths", [](auto& random, std::uint32_t) { return v6(0x2000000000000000 | random() >> 4, random()); },
       [](auto& random, std::uint32_t) { return v6(0x3000000000000000 | random() >> 4, random()); }, true},
  };
  std::printf("%-22s %8s  %6s  %6s  %6s  %6s   %6s   %7s\n", "bans", "count", "hot", "random", "cold", "free", "add", "bytes");
  std::printf("%-22s %8s  %30s   %6s   %7s\n", "", "", "ns per decision", "ns", "each");
  for (const Shape& shape : kShapes) {
    for (const std::uint32_t count : {1u, 1'000u, 100'000u, 1'000'000u}) measure(shape, count);
  }
}
