// Loop: the engine's event loop, above epoll. Four verbs: readable, writable, sleep_until, start.
//
// One thread for each loop. Tasks given to start() belong to the loop and die with it, so what a task uses must outlive
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
#include "base/unique_fd.h"
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

// Hears of descriptors that are watched for good, edge-triggered and without a waiter each: for whoever moves bytes
// between many (engine/relay). epoll(7) says what an edge is.
class EdgeListener {
 public:
  virtual ~EdgeListener() = default;
  // `key` as it was given to watch_edges(); `events` as epoll_wait(2) has them. The key may be of a descriptor that was
  // closed since the events were collected.
  virtual void on_edge(std::uint64_t key, std::uint32_t events) = 0;
};

class Loop {
 public:
  Loop();
  // Where it is not our own fault when there is no descriptor for one; nullptr with errno.
  [[nodiscard]] static std::unique_ptr<Loop> open();
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
  // One listener for all edges; it must outlive run().
  void set_edge_listener(EdgeListener& listener) noexcept;
  static constexpr std::uint64_t kMaxEdgeKey = (std::uint64_t{1} << 63) - 1;
  // EPOLLIN and so on; the same descriptor again changes its interest, and tells anew what is there already.
  // Closing the descriptor ends it. False with errno when the kernel refuses.
  [[nodiscard]] bool watch_edges(int fd, std::uint32_t interest, std::uint64_t key, bool again) noexcept;
  // The time of the present turn: read once for all events that were collected together.
  [[nodiscard]] Instant turn_time() noexcept;
  // How many events were collected together: many when they come faster than they are dealt with.
  [[nodiscard]] int turn_size() const noexcept;
  // For a descriptor that stays open. Edges that were collected before may still be told.
  void forget_edges(int fd) noexcept;

  // Until `when`; at once, but behind whatever is ready now, if that is over.
  [[nodiscard]] Sleeping sleep_until(Instant when) noexcept { return {*this, when}; }

 private:
  friend class Watch;
  struct Reactor;
  explicit Loop(UniqueFd epoll);
  std::unique_ptr<Reactor> reactor_;
  TaskList tasks_;
};

}  // namespace reeve
