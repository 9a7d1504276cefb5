#include "control/role.h"

#include <array>

#include <gtest/gtest.h>

namespace reeve {
namespace {

constexpr std::uint32_t kOperators = 50, kWatchers = 60;
constexpr std::array<std::uint32_t, 2> kReaders{kWatchers, 61};

Role role(const Peer& peer, std::span<const std::uint32_t> readers = {}, bool everybody = false,
          std::optional<std::uint32_t> group = kOperators) {
  return role_of(peer, {.daemon_uid = 1000, .operators_group = group, .readers = readers, .everybody_reads = everybody});
}

TEST(RoleTest, RootTheDaemonsUserAndTheGroupOperate) {
  EXPECT_EQ(role({.uid = 0, .gid = 99}), Role::operates);
  EXPECT_EQ(role({.uid = 1000, .gid = 99}), Role::operates);
  EXPECT_EQ(role({.uid = 5, .gid = kOperators}), Role::operates);
  EXPECT_EQ(role({.uid = 5, .gid = 99, .groups = {1, kOperators, 3}}), Role::operates);
}

TEST(RoleTest, OthersAreNobody) {
  EXPECT_EQ(role({.uid = 5, .gid = 0}), Role::nobody) << "root's group is not root";
  EXPECT_EQ(role({.uid = 5, .gid = 99, .groups = {0, 1}}), Role::nobody);
  EXPECT_EQ(role({.uid = 5, .gid = kOperators}, {}, false, std::nullopt), Role::nobody) << "there is no such group";
  EXPECT_EQ(role({}), Role::nobody) << "nothing is known of it";
  EXPECT_EQ(role({}, kReaders, true), Role::nobody);
}

TEST(RoleTest, ReadersLook) {
  EXPECT_EQ(role({.uid = 5, .gid = kWatchers}, kReaders), Role::reader);
  EXPECT_EQ(role({.uid = 5, .gid = 99, .groups = {61}}, kReaders), Role::reader);
  EXPECT_EQ(role({.uid = 5, .gid = 99}, kReaders), Role::nobody);
  EXPECT_EQ(role({.uid = 5, .gid = 99}, {}, true), Role::reader);
  EXPECT_EQ(role({.uid = 0, .gid = 99}, kReaders, true), Role::operates);
}

}  // namespace
}  // namespace reeve
