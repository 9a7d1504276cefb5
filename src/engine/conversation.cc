// The half of engine/relay.h that is one conversation.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/epoll.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "engine/relay.h"
#include "engine/relay_threads.h"
#include "sys/clock.h"

namespace reeve {

namespace {

// A relay that lives this long is asked now and then whether both ends are still there (tcp(7), SO_KEEPALIVE).
constexpr std::chrono::seconds kKeepAliveAfter{60};
// What is not over by then is worth the way to another thread.
constexpr std::uint8_t kLongTurns = 16;
constexpr std::uint64_t kLongBytes = 256 * 1024;
// With so many events at once the loop has enough to do without one more.
constexpr int kBusyTurn = 8;
constexpr int kKeepAliveIdle = 600, kKeepAliveInterval = 60, kKeepAliveProbes = 5;

void set_option(const UniqueFd& fd, int level, int option, int value) noexcept {
  (void)::setsockopt(fd.get(), level, option, &value, sizeof value);
}

int pending_error(const UniqueFd& fd) noexcept {
  int error = 0;
  socklen_t size = sizeof error;
  return ::getsockopt(fd.get(), SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? error : errno;
}

}  // namespace

Conversation::Conversation(Relay& relay, UniqueFd client) : relay_(&relay), flows_{Flow(relay.pipes_), Flow(relay.pipes_)} {
  sides_[kClient].fd = std::move(client);
  take_slot();
}

Conversation::~Conversation() {
  give_up_slot();
}

void Conversation::take_slot() {
  slot_ = relay_->enter(*this, serial_);
}

void Conversation::give_up_slot() noexcept {
  if (slot_ == kNoSlot) return;
  relay_->wheel_.unlink(*this);
  relay_->leave(std::exchange(slot_, kNoSlot));
}

int Conversation::connect(const sockaddr* target, socklen_t size, const Terms& terms) {
  sides_[kTarget] = Side{};
  sides_[kTarget].is_tcp = target->sa_family != AF_UNIX;
  is_over_ = is_connected_ = false;
  connect_seconds_ = terms.connect_seconds;
  idle_seconds_ = terms.idle_seconds;
  if (!terms.introduction.empty()) flows_[kClient].put_first(terms.introduction);
  if (terms.may_leave && relay_->threads_ != nullptr && relay_->loop_.turn_size() >= kBusyTurn) {
    destination_ = std::make_unique<Destination>();
    std::memcpy(&destination_->address, target, size);
    destination_->size = size;
    if (relay_->threads_->take(*this)) return 0;
    destination_.reset();
  }
  return reach(target, size);
}

int Conversation::reach(const sockaddr* target, socklen_t size) {
  if (slot_ == kNoSlot) take_slot();
  Side& side = sides_[kTarget];
  side.fd.reset(::socket(target->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!side.fd) return errno;
  if (::connect(side.fd.get(), target, size) == 0) {
    is_connected_ = true;
  } else if (errno != EINPROGRESS) {
    const int error = errno;
    side.fd.reset();
    return error;
  }
  // Room is only waited for when there is something to say; a target that speaks first needs one event less.
  side.wants_room = !flows_[kClient].is_empty() || sides_[kClient].has_bytes;
  if (!watch(kTarget, false) || (!is_watched_ && !watch(kClient, false))) {
    const int error = errno;
    side.fd.reset();
    return error;
  }
  is_watched_ = true;
  since_ = active_ = relay_->now_ = instant_now();
  // Whether it has answered is looked at early when a short idle time begins with the answer.
  const std::uint32_t first = idle_seconds_ == 0 ? connect_seconds_ : std::min(connect_seconds_, idle_seconds_);
  relay_->look_at(*this, since_ + std::chrono::seconds(first));
  return 0;
}

bool Conversation::watch(unsigned side, bool again) {
  const std::uint32_t interest = EPOLLIN | EPOLLRDHUP | (sides_[side].wants_room ? EPOLLOUT : 0U);
  const std::uint64_t key = std::uint64_t{serial_} << 32 | std::uint64_t{slot_} << 1 | side;
  return relay_->loop_.watch_edges(sides_[side].fd.get(), interest, key, again);
}

// ---------------------------------------------------------------- what happens

void Conversation::on_event(unsigned side, std::uint32_t events) {
  active_ = relay_->now_;
  if ((events & EPOLLRDHUP) != 0) sides_[side].has_ended = true;
  if (is_over_) {  // between two targets
    sides_[side].has_bytes = true;
    return;
  }
  if (!is_connected_) {
    if (side == kTarget) {
      on_target_connecting(events);
    } else if ((events & EPOLLERR) != 0) {
      finish(End::left);
    } else {
      sides_[kClient].has_bytes = true;
      if (has_answered()) {
        establish();
      } else if (!std::exchange(sides_[kTarget].wants_room, true)) {
        (void)watch(kTarget, true);
      }
    }
  } else {
    if ((events & EPOLLERR) != 0) sides_[side].is_broken = true;
    if ((events & EPOLLERR) != 0 && delivered_[side]) break_off(side);  // nothing more of it to pass on
    if ((events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) pump(side);
    if ((events & EPOLLOUT) != 0) pump(1 - side);
  }
  if (may_leave() && relay_->threads_->take(*this)) return;
  settle();
}

void Conversation::on_target_connecting(std::uint32_t events) {
  if ((events & (EPOLLERR | EPOLLHUP)) != 0) {
    const int error = pending_error(sides_[kTarget].fd);
    // A target that answered and broke off at once has said something, perhaps.
    if (error != 0 && error != ECONNRESET && error != EPIPE) return refuse(error);
    sides_[kTarget].is_broken = error != 0;
  }
  establish();
}

bool Conversation::has_answered() const noexcept {
  pollfd one{sides_[kTarget].fd.get(), POLLOUT, 0};
  return ::poll(&one, 1, 0) > 0 && (one.revents & (POLLERR | POLLHUP)) == 0;
}

void Conversation::establish() {
  is_connected_ = true;
  pump(kTarget);
  if (sides_[kClient].has_bytes || !flows_[kClient].is_empty()) pump(kClient);
}

void Conversation::on_deadline(Instant now) {
  if (!is_connected_) {
    if (has_answered()) {
      establish();
    } else if (now - since_ >= std::chrono::seconds(connect_seconds_)) {
      refuse(ETIMEDOUT);
    }
  } else if (idle_seconds_ != 0 && now - active_ >= std::chrono::seconds(idle_seconds_)) {
    resets_ = 1U << kClient | 1U << kTarget;
    finish(End::idle);
  }
  if (!is_over_) {
    if (is_connected_ && now - since_ >= kKeepAliveAfter) keep_alive();
    const Instant due = next_deadline();
    if (due != Instant::max()) relay_->look_at(*this, due);
  }
  settle();
}

// Instant::max(): never.
Instant Conversation::next_deadline() const noexcept {
  if (!is_connected_) return since_ + std::chrono::seconds(connect_seconds_);
  const Instant idle = idle_seconds_ == 0 ? Instant::max() : active_ + std::chrono::seconds(idle_seconds_);
  return is_kept_alive_ ? idle : std::min(idle, since_ + kKeepAliveAfter);
}

void Conversation::keep_alive() noexcept {
  if (std::exchange(is_kept_alive_, true)) return;
  for (const Side& side : sides_) {
    if (!side.is_tcp) continue;
    set_option(side.fd, IPPROTO_TCP, TCP_KEEPIDLE, kKeepAliveIdle);
    set_option(side.fd, IPPROTO_TCP, TCP_KEEPINTVL, kKeepAliveInterval);
    set_option(side.fd, IPPROTO_TCP, TCP_KEEPCNT, kKeepAliveProbes);
    set_option(side.fd, SOL_SOCKET, SO_KEEPALIVE, 1);
  }
}

// ---------------------------------------------------------------- from thread to thread

// Only now, when all that an event brought is done.
bool Conversation::may_leave() noexcept {
  if (relay_->threads_ == nullptr || stays_ || is_over_ || !is_connected_ || !waiter_ || awaits_answer_) return false;
  return ++turns_ >= kLongTurns || flows_[kClient].bytes() + flows_[kTarget].bytes() >= kLongBytes;
}

void Conversation::leave(Relay& for_other) {
  for (const Side& side : sides_) {
    if (side.fd && is_watched_) relay_->loop_.forget_edges(side.fd.get());
  }
  is_watched_ = false;
  give_up_slot();
  relay_ = &for_other;
}

void Conversation::go_on() {
  for (Flow& flow : flows_) flow.move_to(relay_->pipes_);
  if (const auto destination = std::move(destination_)) {
    const int error = reach(reinterpret_cast<const sockaddr*>(&destination->address), destination->size);
    if (error == 0) return;
    refuse(error);
    settle();
    return;
  }
  take_slot();
  relay_->now_ = instant_now();
  is_watched_ = true;
  if (!watch(kClient, false) || !watch(kTarget, false)) {  // tells what is there already
    cancel_here();
    return;
  }
  const Instant due = next_deadline();
  if (due != Instant::max()) relay_->look_at(*this, due);
}

void Conversation::return_to(Relay& home) {
  relay_ = &home;
  thread_ = nullptr;
  for (Flow& flow : flows_) flow.move_to(home.pipes_);
  settle();
}

// ---------------------------------------------------------------- bytes

void Conversation::pump(unsigned from) {
  Side& sender = sides_[from];
  Side& receiver = sides_[1 - from];
  if (is_over_ || delivered_[from] || receiver.is_broken) return;
  // The first piece leaves at once anyhow; from the second on a small one would wait for an answer (Nagle).
  if (receiver.is_tcp && !receiver.has_nodelay && flows_[from].bytes() > 0) {
    set_option(receiver.fd, IPPROTO_TCP, TCP_NODELAY, 1);
    receiver.has_nodelay = true;
  }
  const Flow::Ends ends{.from = sender.fd.get(),
                        .to = receiver.fd.get(),
                        .is_last = sender.has_ended && sender.is_tcp && !sender.is_broken,
                        .can_send_late = receiver.is_tcp};
  switch (flows_[from].move(ends)) {
    case Flow::Outcome::starved:
      if (sender.is_broken) break_off(from);
      break;
    case Flow::Outcome::stuffed:
      if (receiver.is_tcp) limit_unsent(receiver);
      if (!std::exchange(receiver.wants_room, true)) (void)watch(1 - from, true);
      break;
    case Flow::Outcome::ended:
      if (sender.is_broken) {
        break_off(from);
      } else {
        deliver_end(from);
      }
      break;
    case Flow::Outcome::tired:
      (void)watch(from, true);  // tells again what is there, behind the others
      break;
    case Flow::Outcome::broken_sender:
      break_off(from);
      break;
    case Flow::Outcome::broken_receiver:
      // It takes nothing more, but what it said before must still arrive.
      receiver.is_broken = true;
      if (delivered_[1 - from]) {
        break_off(1 - from);
      } else {
        pump(1 - from);
      }
      break;
  }
}

// tcp(7), TCP_NOTSENT_LOWAT: there is room only while less than this has not been sent.
void Conversation::limit_unsent(Side& receiver) noexcept {
  const std::uint32_t share = relay_->unsent_share();
  if (share == std::exchange(receiver.most_unsent, share)) return;
  const int bytes = static_cast<int>(share);
  set_option(receiver.fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, bytes);
}

void Conversation::deliver_end(unsigned from) {
  if (!delivered_[1 - from]) first_to_leave_ = static_cast<std::uint8_t>(from);
  delivered_[from] = true;
  if (delivered_[1 - from]) {
    finish(End::complete);
  } else {
    (void)::shutdown(sides_[1 - from].fd.get(), SHUT_WR);
  }
}

// ---------------------------------------------------------------- the end

void Conversation::break_off(unsigned side) {
  if (!delivered_[1 - side]) first_to_leave_ = static_cast<std::uint8_t>(side);
  // Whoever has heard all, with its end, is left in peace; whoever has not must not take the rest for all.
  if (!delivered_[side]) resets_ |= static_cast<std::uint8_t>(1U << (1 - side));
  finish(End::reset);
}

void Conversation::refuse(int sys_errno) {
  sys_errno_ = sys_errno;
  sides_[kTarget].fd.reset();
  finish(End::refused);
}

void Conversation::cancel() {
  if (thread_ != nullptr) return thread_->cancel(*this);
  cancel_here();
}

void Conversation::cancel_here() {
  if (is_over_) return;
  resets_ = 1U << kClient | 1U << kTarget;
  finish(End::cancelled);
  settle();
}

Silence Conversation::silence() const noexcept {
  if (bytes_in() != 0) return Silence::no;
  if (end_ == End::idle) return Silence::too_long;
  if (end_ == End::left) return Silence::left;
  const bool client_left = (end_ == End::complete || end_ == End::reset) && first_to_leave_ == kClient;
  return client_left && bytes_out() == 0 ? Silence::left : Silence::no;
}

void Conversation::finish(End end) noexcept {
  is_over_ = true;
  end_ = end;
}

void Conversation::settle() {
  if (thread_ != nullptr) {
    if (is_over_) thread_->give_back(*this);
    return;
  }
  if (!waiter_ || !(is_over_ || (is_connected_ && awaits_answer_))) return;
  std::exchange(waiter_, {}).resume();
}

void Conversation::close() {
  for (unsigned side = 0; side < sides_.size(); ++side) {
    if (!sides_[side].fd) continue;
    if ((resets_ >> side & 1) != 0) {
      const linger abruptly{.l_onoff = 1, .l_linger = 0};
      (void)::setsockopt(sides_[side].fd.get(), SOL_SOCKET, SO_LINGER, &abruptly, sizeof abruptly);
    }
    sides_[side].fd.reset();
  }
}

}  // namespace reeve
