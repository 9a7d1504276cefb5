#include "sys/poller.h"

#include <sys/epoll.h>

#include <algorithm>
#include <cerrno>
#include <chrono>

#include "sys/clock.h"

namespace reeve {

Result<Poller> Poller::open() {
  UniqueFd fd(::epoll_create1(EPOLL_CLOEXEC));
  if (!fd) return failure("epoll_create1", errno);
  return Poller(std::move(fd));
}

void Poller::watch(int fd, bool writable_too) noexcept {
  epoll_event event{};
  event.events = EPOLLIN | (writable_too ? EPOLLOUT : 0U);
  event.data.fd = fd;
  if (::epoll_ctl(fd_.get(), EPOLL_CTL_MOD, fd, &event) != 0) ::epoll_ctl(fd_.get(), EPOLL_CTL_ADD, fd, &event);
}

void Poller::forget(int fd) noexcept {
  ::epoll_ctl(fd_.get(), EPOLL_CTL_DEL, fd, nullptr);
}

std::span<const Poller::Ready> Poller::wait(std::optional<Instant> until) noexcept {
  int timeout = -1;
  if (until) {
    using std::chrono::milliseconds;
    const auto left = std::chrono::ceil<milliseconds>(*until - instant_now());
    timeout = static_cast<int>(std::clamp<milliseconds::rep>(left.count(), 0, 3'600'000));
  }
  return collect(timeout);
}

std::span<const Poller::Ready> Poller::collect(int timeout) noexcept {
  std::array<epoll_event, 8> events;
  const int count = ::epoll_wait(fd_.get(), events.data(), static_cast<int>(events.size()), timeout);
  for (int each = 0; each < count; ++each) {
    const epoll_event& event = events[static_cast<std::size_t>(each)];
    const bool ended = (event.events & (EPOLLHUP | EPOLLERR)) != 0;
    ready_[static_cast<std::size_t>(each)] = {event.data.fd, (event.events & EPOLLIN) != 0 || ended, (event.events & EPOLLOUT) != 0};
  }
  return {ready_.data(), static_cast<std::size_t>(std::max(count, 0))};
}

}  // namespace reeve
