#include "sys/loop.h"

#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <map>
#include <optional>
#include <time.h>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/unique_fd.h"
#include "sys/clock.h"
#include "sys/deadline_wheel.h"

namespace reeve {

namespace {

constexpr int kBatch = 64;
// What epoll keeps for a descriptor: a pointer to its Registration, or this bit and the key of an edge.
constexpr std::uint64_t kEdge = std::uint64_t{1} << 63;
// epoll's clock stands still while the machine is suspended, ours (CLOCK_BOOTTIME) does not.
constexpr std::chrono::seconds kLongestWait{60};

}  // namespace

struct Watch::Registration : DeadlineWheel::Entry {
  Registration(Loop::Reactor& owner, int watched) : reactor(owner), fd(watched) {}
  Registration(const Registration&) = delete;
  Registration& operator=(const Registration&) = delete;
  ~Registration();

  Loop::Reactor& reactor;
  const int fd;
  std::uint32_t armed = 0;   // what epoll reports; 0: it does not know the descriptor
  std::uint32_t wanted = 0;  // EPOLLIN or EPOLLOUT while somebody waits
  std::coroutine_handle<> waiter;
  Wake wake = Wake::ready;
  bool queued = false;  // its wait has ended, the waiter is about to be resumed
};

struct Loop::Reactor {
  using Registration = Watch::Registration;

  explicit Reactor(UniqueFd set) noexcept : epoll(std::move(set)) {}

  UniqueFd epoll;
  bool stopped = false;
  std::optional<Instant> turn_time;
  EdgeListener* edge_listener = nullptr;
  DeadlineWheel wheel;
  std::map<std::pair<Instant, std::uint64_t>, std::coroutine_handle<>> sleepers;
  std::uint64_t next_serial = 1;

  // Whose wait ended without an event. Those that die meanwhile leave a gap.
  std::vector<Registration*> queue;
  // What epoll_wait reported and was not looked at yet.
  std::array<epoll_event, kBatch> events{};
  int reported = 0, looked_at = 0;

  void arm(Registration& registration, std::uint32_t interest) {
    if (registration.armed == interest) return;
    epoll_event event{};
    event.events = interest;
    event.data.ptr = &registration;
    const int operation = registration.armed == 0 ? EPOLL_CTL_ADD : interest == 0 ? EPOLL_CTL_DEL : EPOLL_CTL_MOD;
    if (::epoll_ctl(epoll.get(), operation, registration.fd, &event) == 0) {
      registration.armed = interest;
    } else if (interest != 0) {
      // What can't be waited for (a file) never blocks; what is broken says so when it is used.
      registration.armed = 0;
      end_wait(registration, Wake::ready);
    }
  }

  void end_wait(Registration& registration, Wake wake) {
    if (!registration.waiter || registration.queued) return;
    registration.wake = wake;
    registration.queued = true;
    queue.push_back(&registration);
  }

  static void resume(Registration& registration) {
    registration.queued = false;
    registration.wanted = 0;
    std::exchange(registration.waiter, {}).resume();
  }

  void forget(Registration& registration) noexcept {
    wheel.unlink(registration);
    if (registration.armed != 0) (void)::epoll_ctl(epoll.get(), EPOLL_CTL_DEL, registration.fd, nullptr);
    if (registration.queued) std::replace(queue.begin(), queue.end(), &registration, static_cast<Registration*>(nullptr));
    for (int each = looked_at; each < reported; ++each) {
      epoll_event& event = events[static_cast<std::size_t>(each)];
      if (event.data.ptr == &registration) event.data.ptr = nullptr;
    }
  }

  // The earliest of what is due, as a duration from now; nullopt: only an event can end the wait.
  [[nodiscard]] std::optional<std::chrono::nanoseconds> patience() const {
    if (!queue.empty()) return std::chrono::nanoseconds(0);
    std::optional<Instant> due = wheel.next_tick();
    if (!sleepers.empty() && (!due || sleepers.begin()->first.first < *due)) due = sleepers.begin()->first.first;
    if (!due) return std::nullopt;
    return std::clamp<std::chrono::nanoseconds>(*due - instant_now(), std::chrono::nanoseconds(0), kLongestWait);
  }

  void wait() {
    const auto left = patience();
    timespec timeout{};
    if (left) {
      timeout.tv_sec = std::chrono::duration_cast<std::chrono::seconds>(*left).count();
      timeout.tv_nsec = (*left % std::chrono::seconds(1)).count();
    }
    looked_at = 0;
    turn_time.reset();
    reported = ::epoll_pwait2(epoll.get(), events.data(), kBatch, left ? &timeout : nullptr, nullptr);
    if (reported < 0 && errno == ENOSYS) {  // before Linux 5.11: whole milliseconds
      const int milliseconds = left ? static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(*left).count()) : -1;
      reported = ::epoll_wait(epoll.get(), events.data(), kBatch, milliseconds);
    }
  }

