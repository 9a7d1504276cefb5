// Relay: the engine's part that carries bytes between clients and targets of redirected services.
//
//   client ──▶ Flow ──▶ target        a Conversation: two sockets, two flows, both ways at once
//          ◀── Flow ◀──
//
// All sockets stand edge-triggered in the loop's epoll set, so that a byte costs no registration and ten thousand idle
// conversations cost nothing. A Conversation lives in the frame of the
// coroutine that serves the visit (engine/relaying.cc) and wakes it once: when it is over.
// It begins in the engine's own loop, and most end there. One that turns out to be long, or begins when that loop has much
// to do, goes on in a thread that does nothing else (engine/relay_threads.h), which has a loop and a Relay of its own;
// until it is back, only that thread touches it.
//
// The end of one direction is passed on, the other goes on. A reset is passed on as a reset, unless everything was
// delivered. Deadlines are whole seconds, and end at most a second late. Each conversation holds two descriptors,
// and two more for each direction while its receiver is slow; their number is bounded by the limit of descriptors.
#pragma once

#include <sys/socket.h>

#include <array>
#include <coroutine>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/time.h"
#include "base/unique_fd.h"
#include "engine/flow.h"
#include "engine/silence.h"
#include "sys/deadline_wheel.h"
#include "sys/loop.h"
#include "sys/pipe_pool.h"

namespace reeve {

class Conversation;
class RelayThread;
class RelayThreads;

class Relay : EdgeListener {
 public:
  explicit Relay(Loop& loop);
  // From now on they take what turns out to be long.
  void set_threads(RelayThreads& threads) noexcept { threads_ = &threads; }
  Relay(const Relay&) = delete;
  Relay& operator=(const Relay&) = delete;

 private:
  friend class Conversation;
  struct Slot {
    Conversation* conversation = nullptr;
    std::uint32_t serial = 0;
  };

  Task<> sweep();
  [[nodiscard]] std::uint32_t enter(Conversation& conversation, std::uint32_t& serial);
  void leave(std::uint32_t slot);
  void look_at(Conversation& conversation, Instant when);
  // How much a conversation whose receiver is slow may leave unsent in the kernel; 0: as much as the kernel takes.
  [[nodiscard]] std::uint32_t unsent_share() const noexcept;
  void on_edge(std::uint64_t key, std::uint32_t events) override;

  Loop& loop_;
  RelayThreads* threads_ = nullptr;  // nullptr: all stay
  PipePool pipes_;
  std::vector<Slot> slots_;
  std::vector<std::uint32_t> free_;
  std::uint32_t serial_ = 0;
  Instant now_{};  // as of the present event
  DeadlineWheel wheel_;
  bool sweeping_ = false;
};

class Conversation : DeadlineWheel::Entry {
 public:
  enum class End : std::uint8_t {
    complete,  // both sides have said their last word
    reset,     // one side broke off
    idle,      // nothing moved for too long
    refused,   // the target could not be reached; the client has not noticed, another target may be tried
    left,      // the client went away before the target had answered
    cancelled,
  };

  // `client` is non-blocking.
  Conversation(Relay& relay, UniqueFd client);
  Conversation(const Conversation&) = delete;
  Conversation& operator=(const Conversation&) = delete;
  ~Conversation();

  struct Terms {
    std::uint32_t connect_seconds = 5;
    std::uint32_t idle_seconds = 0;      // 0: for ever
    std::span<const char> introduction;  // said to the target first
    bool may_leave = false;              // nobody waits for answered()
  };

  // Begins to connect, to the next target after End::refused. 0, or an errno at once. A thread may do it, if `may_leave` and
  // the engine's loop has much to do; then answered() does not wait.
  [[nodiscard]] int connect(const sockaddr* target, socklen_t size, const Terms& terms);

  // Waits until the target has answered, or the end.
  class Answer {
   public:
    explicit Answer(Conversation& conversation) noexcept : conversation_(conversation) {}
    [[nodiscard]] bool await_ready() const noexcept {
      return conversation_.thread_ != nullptr || conversation_.is_connected_ || conversation_.is_over_;
    }
    void await_suspend(std::coroutine_handle<> waiter) noexcept {
      conversation_.waiter_ = waiter;
      conversation_.awaits_answer_ = true;
    }
    void await_resume() const noexcept { conversation_.awaits_answer_ = false; }

   private:
    Conversation& conversation_;
  };
  [[nodiscard]] Answer answered() noexcept { return Answer(*this); }

