#include "engine/doors.h"

#include <sys/epoll.h>

#include <utility>

#include "base/check.h"
#include "sys/clock.h"

namespace reeve {

namespace {

constexpr std::uint8_t kPrograms = 0, kOthers = 1;
constexpr std::chrono::milliseconds kPause{100};
constexpr int kEventsPerTurn = 64;

}  // namespace

Doors::Doors(Loop& loop, std::function<void(const DoorRef&)> knock) : loop_(loop), knock_(std::move(knock)) {
  for (Set& set : sets_) {
    set.epoll.reset(::epoll_create1(EPOLL_CLOEXEC));
    REEVE_CHECK(set.epoll);
  }
}

void Doors::start() {
  loop_.start(watch(kPrograms));
  loop_.start(watch(kOthers));
}

void Doors::open(const DoorRef& door) {
  if (!door->listener || door->watch != UINT32_MAX || door->post->held != Held::no) return;
  std::uint32_t slot = static_cast<std::uint32_t>(watched_.size());
  if (free_.empty()) {
    watched_.emplace_back();
  } else {
    slot = free_.back();
    free_.pop_back();
  }
  const std::uint8_t which = door->post->service().kind == Kind::program ? kPrograms : kOthers;
  watched_[slot] = Watched{door, ++serial_, which};
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = std::uint64_t{serial_} << 32 | slot;
  if (::epoll_ctl(sets_[which].epoll.get(), EPOLL_CTL_ADD, door->listener.get(), &event) != 0) {
    watched_[slot] = {};
    free_.push_back(slot);
    return;
  }
  door->watch = slot;
}

void Doors::close(Door& door) {
  if (door.watch == UINT32_MAX) return;
  const std::uint32_t slot = std::exchange(door.watch, UINT32_MAX);
  (void)::epoll_ctl(sets_[watched_[slot].set].epoll.get(), EPOLL_CTL_DEL, door.listener.get(), nullptr);
  watched_[slot] = {};
  free_.push_back(slot);
}

std::span<const DoorRef> Doors::of(const Post& post) const noexcept {
  const Service& service = post.service();
  // Between two configurations a post may be ahead of the table.
  if (post.retired || std::size_t{service.first_place} + service.place_count > all_.size()) return {};
  return std::span(all_).subspan(service.first_place, service.place_count);
}

void Doors::pause() {
  paused_until_ = instant_now() + kPause;
}

void Doors::hold_programs(bool hold) {
  Set& set = sets_[kPrograms];
  set.held = hold;
  if (!hold && set.parked) std::exchange(set.parked, {}).resume();
}

Task<> Doors::watch(std::uint8_t which) {
  Set& set = sets_[which];
  Watch watched(loop_, set.epoll.get());
  std::array<epoll_event, kEventsPerTurn> events{};
  for (;;) {
    co_await watched.readable(kNoDeadline);
    if (instant_now() < paused_until_) {
      co_await loop_.sleep_until(paused_until_);
    }
    Release release{set};
    co_await release;
    const int count = ::epoll_wait(set.epoll.get(), events.data(), kEventsPerTurn, 0);
    for (int each = 0; each < count && !set.held; ++each) {
      const std::uint64_t data = events[static_cast<std::size_t>(each)].data.u64;
      const auto slot = static_cast<std::uint32_t>(data);
      // A visit before this one may have closed the door, or given its slot to another.
      if (slot >= watched_.size() || watched_[slot].serial != data >> 32 || !watched_[slot].door) continue;
      const DoorRef door = watched_[slot].door;
      knock_(door);
    }
  }
}

}  // namespace reeve