  void take_events() {
    while (looked_at < reported && !stopped) {
      const epoll_event event = events[static_cast<std::size_t>(looked_at++)];
      if ((event.data.u64 & kEdge) != 0) {
        edge_listener->on_edge(event.data.u64 & ~kEdge, event.events);
        continue;
      }
      if (event.data.ptr == nullptr) continue;
      Registration& registration = *static_cast<Registration*>(event.data.ptr);
      if (registration.queued) continue;
      if ((event.events & (registration.wanted | EPOLLERR | EPOLLHUP)) != 0 && registration.waiter) {
        wheel.unlink(registration);
        registration.wake = Wake::ready;
        resume(registration);
      } else {
        // Nobody waits for that (any more); only now is it worth a system call to say so.
        arm(registration, registration.wanted);
      }
    }
  }

  void take_sleepers() {
    if (sleepers.empty()) return;
    // Who goes to sleep meanwhile is not looked at, so a sleep that is over already can't hold up the rest.
    const std::uint64_t last = next_serial;
    const Instant now = instant_now();
    for (auto first = sleepers.begin(); first != sleepers.end() && first->first.first <= now && first->first.second < last && !stopped;
         first = sleepers.begin()) {
      const std::coroutine_handle<> sleeper = first->second;
      sleepers.erase(first);
      sleeper.resume();
    }
  }

  void take_deadlines() {
    if (!wheel.next_tick()) return;
    wheel.sweep(instant_now(), [this](DeadlineWheel::Entry& entry) { end_wait(static_cast<Registration&>(entry), Wake::timed_out); });
  }

  void take_queue() {
    std::size_t taken = 0;
    for (const std::size_t count = queue.size(); taken < count && !stopped; ++taken) {
      if (Registration* const registration = std::exchange(queue[taken], nullptr)) resume(*registration);
    }
    queue.erase(queue.begin(), queue.begin() + static_cast<std::ptrdiff_t>(taken));
  }
};

Watch::Registration::~Registration() {
  reactor.forget(*this);
}

Watch::Watch(Loop& loop, int fd) : registration_(std::make_unique<Registration>(*loop.reactor_, fd)) {}
Watch::Watch(Watch&&) noexcept = default;
Watch::~Watch() = default;

void Watch::Waiting::await_suspend(std::coroutine_handle<> waiter) {
  Registration& registration = *watch_.registration_;
  REEVE_CHECK(!registration.waiter);
  registration.waiter = waiter;
  registration.wanted = for_reading_ ? EPOLLIN : EPOLLOUT;
  if (deadline_ != kNoDeadline) registration.reactor.wheel.link(registration, deadline_, instant_now());
  if ((registration.armed & registration.wanted) == 0) registration.reactor.arm(registration, registration.wanted);
}

Wake Watch::Waiting::await_resume() const noexcept {
  return watch_.registration_->wake;
}

void Watch::cancel() noexcept {
  registration_->reactor.wheel.unlink(*registration_);
  registration_->reactor.end_wait(*registration_, Wake::cancelled);
}

void Loop::Sleeping::await_suspend(std::coroutine_handle<> waiter) {
  serial_ = loop_.reactor_->next_serial++;
  loop_.reactor_->sleepers.emplace(std::pair(when_, serial_), waiter);
}

// Its coroutine may be destroyed while it sleeps.
Loop::Sleeping::~Sleeping() {
  if (serial_ != 0) loop_.reactor_->sleepers.erase({when_, serial_});
}

void Loop::set_edge_listener(EdgeListener& listener) noexcept {
  reactor_->edge_listener = &listener;
}

bool Loop::watch_edges(int fd, std::uint32_t interest, std::uint64_t key, bool again) noexcept {
  epoll_event event{};
  event.events = interest | EPOLLET;
  event.data.u64 = kEdge | key;
  return ::epoll_ctl(reactor_->epoll.get(), again ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &event) == 0;
}

Instant Loop::turn_time() noexcept {
  if (!reactor_->turn_time) reactor_->turn_time = instant_now();
  return *reactor_->turn_time;
}

int Loop::turn_size() const noexcept {
  return reactor_->reported;
}

void Loop::forget_edges(int fd) noexcept {
  (void)::epoll_ctl(reactor_->epoll.get(), EPOLL_CTL_DEL, fd, nullptr);
}

Loop::Loop() : Loop(UniqueFd(::epoll_create1(EPOLL_CLOEXEC))) {
  REEVE_CHECK(reactor_->epoll);
}

Loop::Loop(UniqueFd epoll) : reactor_(std::make_unique<Reactor>(std::move(epoll))) {}

std::unique_ptr<Loop> Loop::open() {
  UniqueFd epoll(::epoll_create1(EPOLL_CLOEXEC));
  return epoll ? std::unique_ptr<Loop>(new Loop(std::move(epoll))) : nullptr;
}

Loop::~Loop() {
  drop_tasks();
}

void Loop::run() {
  while (!reactor_->stopped) {
    reactor_->wait();
    reactor_->take_events();
    reactor_->take_deadlines();
    reactor_->take_queue();
    reactor_->take_sleepers();
  }
  reactor_->stopped = false;
}

void Loop::stop() {
  reactor_->stopped = true;
}

void Loop::start(Task<> task) {
  tasks_.start(std::move(task));
}

void Loop::drop_tasks() {
  tasks_.drop();
}

}  // namespace reeve
