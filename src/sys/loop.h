// Loop: the engine's event loop, above epoll. Four verbs: readable, writable, sleep_until, start.
//
// One thread. Tasks given to start() belong to the loop and die with it, so what a task uses must outlive
// the loop: call drop_tasks() before anything else goes. Deadlines of waits on descriptors are kept in
// whole seconds (a wait ends at most a second late, never early); sleep_until is exact.
//
// Level-triggered: what was left unread is found again by the next wait. A descriptor that is waited for
// again and again in the same direction costs no system call but the epoll_wait that all share.
#pragma once

#include <coroutine>
#include <cstdint>
#include <memory>

#include "base/time.h"
#include "sys/task.h"

namespace reeve {

constexpr Instant kNoDeadline = Instant::max();  // only for the engine's own plumbing, never for a client

enum class Wake : std::uint8_t { ready, timed_out, cancelled };

class Loop;

// The registration of one descriptor, which it does not own and which must stay open while it lives. One
// wait at a time.
class Watch {
 public:
  Watch(Loop& loop, int fd);
  Watch(Watch&&) noexcept;
  ~Watch();

  class Waiting {
   public:
    [[nodiscard]] bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> waiter);
    [[nodiscard]] Wake await_resume() const noexcept;

   private:
    friend class Watch;
    Waiting(Watch& watch, bool for_reading, Instant deadline) noexcept : watch_(watch), for_reading_(for_reading), deadline_(deadline) {}
    Watch& watch_;
    bool for_reading_;
    Instant deadline_;
  };

  // Until read(2) (accept, end of file, error) would not block.
  [[nodiscard]] Waiting readable(Instant deadline) noexcept { return {*this, true, deadline}; }
  // Until write(2) would not block.
  [[nodiscard]] Waiting writable(Instant deadline) noexcept { return {*this, false, deadline}; }
  // Ends a wait in progress with Wake::cancelled.
  void cancel() noexcept;

 private:
  friend class Loop;
  struct Registration;
  std::unique_ptr<Registration> registration_;
};

class Loop {
 public:
  Loop();
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  // Until stop(), which may have been called before.
  void run();
  void stop();
  // Runs `task` at once up to its first wait; afterwards it belongs to the loop.
  void start(Task<> task);
  void drop_tasks();

  class Sleeping {
   public:
    ~Sleeping();
    Sleeping(Sleeping&&) = delete;
    [[nodiscard]] bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> waiter);
    void await_resume() const noexcept {}

   private:
    friend class Loop;
    Sleeping(Loop& loop, Instant when) noexcept : loop_(loop), when_(when) {}
    Loop& loop_;
    Instant when_;
    std::uint64_t serial_ = 0;  // 0: not asleep
  };
  // Until `when`; at once, but behind whatever is ready now, if that is over.
  [[nodiscard]] Sleeping sleep_until(Instant when) noexcept { return {*this, when}; }

 private:
  friend class Watch;
  struct Reactor;
  std::unique_ptr<Reactor> reactor_;
  TaskList tasks_;
};

}  // namespace reeve
