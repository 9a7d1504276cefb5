#include "engine/relay.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "sys/clock.h"

namespace reeve {

Relay::Relay(Loop& loop) : loop_(loop) {
  loop_.set_edge_listener(*this);
}

// Keys are the serial, 31 bits, and twice the slot with the side.
void Relay::on_edge(std::uint64_t key, std::uint32_t events) {
  const std::uint32_t slot = static_cast<std::uint32_t>(key) >> 1;
  // An event before this one may have ended the conversation, or given its slot to another.
  if (slots_[slot].conversation == nullptr || slots_[slot].serial != key >> 32) return;
  now_ = loop_.turn_time();
  slots_[slot].conversation->on_event(key & 1, events);
}

std::uint32_t Relay::enter(Conversation& conversation, std::uint32_t& serial) {
  std::uint32_t slot = static_cast<std::uint32_t>(slots_.size());
  if (free_.empty()) {
    slots_.emplace_back();
  } else {
    slot = free_.back();
    free_.pop_back();
  }
  serial = serial_ = (serial_ + 1) & 0x7fffffff;
  slots_[slot] = {&conversation, serial};
  return slot;
}

void Relay::leave(std::uint32_t slot) {
  slots_[slot].conversation = nullptr;
  free_.push_back(slot);
}

// What many slow receivers leave unsent would not fit into the processor's cache: every byte would come from memory twice,
// and be sent by whoever receives it, when that one acknowledges what was before. A few may have all.
std::uint32_t Relay::unsent_share() const noexcept {
  constexpr std::size_t kAll = 1024 * 1024, kLeast = 16 * 1024, kFew = 3;
  const std::size_t conversations = slots_.size() - free_.size();
  if (conversations <= kFew) return 0;
  // Powers of two change seldom.
  return static_cast<std::uint32_t>(std::max(kLeast, std::bit_floor(kAll / conversations)));
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
