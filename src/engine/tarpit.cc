#include "engine/tarpit.h"

#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "base/check.h"
#include "sys/clock.h"

namespace reeve {

namespace {

constexpr std::size_t kTurn = 256;                 // lines, or farewells, in one turn of the loop
constexpr std::size_t kGivenWay = 64;              // descriptors, when they are short
constexpr std::chrono::milliseconds kGather{100};  // lines that are due within it are one wake-up
constexpr std::size_t kWaste = 64 * 1024;
constexpr int kEvents = 64;

std::size_t affordable() noexcept {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 256;
  return std::min<rlim_t>(Tarpit::kMost, limit.rlim_cur / 2);
}

// The kernel makes of these the least that it can do with.
void make_small(int fd) noexcept {
  const int least = 1;
  (void)::setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &least, sizeof least);
  (void)::setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &least, sizeof least);
}

}  // namespace

Tarpit::Tarpit(Loop& loop) noexcept : Tarpit(loop, affordable(), kPause) {}

Tarpit::~Tarpit() {
  while (age_.first != kNone) let_go(age_.first);
}

void Tarpit::append(List& list, Links Place::*links, Index index) noexcept {
  Links& own = places_[index].*links;
  own = {list.last, kNone};
  (list.last == kNone ? list.first : (places_[list.last].*links).next) = index;
  list.last = index;
}

void Tarpit::remove(List& list, Links Place::*links, Index index) noexcept {
  const Links own = places_[index].*links;
  (own.previous == kNone ? list.first : (places_[own.previous].*links).next) = own.next;
  (own.next == kNone ? list.last : (places_[own.next].*links).previous) = own.previous;
}

std::uint32_t Tarpit::milliseconds(Instant when) const noexcept {
  return static_cast<std::uint32_t>(std::chrono::floor<std::chrono::milliseconds>(when - epoch_).count());
}

bool Tarpit::open_set() {
  if (set_) return true;
  set_.reset(::epoll_create1(EPOLL_CLOEXEC));
  if (!set_) return false;
  waste_ = std::make_unique_for_overwrite<char[]>(kWaste);
  epoch_ = instant_now();
  noise_ = static_cast<std::uint64_t>(epoch_.time_since_epoch().count()) | 1;
  loop_.start(hear_leavers());
  return true;
}

void Tarpit::keep(UniqueFd connection) {
  if (most_ == 0 || !open_set() || !send_line(connection.get())) return;
  if (size_ == most_) {
    let_go(age_.first);
    ++pushed_out_;
  }
  Index index = free_;
  if (index == kNone) {
    index = static_cast<Index>(places_.size());
    places_.emplace_back();
  }
  epoll_event event{};
  event.events = EPOLLRDHUP;
  event.data.u32 = index;
  if (::epoll_ctl(set_.get(), EPOLL_CTL_ADD, connection.get(), &event) != 0) {
    if (index != free_) places_.pop_back();
    return;
  }
  if (index == free_) free_ = places_[index].due.next;
  make_small(connection.get());
  places_[index].fd = connection.release();
  places_[index].due_ms = milliseconds(instant_now() + pause_);
  append(due_, &Place::due, index);
  append(age_, &Place::age, index);
  ++size_;
  ++caught_;
  if (!std::exchange(tending_, true)) loop_.start(tend());
}

bool Tarpit::send_line(int fd) noexcept {
  static constexpr std::array<char, 17> kDigits{"0123456789abcdef"};
  std::array<char, 14> line{'2', '2', '0', '-', ' ', ' ', ' ', ' ', ' ', ' ', ' ', ' ', '\r', '\n'};
  // Marsaglia's xorshift: no two lines are the same, and nobody has to guess them.
  noise_ ^= noise_ << 13;
  noise_ ^= noise_ >> 7;
  noise_ ^= noise_ << 17;
  for (std::size_t each = 0; each < 8; ++each) line[4 + each] = kDigits[noise_ >> (32 + 4 * each) & 0xf];
  const ssize_t sent = ::send(fd, line.data(), line.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  // Who takes nothing is welcome to stay.
  return sent >= 0 || errno == EAGAIN || errno == EINTR || errno == ENOBUFS;
}

// tcp(7): MSG_TRUNC throws away without copying.
void Tarpit::throw_away(int fd) noexcept {
  (void)::recv(fd, waste_.get(), kWaste, MSG_DONTWAIT | MSG_TRUNC);
}

void Tarpit::let_go(Index index) noexcept {
  Place& place = places_[index];
  REEVE_CHECK(place.fd >= 0);
  const linger abruptly{.l_onoff = 1, .l_linger = 0};
  (void)::setsockopt(place.fd, SOL_SOCKET, SO_LINGER, &abruptly, sizeof abruptly);
  ::close(std::exchange(place.fd, -1));
  remove(due_, &Place::due, index);
  remove(age_, &Place::age, index);
  place.due.next = std::exchange(free_, index);
  --size_;
  to_go_ = std::min(to_go_, size_);
}

bool Tarpit::give_way() noexcept {
  if (size_ == 0) return false;
  for (std::size_t each = 0; each < kGivenWay && size_ != 0; ++each) {
    let_go(age_.first);
    ++pushed_out_;
  }
  return true;
}

void Tarpit::let_all_go() {
  to_go_ = size_;
  if (to_go_ != 0 && !std::exchange(clearing_, true)) loop_.start(clear());
}

Task<> Tarpit::clear() {
  while (to_go_ != 0) {
    for (std::size_t left = kTurn; to_go_ != 0 && left != 0; --left) {
      --to_go_;
      let_go(age_.first);
    }
    const Instant at_once = instant_now();
    co_await loop_.sleep_until(at_once);
  }
  clearing_ = false;
}

Task<> Tarpit::tend() {
  while (size_ != 0) {
    const Instant next = send_some(instant_now());
    co_await loop_.sleep_until(next);
  }
  tending_ = false;
}

Instant Tarpit::send_some(Instant now) noexcept {
  for (std::size_t left = kTurn; size_ != 0 && left != 0; --left) {
    const Index index = due_.first;
    Place& place = places_[index];
    const std::chrono::milliseconds wait(static_cast<std::int32_t>(place.due_ms - milliseconds(now)));
    if (wait > wait.zero()) return now + std::max(wait, kGather);
    if (!send_line(place.fd)) {
      let_go(index);
      continue;
    }
    throw_away(place.fd);
    remove(due_, &Place::due, index);
    place.due_ms = milliseconds(now + pause_);
    append(due_, &Place::due, index);
  }
  return now;
}

Task<> Tarpit::hear_leavers() {
  Watch watch(loop_, set_.get());
  for (;;) {
    co_await watch.readable(kNoDeadline);
    take_leavers();
  }
}

void Tarpit::take_leavers() noexcept {
  std::array<epoll_event, kEvents> events;
  const int count = ::epoll_wait(set_.get(), events.data(), kEvents, 0);
  // A place is in the set once, so nobody is met twice.
  for (int each = 0; each < count; ++each) let_go(events[static_cast<std::size_t>(each)].data.u32);
}

}  // namespace reeve
