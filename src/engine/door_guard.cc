#include "engine/door_guard.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <span>
#include <utility>

#include "config/source_filter.h"
#include "engine/queue_head.h"
#include "sys/socket_filter.h"

namespace reeve {

namespace {

constexpr std::size_t kMostBans = 2048;

std::vector<Prefix> banned_now(const BanTable& bans, Instant now) {
  std::vector<Prefix> all;
  if (bans.size() == 0) return all;
  for (const Ban& ban : bans.all()) {
    if (!ban.until || *ban.until > now) all.push_back(ban.prefix);
  }
  // In one order, so that a list that has not changed is the same.
  std::ranges::sort(all);
  if (all.size() > kMostBans) all.resize(kMostBans);
  return all;
}

}  // namespace

void DoorGuard::look_at_bans(Instant now) {
  if (looked_ == now) return;
  looked_ = now;
  std::vector<Prefix> banned = banned_now(gate_.bans(), now);
  if (banned == banned_) return;
  banned_ = std::move(banned);
  ++version_;
}

void DoorGuard::tell_bans() {
  if (told_version_ == version_) return;
  told_version_ = version_;
  std::span<const Prefix> rest = banned_;
  BansMessage message;
  message.first = 1;
  do {
    message.count = static_cast<std::uint32_t>(std::min(rest.size(), kMaxBansPerMessage));
    message.prefixes = {};
    std::ranges::transform(rest.first(message.count), message.prefixes.begin(), [](const Prefix& prefix) { return to_wire(prefix); });
    rest = rest.subspan(message.count);
    message.last = rest.empty() ? 1 : 0;
    monitor_.send(message, {});
    message.first = 0;
  } while (!rest.empty());
}

bool DoorGuard::put_up(Door& door, const std::optional<Address>& admitted, Instant now) {
  const Service& service = door.post->service();
  const bool is_open = gate_.is_open(*door.post, now);
  look_at_bans(now);
  if (service.is_stream()) {
    auto& asked = door.stream_guard;
    if (asked.generation == door.post->generation && asked.bans == version_ && asked.is_open == is_open) return true;
    tell_bans();
    monitor_.send(GuardMessage{.generation = door.post->generation, .place = door.place, .closed = is_open ? 0u : 1u}, {});
    asked = {door.post->generation, version_, is_open};
    return true;
  }
  const auto program = is_open ? source_filter(service, banned_, admitted) : closed_filter();
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
  if (!door.guarded || door.post->service().is_stream()) return;
  detach_filter(door.listener.get());
  door.guarded = false;
}

bool DoorGuard::has_unwelcome(const Door& door, const std::optional<Address>& admitted, Instant now) {
  return any_datagram(door.listener.get(), [&](const Address& source) {
    if (admitted && source == *admitted) return false;
    return std::holds_alternative<Refusal>(gate_.ask_address(*door.post, source, now));
  });
}

}  // namespace reeve