  // Waits for the end. After End::refused, connect() may be called again; else it is over.
  class Waiting {
   public:
    explicit Waiting(Conversation& conversation) noexcept : conversation_(conversation) {}
    [[nodiscard]] bool await_ready() const noexcept { return conversation_.thread_ == nullptr && conversation_.is_over_; }
    void await_suspend(std::coroutine_handle<> waiter) noexcept { conversation_.waiter_ = waiter; }
    [[nodiscard]] End await_resume() const noexcept { return conversation_.end_; }

   private:
    Conversation& conversation_;
  };
  [[nodiscard]] Waiting carried() noexcept { return Waiting(*this); }

  // Ends it from outside, with a reset of both sides; wherever it is, and then a moment later.
  void cancel();
  // Both descriptors, as the end demands: closed, or reset.
  void close();

  [[nodiscard]] bool is_connected() const noexcept { return is_connected_; }
  [[nodiscard]] int sys_errno() const noexcept { return sys_errno_; }  // why the target could not be reached
  // When it is over: did the client say nothing at all?
  [[nodiscard]] Silence silence() const noexcept;
  [[nodiscard]] std::uint64_t bytes_in() const noexcept { return flows_[kClient].bytes(); }
  [[nodiscard]] std::uint64_t bytes_out() const noexcept { return flows_[kTarget].bytes(); }

 private:
  friend class Relay;
  friend class RelayThread;
  friend class RelayThreads;
  static constexpr unsigned kClient = 0, kTarget = 1;
  static constexpr std::uint32_t kNoSlot = UINT32_MAX;

  struct Side {
    UniqueFd fd;
    bool is_tcp = true;
    bool has_bytes = false;  // an event said so before the target was connected
    bool has_ended = false;  // its last word has arrived (EPOLLRDHUP)
    bool is_broken = false;
    bool wants_room = false;  // registered for EPOLLOUT, too
    bool has_nodelay = false;
    std::uint32_t most_unsent = 0;  // what the kernel was told; 0: it decides
  };

  void on_event(unsigned side, std::uint32_t events);
  void on_target_connecting(std::uint32_t events);
  void on_deadline(Instant now);
  [[nodiscard]] bool may_leave() noexcept;
  // Changing hands, each in the thread that has it.
  void leave(Relay& for_other);
  void return_to(Relay& home);
  void go_on();
  void cancel_here();
  void take_slot();
  void give_up_slot() noexcept;
  [[nodiscard]] int reach(const sockaddr* target, socklen_t size);
  void establish();
  [[nodiscard]] bool has_answered() const noexcept;
  [[nodiscard]] Instant next_deadline() const noexcept;
  void pump(unsigned from);
  void limit_unsent(Side& receiver) noexcept;
  void deliver_end(unsigned from);
  void break_off(unsigned side);
  void refuse(int sys_errno);
  void finish(End end) noexcept;
  void settle();  // the last thing that anything here does: may destroy this
  [[nodiscard]] bool watch(unsigned side, bool again);
  void keep_alive() noexcept;

  Relay* relay_;
  RelayThread* thread_ = nullptr;  // whose it is, as long as the engine's own loop has not got it back
  std::array<Side, 2> sides_;
  struct Destination {
    sockaddr_storage address;
    socklen_t size;
  };
  std::unique_ptr<Destination> destination_;  // while it is on its way to the thread that is to connect it
  std::array<Flow, 2> flows_;                 // flows_[side]: from that side to the other
  std::array<bool, 2> delivered_{};           // its end was passed on
  std::uint8_t first_to_leave_ = kTarget;     // the side whose end came first
  std::coroutine_handle<> waiter_;
  std::uint32_t slot_ = kNoSlot, serial_ = 0;
  std::uint32_t connect_seconds_ = 0, idle_seconds_ = 0;
  Instant since_{}, active_{};
  int sys_errno_ = 0;
  End end_ = End::complete;
  bool is_watched_ = false;  // the client
  bool is_connected_ = false;
  bool is_over_ = false;
  bool is_kept_alive_ = false;
  bool awaits_answer_ = false;
  bool stays_ = false;       // there was no thread for it
  std::uint8_t turns_ = 0;   // events so far, while it is not known to be long
  std::uint8_t resets_ = 0;  // bit per side: close it with a reset

  // Under the mutex of `thread_`.
  Conversation* next_ = nullptr;  // in one of its lists
  bool is_given_back_ = false;
  bool is_to_be_cancelled_ = false;
};

}  // namespace reeve
