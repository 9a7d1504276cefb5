#include "engine/relay_threads.h"

#include <algorithm>
#include <string>
#include <utility>

#include "sys/clock.h"

namespace reeve {

namespace {

constexpr std::chrono::minutes kPauseAfterFailure{1};

}  // namespace

RelayThreads::RelayThreads(Loop& loop, Relay& relay, Journal& journal, std::size_t processors)
    : loop_(loop), relay_(relay), journal_(journal), most_(processors > 1 ? std::min(processors, kMostThreads) : 0) {
  if (most_ > 0) relay_.set_threads(*this);
}

bool RelayThreads::take(Conversation& conversation) {
  Member* const member = choose();
  if (member == nullptr) {
    conversation.stays_ = true;
    return false;
  }
  ++member->conversations;
  member->thread->carry(conversation);
  return true;
}

// The one with the fewest, and a new one if that has some already.
RelayThreads::Member* RelayThreads::choose() {
  const auto idlest = std::min_element(members_.begin(), members_.end(),
                                       [](const Member& a, const Member& b) { return a.conversations < b.conversations; });
  Member* const best = idlest == members_.end() ? nullptr : &*idlest;
  if ((best != nullptr && best->conversations == 0) || members_.size() == most_) return best;
  const Instant now = instant_now();
  if (now < try_again_) return best;
  auto started = start_one();
  if (started) return *started;
  try_again_ = now + kPauseAfterFailure;
  journal_.say(Level::error, wall_now(), "no thread for relays: " + started.error().text());
  return members_.empty() ? nullptr : &members_.front();
}

Result<RelayThreads::Member*> RelayThreads::start_one() {
  if (!waker_) {
    auto waker = Waker::open();
    if (!waker) return std::unexpected(std::move(waker.error()));
    waker_.emplace(std::move(*waker));
    members_.reserve(most_);
    loop_.start(listen());
  }
  auto thread = RelayThread::start(*waker_);
  if (!thread) return std::unexpected(std::move(thread.error()));
  members_.push_back({.thread = std::move(*thread)});
  return &members_.back();
}

Task<> RelayThreads::listen() {
  Watch watch(loop_, waker_->fd());
  for (;;) {
    co_await watch.readable(kNoDeadline);
    waker_->heard();
    for (Member& member : members_) fetch(member);
  }
}

void RelayThreads::fetch(Member& member) {
  Conversation* each = member.thread->fetch();
  while (each != nullptr) {
    Conversation& conversation = *std::exchange(each, RelayThread::next(*each));
    --member.conversations;
    conversation.return_to(relay_);  // the visit goes on, and it may be gone
  }
}

void RelayThreads::stop() {
  for (Member& member : members_) member.thread->stop();
}

}  // namespace reeve
