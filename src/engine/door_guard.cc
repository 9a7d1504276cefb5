#include "engine/door_guard.h"

#include <sys/socket.h>

#include <cerrno>
#include <vector>

#include "config/source_filter.h"
#include "engine/queue_head.h"
#include "sys/socket_filter.h"

namespace reeve {

namespace {

std::vector<Prefix> banned_now(const BanTable& bans, Instant now) {
  std::vector<Prefix> all;
  if (bans.size() == 0) return all;
  for (const Ban& ban : bans.all()) {
    if (all.size() == kMaxFilterInstructions) break;
    if (!ban.until || *ban.until > now) all.push_back(ban.prefix);
  }
  return all;
}

}  // namespace

bool DoorGuard::put_up(Door& door, Gate& gate, const std::optional<Address>& admitted, Instant now) {
  const Service& service = door.post->service();
  const bool is_open = gate.is_open(*door.post, now);
  const auto program = is_open ? source_filter(service, banned_now(gate.bans(), now), admitted) : closed_filter();
  if (!program) {
    errno = 0;
    return false;
  }
  if (program->empty()) {
    take_down(door);
    return true;
  }
  if (!attach_filter(door.listener.get(), program->data(), program->size())) return false;
  door.guarded = true;
  return true;
}

void DoorGuard::take_down(Door& door) {
  if (!door.guarded) return;
  detach_filter(door.listener.get());
  door.guarded = false;
}

bool DoorGuard::has_unwelcome(const Door& door, Gate& gate, const std::optional<Address>& admitted, Instant now) {
  return any_datagram(door.listener.get(), [&](const Address& source) {
    if (admitted && source == *admitted) return false;
    return std::holds_alternative<Refusal>(gate.ask_address(*door.post, source, now));
  });
}

}  // namespace reeve
