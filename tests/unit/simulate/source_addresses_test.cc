#include "simulate/source_addresses.h"

#include <set>
#include <string>

#include <gtest/gtest.h>

namespace reeve {
namespace {

Prefix prefix(std::string_view address, unsigned bits) {
  const Address parsed = *parse_address(address);
  return Prefix::of(parsed, parsed.is_v4() ? 96 + bits : bits);
}

TEST(SourceAddresses, AllDifferAndLieInTheirPrefixes) {
  const Population population{.sources = 50'000, .prefixes = {prefix("10.0.0.0", 9), prefix("2001:db8::", 40), prefix("172.16.0.0", 12)}};
  ASSERT_GE(SourceAddresses::capacity(population), population.sources);
  const SourceAddresses addresses(population, 1);
  std::set<Address> seen;
  for (std::uint32_t i = 0; i < population.sources; ++i) {
    const Address address = addresses.address(i);
    ASSERT_TRUE(population.prefixes[i % 3].contains(address)) << to_text(address);
    ASSERT_TRUE(seen.insert(address).second) << to_text(address);
  }
}

TEST(SourceAddresses, FillAPrefixToTheLast) {
  const Population population{.sources = 256, .prefixes = {prefix("192.0.2.0", 24)}};
  EXPECT_EQ(SourceAddresses::capacity(population), 256u);
  const SourceAddresses addresses(population, 9);
  std::set<Address> seen;
  for (std::uint32_t i = 0; i < 256; ++i) seen.insert(addresses.address(i));
  EXPECT_EQ(seen.size(), 256u);
}

TEST(SourceAddresses, StandTogetherInNetworks) {
  const Population population{.sources = 400, .prefixes = {prefix("10.0.0.0", 8)}, .network_bits_v4 = 24, .per_network = 20};
  const SourceAddresses addresses(population, 1);
  std::set<Prefix> networks;
  for (std::uint32_t i = 0; i < 400; ++i) {
    const Address address = addresses.address(i);
    networks.insert(Prefix::of(address, 96 + 24));
    EXPECT_NE(address.bytes()[15], 0);
    EXPECT_NE(address.bytes()[15], 255);
  }
  EXPECT_EQ(networks.size(), 20u);
}

TEST(SourceAddresses, OfIPv6AreNetworksOfTheirOwn) {
  const Population population{.sources = 1000, .prefixes = {prefix("2001:db8::", 32)}};
  const SourceAddresses addresses(population, 1);
  std::set<Prefix> networks;
  for (std::uint32_t i = 0; i < 1000; ++i) networks.insert(Prefix::of(addresses.address(i), 64));
  EXPECT_EQ(networks.size(), 1000u);
}

TEST(SourceAddresses, NeighboursStayInTheNetwork) {
  const Population population{.sources = 10, .prefixes = {prefix("2001:db8::", 32), prefix("10.0.0.0", 8)}, .network_bits_v4 = 24};
  const SourceAddresses addresses(population, 1);
  std::set<Address> seen;
  for (std::uint64_t i = 0; i < 100; ++i) {
    const Address six = addresses.neighbour(0, i * 0x9e37'79b9'7f4a'7c15), four = addresses.neighbour(1, i);
    EXPECT_EQ(Prefix::of(six, 64), Prefix::of(addresses.address(0), 64));
    EXPECT_EQ(Prefix::of(four, 96 + 24), Prefix::of(addresses.address(1), 96 + 24));
    seen.insert(six);
  }
  EXPECT_EQ(seen.size(), 100u);
}

TEST(SourceAddresses, DependOnTheSeed) {
  const Population population{.sources = 1, .prefixes = {prefix("10.0.0.0", 8)}};
  EXPECT_EQ(SourceAddresses(population, 1).address(0), SourceAddresses(population, 1).address(0));
  EXPECT_NE(SourceAddresses(population, 1).address(0), SourceAddresses(population, 2).address(0));
}

TEST(SourceAddresses, KnowHowManyFit) {
  Population population{.prefixes = {prefix("192.0.2.0", 24)}, .network_bits_v4 = 24, .per_network = 254};
  EXPECT_EQ(SourceAddresses::capacity(population), 254u);
  population.per_network = 255;
  EXPECT_EQ(SourceAddresses::capacity(population), 0u);
  population = {.prefixes = {prefix("192.0.2.1", 32), prefix("192.0.2.9", 32)}};
  EXPECT_EQ(SourceAddresses::capacity(population), 2u);
  population = {.prefixes = {prefix("::", 0)}};
  EXPECT_GE(SourceAddresses::capacity(population), kMostAgents);
}

}  // namespace
}  // namespace reeve
