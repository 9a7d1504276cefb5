#include "sys/unix_peer.h"

#include <sys/socket.h>

#include <cerrno>

namespace reeve {

std::optional<UnixPeer> unix_peer(int socket) {
  ucred credentials{};
  socklen_t length = sizeof credentials;
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &length) != 0) return std::nullopt;
  UnixPeer peer{.pid = credentials.pid, .uid = credentials.uid, .gid = credentials.gid, .groups = {}};
#ifdef SO_PEERGROUPS
  constexpr std::size_t kFew = 32;
  peer.groups.resize(kFew);
  for (int tries = 0; tries < 2; ++tries) {
    length = static_cast<socklen_t>(peer.groups.size() * sizeof(gid_t));
    const bool known = ::getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, peer.groups.data(), &length) == 0;
    const bool too_many = !known && errno == ERANGE;
    peer.groups.resize(known || too_many ? length / sizeof(gid_t) : 0);
    if (!too_many) return peer;
  }
  peer.groups.clear();
#endif
  return peer;
}

}  // namespace reeve
