// Who is at the other end of a unix socket, by the kernel's word (unix(7): SO_PEERCRED, SO_PEERGROUPS): as it was when
// the peer connected, whatever it has become since.
#pragma once

#include <sys/types.h>

#include <optional>
#include <vector>

namespace reeve {

struct UnixPeer {
  pid_t pid = 0;
  uid_t uid = static_cast<uid_t>(-1);
  gid_t gid = static_cast<gid_t>(-1);
  std::vector<gid_t> groups;  // supplementary ones; none where the kernel can't tell (before Linux 4.13)
};

[[nodiscard]] std::optional<UnixPeer> unix_peer(int socket);

}  // namespace reeve
