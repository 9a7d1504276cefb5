// Role: what a peer of the control socket may do, by what the kernel says of it.
//
// Pure. Root, the user whom the daemon runs as, and the members of the group `reeve` may do everything; whom
// `control_read` names may look; all others nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace reeve {

enum class Role : std::uint8_t { nobody, reader, operates };
[[nodiscard]] std::string_view to_text(Role role) noexcept;

// As they were when it connected.
struct Peer {
  std::int32_t pid = 0;
  std::uint32_t uid = UINT32_MAX;
  std::uint32_t gid = UINT32_MAX;
  std::vector<std::uint32_t> groups;  // supplementary ones
};

struct RoleTerms {
  std::uint32_t daemon_uid = 0;
  std::optional<std::uint32_t> operators_group;
  std::span<const std::uint32_t> readers;
  bool everybody_reads = false;
};

[[nodiscard]] Role role_of(const Peer& peer, const RoleTerms& terms) noexcept;

}  // namespace reeve
