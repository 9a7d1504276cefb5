#include "engine/relay.h"

#include <sys/epoll.h>

#include <utility>

#include "base/check.h"
#include "sys/clock.h"

namespace reeve {

namespace {

constexpr int kEventsPerTurn = 128;
constexpr int kTurnsAtOnce = 4;

}  // namespace

Relay::Relay(Loop& loop) : loop_(loop), epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
  REEVE_CHECK(epoll_);
}

void Relay::start() {
  loop_.start(watch());
}

Task<> Relay::watch() {
  Watch watched(loop_, epoll_.get());
  for (;;) {
    co_await watched.readable(kNoDeadline);
    turn();
  }
}

void Relay::turn() {
  std::array<epoll_event, kEventsPerTurn> events;
  now_ = instant_now();
  for (int each_turn = 0; each_turn < kTurnsAtOnce; ++each_turn) {
    const int count = ::epoll_wait(epoll_.get(), events.data(), kEventsPerTurn, 0);
    for (int each = 0; each < count; ++each) {
      const epoll_event& event = events[static_cast<std::size_t>(each)];
      const std::uint32_t slot = static_cast<std::uint32_t>(event.data.u64) >> 1;
      // An event before this one may have ended the conversation, or given its slot to another.
      if (slots_[slot].conversation == nullptr || slots_[slot].serial != event.data.u64 >> 32) continue;
      slots_[slot].conversation->on_event(event.data.u64 & 1, event.events);
    }
    if (count < kEventsPerTurn) return;
  }
}

std::uint32_t Relay::enter(Conversation& conversation, std::uint32_t& serial) {
  std::uint32_t slot = static_cast<std::uint32_t>(slots_.size());
  if (free_.empty()) {
    slots_.emplace_back();
  } else {
    slot = free_.back();
    free_.pop_back();
  }
  serial = ++serial_;
  slots_[slot] = {&conversation, serial};
  return slot;
}

void Relay::leave(std::uint32_t slot) {
  slots_[slot].conversation = nullptr;
  free_.push_back(slot);
}

// ---------------------------------------------------------------- deadlines

void Relay::look_at(Conversation& conversation, Instant when) {
  wheel_.link(conversation, when, now_);
  if (std::exchange(sweeping_, true)) return;
  loop_.start(sweep());
}

Task<> Relay::sweep() {
  while (wheel_.next_tick()) {
    const Instant tick = *wheel_.next_tick();
    co_await loop_.sleep_until(tick);
    now_ = instant_now();
    wheel_.sweep(now_, [this](DeadlineWheel::Entry& entry) { static_cast<Conversation&>(entry).on_deadline(now_); });
  }
  sweeping_ = false;
}

}  // namespace reeve
