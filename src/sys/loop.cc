#include "sys/loop.h"

#include <array>

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include "sys/clock.h"

namespace reeve {

namespace asio = boost::asio;

namespace {

struct AsioClock {
  using duration = std::chrono::nanoseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = Instant;
  static constexpr bool is_steady = true;
  static time_point now() noexcept { return instant_now(); }
};

using Timer = asio::basic_waitable_timer<AsioClock, asio::wait_traits<AsioClock>, asio::io_context::executor_type>;
using Descriptor = asio::posix::basic_stream_descriptor<asio::io_context::executor_type>;

constexpr std::size_t kSlots = 512;
constexpr std::chrono::seconds kTick{1};

}  // namespace

struct Watch::Registration {
  Registration(Loop::Reactor& owner, int fd);
  ~Registration();

  Loop::Reactor& reactor;
  Descriptor descriptor;
  std::coroutine_handle<> waiter;
  Wake wake = Wake::ready;
  // Deadline, in the reactor's wheel while `linked`.
  bool linked = false;
  Instant deadline;
  Registration* previous = nullptr;
  Registration* next = nullptr;
  // Tells a handler that is still queued that its registration is gone.
  struct Life {
    Registration* registration;
  };
  Life* pending = nullptr;
};

// A hashed wheel of deadlines: a wait costs a list insertion, not a timer. It ticks only while something
// is in it.
struct Loop::Reactor {
  asio::io_context context{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE};
  asio::executor_work_guard<asio::io_context::executor_type> work{context.get_executor()};
  Timer ticker{context.get_executor()};
  std::array<Watch::Registration*, kSlots> slots{};
  std::size_t linked = 0;
  bool ticking = false;
  std::int64_t swept = 0;  // seconds up to which slots were looked at

  static std::int64_t second_of(Instant when) noexcept { return std::chrono::ceil<std::chrono::seconds>(when.time_since_epoch()).count(); }

  void link(Watch::Registration& entry) {
    Watch::Registration*& head = slots[static_cast<std::size_t>(second_of(entry.deadline)) % kSlots];
    entry.previous = nullptr;
    entry.next = head;
    if (head != nullptr) head->previous = &entry;
    head = &entry;
    entry.linked = true;
    ++linked;
    if (!ticking) {
      swept = std::chrono::floor<std::chrono::seconds>(instant_now().time_since_epoch()).count();
      arm();
    }
  }
  void unlink(Watch::Registration& entry) noexcept {
    if (!entry.linked) return;
    if (entry.previous != nullptr) {
      entry.previous->next = entry.next;
    } else {
      slots[static_cast<std::size_t>(second_of(entry.deadline)) % kSlots] = entry.next;
    }
    if (entry.next != nullptr) entry.next->previous = entry.previous;
    entry.linked = false;
    --linked;
  }
  void arm() {
    ticking = true;
    ticker.expires_after(kTick);
    ticker.async_wait([this](const boost::system::error_code& error) {
      if (error) return;
      sweep();
      if (linked > 0) {
        arm();
      } else {
        ticking = false;
      }
    });
  }
  void sweep() {
    const Instant now = instant_now();
    const std::int64_t second = std::chrono::floor<std::chrono::seconds>(now.time_since_epoch()).count();
    std::int64_t from = swept + 1;
    if (second - from >= static_cast<std::int64_t>(kSlots)) from = second - static_cast<std::int64_t>(kSlots) + 1;
    for (std::int64_t each = from; each <= second; ++each) {
      Watch::Registration* entry = slots[static_cast<std::size_t>(each) % kSlots];
      while (entry != nullptr) {
        Watch::Registration* const following = entry->next;
        if (entry->deadline <= now) {
          unlink(*entry);
          entry->wake = Wake::timed_out;
          boost::system::error_code ignored;
          entry->descriptor.cancel(ignored);
        }
        entry = following;
      }
    }
    swept = second;
  }
};

Watch::Registration::Registration(Loop::Reactor& owner, int fd) : reactor(owner), descriptor(owner.context.get_executor(), fd) {}

Watch::Registration::~Registration() {
  reactor.unlink(*this);
  if (pending != nullptr) pending->registration = nullptr;
  // The descriptor belongs to somebody else: let go of it without closing.
  if (descriptor.is_open()) (void)descriptor.release();
}

Watch::Watch(Loop& loop, int fd) : registration_(std::make_unique<Registration>(*loop.reactor_, fd)) {}
Watch::Watch(Watch&&) noexcept = default;
Watch::~Watch() = default;

void Watch::Waiting::await_suspend(std::coroutine_handle<> waiter) {
  Registration& registration = *watch_.registration_;
  registration.waiter = waiter;
  registration.wake = Wake::ready;
  if (deadline_ != kNoDeadline) {
    registration.deadline = deadline_;
    registration.reactor.link(registration);
  }
  // The handler may outlive the registration (a cancelled wait is delivered later), so it asks first.
  struct Handler {
    std::unique_ptr<Registration::Life> life;
    void operator()(const boost::system::error_code& error) {
      Registration* const target = life->registration;
      if (target == nullptr) return;
      target->pending = nullptr;
      target->reactor.unlink(*target);
      if (error == asio::error::operation_aborted && target->wake == Wake::ready) target->wake = Wake::cancelled;
      const std::coroutine_handle<> resumed = std::exchange(target->waiter, {});
      life.reset();
      resumed.resume();
    }
  };
  auto life = std::make_unique<Registration::Life>(Registration::Life{&registration});
  registration.pending = life.get();
  registration.descriptor.async_wait(for_reading_ ? Descriptor::wait_read : Descriptor::wait_write, Handler{std::move(life)});
}

Wake Watch::Waiting::await_resume() const noexcept {
  return watch_.registration_->wake;
}

void Watch::cancel() noexcept {
  boost::system::error_code ignored;
  registration_->wake = Wake::cancelled;
  registration_->descriptor.cancel(ignored);
}

struct Loop::Sleeping::Timer {
  explicit Timer(asio::io_context& context) : timer(context.get_executor()) {}
  reeve::Timer timer;
};

Loop::Sleeping::Sleeping(std::unique_ptr<Timer> timer) noexcept : timer_(std::move(timer)) {}
Loop::Sleeping::Sleeping(Sleeping&&) noexcept = default;
Loop::Sleeping::~Sleeping() = default;

void Loop::Sleeping::await_suspend(std::coroutine_handle<> waiter) {
  timer_->timer.async_wait([waiter](const boost::system::error_code& error) {
    // Aborted: the sleeper was destroyed, and the coroutine with it.
    if (!error) waiter.resume();
  });
}

Loop::Loop() : reactor_(std::make_unique<Reactor>()) {}
Loop::~Loop() {
  drop_tasks();
}

void Loop::run() {
  reactor_->context.run();
}
void Loop::stop() {
  reactor_->context.stop();
}
void Loop::start(Task<> task) {
  tasks_.start(std::move(task));
}
void Loop::drop_tasks() {
  tasks_.drop();
}

Loop::Sleeping Loop::sleep_until(Instant when) {
  auto timer = std::make_unique<Sleeping::Timer>(reactor_->context);
  timer->timer.expires_at(when);
  return Sleeping(std::move(timer));
}

}  // namespace reeve
