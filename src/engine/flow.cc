#include "engine/flow.h"

#include <fcntl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

namespace reeve {

namespace {

// A piece that fills it is the beginning of something large.
constexpr std::size_t kBufferBytes = 16 * 1024;
// Spliced pieces below this are cheaper to copy.
constexpr ssize_t kSmallPiece = 4 * 1024;
// Then it is another flow's turn.
constexpr int kRoundsPerTurn = 8;

// One for each thread; nobody keeps bytes here over a turn.
std::span<char> buffer() {
  static thread_local const auto bytes = std::make_unique_for_overwrite<char[]>(kBufferBytes);
  return {bytes.get(), kBufferBytes};
}

bool would_block() noexcept {
  return errno == EAGAIN || errno == EINTR;
}

}  // namespace

Flow::~Flow() {
  let_go_of_pipe();
}

void Flow::put_first(std::span<const char> bytes) {
  keep_rest(bytes);
  uncounted_ = left_;
}

Flow::Outcome Flow::move(const Ends& ends) {
  for (int round = 0; round < kRoundsPerTurn; ++round) {
    Step step = Step::moved;
    if (left_ > 0) step = deliver_rest(ends.to);
    if (step == Step::moved && in_pipe_ > 0) step = drain_pipe(ends.to);
    if (step == Step::moved) {
      if (ended_) return Outcome::ended;
      step = in_bulk_ ? splice(ends) : copy(ends);
      if (step == Step::no_pipe) step = copy(ends);
    }
    switch (step) {
      case Step::moved:
      case Step::no_pipe:
        break;
      case Step::ended:
        ended_ = true;
        return Outcome::ended;
      case Step::starved:
        return Outcome::starved;
      case Step::stuffed:
        return Outcome::stuffed;
      case Step::broken_sender:
        return Outcome::broken_sender;
      case Step::broken_receiver:
        return Outcome::broken_receiver;
    }
  }
  return Outcome::tired;
}

Flow::Step Flow::copy(const Ends& ends) {
  const std::span<char> bytes = buffer();
  const ssize_t received = ::recv(ends.from, bytes.data(), bytes.size(), 0);
  if (received == 0) return Step::ended;
  if (received < 0) return would_block() ? Step::starved : Step::broken_sender;
  const auto count = static_cast<std::size_t>(received);
  in_bulk_ = count == bytes.size();
  const bool is_end = ends.is_last && !in_bulk_;
  // MSG_MORE: the end that is told next travels in the same segment.
  const int more = is_end && ends.can_send_late ? MSG_MORE : 0;
  const ssize_t sent = ::send(ends.to, bytes.data(), count, MSG_NOSIGNAL | more);
  if (sent < 0 && !would_block()) return Step::broken_receiver;
  const std::size_t done = sent < 0 ? 0 : static_cast<std::size_t>(sent);
  bytes_ += done;
  if (is_end) ended_ = true;
  if (done < count) {
    keep_rest(bytes.subspan(done, count - done));
    return Step::stuffed;
  }
  if (is_end) return Step::ended;
  return in_bulk_ ? Step::moved : Step::starved;
}

Flow::Step Flow::deliver_rest(int to) {
  while (left_ > 0) {
    const ssize_t sent = ::send(to, rest_.get() + rest_at_, left_, MSG_NOSIGNAL);
    if (sent < 0) return would_block() ? Step::stuffed : Step::broken_receiver;
    const auto count = static_cast<std::uint32_t>(sent);
    const std::uint32_t first = std::min(count, uncounted_);
    uncounted_ -= first;
    bytes_ += count - first;
    rest_at_ += count;
    left_ -= count;
  }
  rest_.reset();
  return Step::moved;
}

void Flow::keep_rest(std::span<const char> bytes) {
  rest_ = std::make_unique_for_overwrite<char[]>(bytes.size());
  std::copy(bytes.begin(), bytes.end(), rest_.get());
  rest_at_ = 0;
  left_ = static_cast<std::uint32_t>(bytes.size());
}

Flow::Step Flow::splice(const Ends& ends) {
  if (!pipe_) {
    pipe_ = pipes_->take();
    if (!pipe_) return Step::no_pipe;
  }
  const ssize_t received = ::splice(ends.from, nullptr, pipe_->in.get(), nullptr, PipePool::kBytes, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
  if (received <= 0) {
    const int reason = errno;
    let_go_of_pipe();
    if (received == 0) return Step::ended;
    errno = reason;
    return would_block() ? Step::starved : Step::broken_sender;
  }
  in_bulk_ = received >= kSmallPiece;
  in_pipe_ = static_cast<std::uint32_t>(received);
  return drain_pipe(ends.to);
}

Flow::Step Flow::drain_pipe(int to) {
  while (in_pipe_ > 0) {
    const ssize_t sent = ::splice(pipe_->out.get(), nullptr, to, nullptr, in_pipe_, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
    if (sent < 0) return would_block() ? Step::stuffed : Step::broken_receiver;
    if (sent == 0) return Step::broken_receiver;
    in_pipe_ -= static_cast<std::uint32_t>(sent);
    bytes_ += static_cast<std::uint64_t>(sent);
  }
  let_go_of_pipe();
  return Step::moved;
}

void Flow::let_go_of_pipe() {
  if (!pipe_) return;
  if (in_pipe_ == 0) pipes_->give_back(std::move(*pipe_));
  pipe_.reset();
  in_pipe_ = 0;
}

}  // namespace reeve
