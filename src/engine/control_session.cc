#include "engine/control_session.h"

#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "control/answer.h"
#include "sys/clock.h"

namespace reeve {

ControlSession::ControlSession(Loop& loop, UniqueFd connection, Peer its_peer, Role its_role)
    : peer(std::move(its_peer)), role(its_role), loop_(loop), connection_(std::move(connection)), watch_(loop, connection_.get()) {}

void ControlSession::fail(const Request& request, const ControlFailure& failure) {
  append_failure(out, request.id, failure);
}

void ControlSession::begin_slice() noexcept {
  slice_began_ = instant_now();
  unlooked_ = 0;
}

bool ControlSession::is_due() noexcept {
  constexpr unsigned kLookEvery = 16;  // a clock costs as much as an item
  if (out.size() >= kMostQueued) return true;
  if (++unlooked_ < kLookEvery) return false;
  unlooked_ = 0;
  return instant_now() - slice_began_ >= kSlice;
}

Task<bool> ControlSession::breathe() {
  // Long enough that a long answer is no busy loop: the scheduler goes on to prefer us when a client comes.
  static constexpr std::chrono::microseconds kBreath{300};
  const bool sent = co_await flush();
  const Instant then = instant_now() + kBreath;
  co_await loop_.sleep_until(then);
  begin_slice();
  co_return sent && !ended_;
}

Task<bool> ControlSession::flush() {
  std::size_t done = 0;
  while (done < out.size() && !ended_) {
    const ssize_t count = ::send(connection_.get(), out.data() + done, out.size() - done, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (count > 0) {
      done += static_cast<std::size_t>(count);
    } else if (errno == EAGAIN) {
      const Instant until = instant_now() + patience_;
      const Wake wake = co_await watch_.writable(until);
      if (wake == Wake::timed_out) ended_ = true;
    } else if (errno != EINTR) {
      ended_ = true;
    }
  }
  out.clear();
  co_return !ended_;
}

Task<bool> ControlSession::read(LineBuffer& lines) {
  const Instant now = instant_now();
  idle_since_ = now;
  const Instant until = now + kIdle;
  const Wake wake = co_await watch_.readable(until);
  idle_since_.reset();
  if (wake != Wake::ready || ended_) co_return false;
  const std::span<char> room = lines.room();
  const ssize_t count = ::recv(connection_.get(), room.data(), room.size(), MSG_DONTWAIT);
  if (count > 0) lines.filled(static_cast<std::size_t>(count));
  co_return count > 0 || (count < 0 && (errno == EAGAIN || errno == EINTR));
}

Task<bool> ControlSession::rest(Instant until) {
  if (ended_) co_return false;
  const Wake wake = co_await watch_.readable(until);
  co_return wake != Wake::ready && !ended_;
}

bool ControlSession::is_peer_gone() const noexcept {
  char byte = 0;
  const ssize_t count = ::recv(connection_.get(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return ended_ || count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR);
}

void ControlSession::wake() noexcept {
  watch_.cancel();
}

void ControlSession::end() noexcept {
  ended_ = true;
  watch_.cancel();
}

}  // namespace reeve
