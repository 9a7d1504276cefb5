// The half of engine/relay.h that is one conversation.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/epoll.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "engine/relay.h"
#include "sys/clock.h"

namespace reeve {

namespace {

// A relay that lives this long is asked now and then whether both ends are still there (tcp(7), SO_KEEPALIVE).
constexpr std::chrono::seconds kKeepAliveAfter{60};
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

Conversation::Conversation(Relay& relay, UniqueFd client) : relay_(relay), flows_{Flow(relay.pipes_), Flow(relay.pipes_)} {
  sides_[kClient].fd = std::move(client);
  slot_ = relay_.enter(*this, serial_);
}

Conversation::~Conversation() {
  relay_.wheel_.unlink(*this);
  relay_.leave(slot_);
}

int Conversation::connect(const sockaddr* target, socklen_t size, const Terms& terms) {
  Side& side = sides_[kTarget];
  side = Side{};
  is_over_ = is_connected_ = false;
  side.is_tcp = target->sa_family != AF_UNIX;
  side.fd.reset(::socket(target->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!side.fd) return errno;
  if (::connect(side.fd.get(), target, size) == 0) {
    is_connected_ = true;
  } else if (errno != EINPROGRESS) {
    const int error = errno;
    side.fd.reset();
    return error;
  }
  if (!terms.introduction.empty()) flows_[kClient].put_first(terms.introduction);
  // Room is only waited for when there is something to say; a target that speaks first needs one event less.
  side.wants_room = !flows_[kClient].is_empty() || sides_[kClient].has_bytes;
  if (!watch(kTarget, false) || (!is_watched_ && !watch(kClient, false))) {
    const int error = errno;
    side.fd.reset();
    return error;
  }
  is_watched_ = true;
  since_ = active_ = relay_.now_ = instant_now();
  connect_seconds_ = terms.connect_seconds;
  idle_seconds_ = terms.idle_seconds;
  // Whether it has answered is looked at early when a short idle time begins with the answer.
  const std::uint32_t first = idle_seconds_ == 0 ? connect_seconds_ : std::min(connect_seconds_, idle_seconds_);
  relay_.look_at(*this, since_ + std::chrono::seconds(first));
  return 0;
}

bool Conversation::watch(unsigned side, bool again) {
  const std::uint32_t interest = EPOLLIN | EPOLLRDHUP | (sides_[side].wants_room ? EPOLLOUT : 0U);
  const std::uint64_t key = std::uint64_t{serial_} << 32 | std::uint64_t{slot_} << 1 | side;
  return relay_.loop_.watch_edges(sides_[side].fd.get(), interest, key, again);
}

// ---------------------------------------------------------------- what happens

void Conversation::on_event(unsigned side, std::uint32_t events) {
  active_ = relay_.now_;
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
    if (due != Instant::max()) relay_.look_at(*this, due);
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

void Conversation::deliver_end(unsigned from) {
  delivered_[from] = true;
  if (delivered_[1 - from]) {
    finish(End::complete);
  } else {
    (void)::shutdown(sides_[1 - from].fd.get(), SHUT_WR);
  }
}

// ---------------------------------------------------------------- the end

void Conversation::break_off(unsigned side) {
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
  if (is_over_) return;
  resets_ = 1U << kClient | 1U << kTarget;
  finish(End::cancelled);
  settle();
}

void Conversation::finish(End end) noexcept {
  is_over_ = true;
  end_ = end;
}

void Conversation::settle() {
  if (!waiter_ || !(is_over_ || (is_connected_ && awaits_answer_))) return;
  std::exchange(waiter_, {}).resume();
}

void Conversation::close() {
  for (unsigned side = 0; side < sides_.size(); ++side) {
    if ((resets_ >> side & 1) != 0) {
      const linger abruptly{.l_onoff = 1, .l_linger = 0};
      (void)::setsockopt(sides_[side].fd.get(), SOL_SOCKET, SO_LINGER, &abruptly, sizeof abruptly);
    }
    sides_[side].fd.reset();
  }
}

}  // namespace reeve
