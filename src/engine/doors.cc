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

Doors::Doors(Loop& loop, std::function<void(const PostRef&)> knock) : loop_(loop), knock_(std::move(knock)) {
  for (Set& set : sets_) {
    set.epoll.reset(::epoll_create1(EPOLL_CLOEXEC));
    REEVE_CHECK(set.epoll);
  }
}

void Doors::start() {
  loop_.start(watch(kPrograms));
  loop_.start(watch(kOthers));
}

void Doors::open(const PostRef& post) {
  if (!post->listener || post->door != UINT32_MAX) return;
  std::uint32_t slot = static_cast<std::uint32_t>(doors_.size());
  if (free_.empty()) {
    doors_.emplace_back();
  } else {
    slot = free_.back();
    free_.pop_back();
  }
  const std::uint8_t which = post->service().kind == Kind::program ? kPrograms : kOthers;
  doors_[slot] = Door{post, ++serial_, which};
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = std::uint64_t{serial_} << 32 | slot;
  if (::epoll_ctl(sets_[which].epoll.get(), EPOLL_CTL_ADD, post->listener.get(), &event) != 0) {
    doors_[slot] = {};
    free_.push_back(slot);
    return;
  }
  post->door = slot;
}

void Doors::close(Post& post) {
  if (post.door == UINT32_MAX) return;
  const std::uint32_t slot = std::exchange(post.door, UINT32_MAX);
  (void)::epoll_ctl(sets_[doors_[slot].set].epoll.get(), EPOLL_CTL_DEL, post.listener.get(), nullptr);
  doors_[slot] = {};
  free_.push_back(slot);
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
      if (slot >= doors_.size() || doors_[slot].serial != data >> 32 || !doors_[slot].post) continue;
      const PostRef post = doors_[slot].post;
      knock_(post);
    }
  }
}

}  // namespace reeve
