#include "config/source_filter.h"

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "policy/decide.h"

namespace reeve {
namespace {

// What the kernel's machine does with the few instructions that we use; anything else fails the test.
bool admits(const FilterProgram& program, const Address& source) {
  if (program.empty()) return true;
  std::vector<std::uint8_t> header(40, 0);
  if (source.is_v4()) {
    header[0] = 0x45;
    std::copy(source.bytes().begin() + 12, source.bytes().end(), header.begin() + 12);
  } else {
    header[0] = 0x60;
    std::copy(source.bytes().begin(), source.bytes().end(), header.begin() + 8);
  }
  const auto load = [&](std::uint32_t at, std::size_t bytes) {
    const std::size_t offset = at - 0xfff00000U;
    EXPECT_LE(offset + bytes, header.size());
    std::uint32_t value = 0;
    for (std::size_t each = 0; each < bytes && offset + each < header.size(); ++each) value = value << 8 | header[offset + each];
    return value;
  };
  std::uint32_t accumulator = 0;
  for (std::size_t at = 0; at < program.size(); ++at) {
    const FilterInstruction& one = program[at];
    switch (one.code) {
      case 0x20:
        accumulator = load(one.value, 4);
        break;
      case 0x30:
        accumulator = load(one.value, 1);
        break;
      case 0x54:
        accumulator &= one.value;
        break;
      case 0x05:
        at += one.value;
        break;
      case 0x15:
        at += accumulator == one.value ? one.if_true : one.if_false;
        break;
      case 0x06:
        return one.value != 0;
      default:
        ADD_FAILURE() << "instruction " << one.code;
        return false;
    }
  }
  ADD_FAILURE() << "the program has no end";
  return false;
}

AccessList list_of(const std::vector<Prefix>& prefixes) {
  AccessList list;
  for (const Prefix& prefix : prefixes) {
    if (list.prefixes.find(prefix)) continue;
    list.prefixes.insert(prefix, static_cast<std::uint32_t>(list.entries.size()));
    list.entries.push_back({.prefix = prefix, .name = {}, .where = {}});
  }
  return list;
}

Service waiting() {
  Service service;
  service.kind = Kind::program;
  service.wait = true;
  service.socket_type = SocketType::dgram;
  return service;
}

// Few bits differ, so that prefixes contain each other and addresses hit them.
Address random_address(std::mt19937& random) {
  if (random() % 2 == 0) return Address::v4(0x0a000000U | (random() & 0x01000003U));
  std::array<std::uint8_t, 16> bytes{0x20, 0x01, 0x0d, 0xb8};
  bytes[3] = static_cast<std::uint8_t>(bytes[3] ^ (random() & 1));
  bytes[9] = static_cast<std::uint8_t>(random() & 1);
  bytes[15] = static_cast<std::uint8_t>(random() & 3);
  return Address(bytes);
}

Prefix random_prefix(std::mt19937& random) {
  const Address address = random_address(random);
  static constexpr unsigned kBits[] = {0, 8, 31, 32, 33, 64, 80, 95, 96, 103, 104, 126, 127, 128};
  return Prefix::of(address, kBits[random() % std::size(kBits)]);
}

TEST(SourceFilter, SaysWhatDecideSays) {
  std::mt19937 random{20};
  const Configuration configuration;
  for (int round = 0; round < 3000; ++round) {
    const auto prefixes = [&] {
      std::vector<Prefix> made(random() % 5);
      for (Prefix& one : made) one = random_prefix(random);
      return made;
    };
    const AccessList only_from = list_of(prefixes()), no_access = list_of(prefixes());
    std::vector<Prefix> banned(random() % 3);
    for (Prefix& one : banned) one = Prefix::host(random_address(random));
    Service service = waiting();
    if (random() % 3 != 0) service.only_from = &only_from;
    if (random() % 3 != 0) service.no_access = &no_access;
    service.compat_xinetd = random() % 4 == 0;
    const auto program = source_filter(service, banned, std::nullopt);
    ASSERT_TRUE(program);
    for (int visit = 0; visit < 20; ++visit) {
      const Address source = random_address(random);
      const bool is_banned = std::ranges::find(banned, Prefix::host(source)) != banned.end();
      const Verdict verdict = decide(configuration, service, source, {.banned = is_banned});
      ASSERT_EQ(admits(*program, source), std::holds_alternative<Admitted>(verdict)) << round << ' ' << to_text(source);
    }
  }
}

TEST(SourceFilter, IsNotThereWhereEverybodyMayCome) {
  EXPECT_TRUE(source_filter(waiting(), {}, std::nullopt)->empty());
}

TEST(SourceFilter, LetsInWhomHisNameLetIn) {
  const AccessList nobody;
  Service service = waiting();
  service.only_from = &nobody;
  const auto program = source_filter(service, {}, Address::v4(7));
  EXPECT_TRUE(admits(*program, Address::v4(7)));
  EXPECT_FALSE(admits(*program, Address::v4(8)));
  EXPECT_FALSE(admits(closed_filter(), Address::v4(7)));
}

TEST(SourceFilter, HasABound) {
  std::vector<Prefix> many;
  for (std::uint32_t each = 0; each < 500; ++each) many.push_back(Prefix::of(Address::v4(each << 8), 96 + 8 + each % 24));
  std::vector<Prefix> banned;
  for (std::uint32_t each = 0; each < 5000; ++each) banned.push_back(Prefix::host(Address::v4(0x7f000000U + each)));
  const AccessList list = list_of(many);
  Service service = waiting();
  service.only_from = &list;
  EXPECT_TRUE(checks_every_packet(service));
  const auto program = source_filter(service, banned, std::nullopt);
  ASSERT_TRUE(program);
  EXPECT_LE(program->size(), kMaxFilterInstructions);
  EXPECT_FALSE(admits(*program, Address::v4(0x7f000000U))) << "the first bans have room";
  for (std::uint32_t each = 0; each < 5000; ++each) many.push_back(Prefix::host(Address::v4(each)));
  const AccessList long_list = list_of(many);
  service.only_from = &long_list;
  EXPECT_FALSE(checks_every_packet(service));
  EXPECT_FALSE(source_filter(service, {}, std::nullopt));
}

TEST(SourceFilter, IsForServersThatHaveTheListener) {
  Service service = waiting();
  EXPECT_TRUE(checks_every_packet(service));
  service.compat_xinetd = true;
  EXPECT_FALSE(checks_every_packet(service));
  service.flags.intercept = true;
  EXPECT_TRUE(checks_every_packet(service));
  service.wait = false;
  EXPECT_FALSE(checks_every_packet(service));
  service = waiting();
  service.kind = Kind::builtin;
  EXPECT_FALSE(checks_every_packet(service));
}

}  // namespace
}  // namespace reeve
