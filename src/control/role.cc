#include "control/role.h"

#include <algorithm>

namespace reeve {

namespace {

bool is_member(const Peer& peer, std::uint32_t group) noexcept {
  return peer.gid == group || std::ranges::find(peer.groups, group) != peer.groups.end();
}

}  // namespace

std::string_view to_text(Role role) noexcept {
  switch (role) {
    case Role::nobody:
      return "nobody";
    case Role::reader:
      return "reader";
    case Role::operates:
      return "operator";
  }
  return "";
}

Role role_of(const Peer& peer, const RoleTerms& terms) noexcept {
  // Nothing is known of it.
  if (peer.uid == UINT32_MAX) return Role::nobody;
  if (peer.uid == 0 || peer.uid == terms.daemon_uid) return Role::operates;
  if (terms.operators_group && is_member(peer, *terms.operators_group)) return Role::operates;
  const bool reads =
      terms.everybody_reads || std::ranges::any_of(terms.readers, [&](std::uint32_t group) { return is_member(peer, group); });
  return reads ? Role::reader : Role::nobody;
}

}  // namespace reeve
