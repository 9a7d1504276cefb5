// RelayThreads: threads that carry conversations of redirected services, so that more than one processor does.
//
//   engine's loop   begins ──▶ short: ends here
//                    │    └──▶ long: a RelayThread goes on with it, in a loop of its own ──▶ over: back, the visit is accounted
//                    └──▶ the loop has much to do: a RelayThread connects and carries it ──▶ over, or refused: back
//
// Only the sockets and their bytes move. The visit, its Ticket, its record and the target board stay where they are, in
// the engine's loop, which hears of a conversation that left it once: when it is over. So while the loop has little to do
// a short conversation pays nothing, and a long one a wake-up at each end. A thread is started when there is a conversation for it and the
// others have one already; there are never more than processors, nor than kMostThreads, and none where there is one processor only. What
// waits on either side of a thread is a list of conversations, bounded by their number. When no thread can be started, conversations stay
// in the engine's loop.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "engine/relay.h"
#include "record/journal.h"
#include "sys/loop.h"
#include "sys/task.h"
#include "sys/worker_thread.h"

namespace reeve {

// One of them, as both sides see it.
class RelayThread {
 public:
  // `home` is woken when conversations are to be fetched. It and what is carried must outlive the thread.
  [[nodiscard]] static Result<std::unique_ptr<RelayThread>> start(const Waker& home);
  RelayThread(const RelayThread&) = delete;
  RelayThread& operator=(const RelayThread&) = delete;
  ~RelayThread() { stop(); }

  // In the engine's loop.
  void carry(Conversation& conversation);
  void cancel(Conversation& conversation);
  // Those that are over; next() leads through them.
  [[nodiscard]] Conversation* fetch();
  static Conversation* next(const Conversation& conversation) noexcept { return conversation.next_; }
  // The thread ends at once; its conversations stay as they are.
  void stop();

  // In the thread: it is over, and may be gone when this returns.
  void give_back(Conversation& conversation);

 private:
  RelayThread(std::unique_ptr<Loop> loop, Waker waker, const Waker& home)
      : loop_(std::move(loop)), waker_(std::move(waker)), home_(home), relay_(*loop_) {}
  void run();
  Task<> listen();
  [[nodiscard]] bool take_mail();  // false: it is to stop
  void wake_once();

  std::unique_ptr<Loop> loop_;
  Waker waker_;
  const Waker& home_;
  Relay relay_;

  std::mutex mutex_;
  Conversation* arrived_ = nullptr;
  Conversation* over_ = nullptr;
  std::vector<Conversation*> cancelled_;
  bool is_woken_ = false;  // and has not looked yet
  bool is_stopping_ = false;

  std::optional<WorkerThread> thread_;
};

class RelayThreads {
 public:
  static constexpr std::size_t kMostThreads = 8;

  // `processors`: how many there are to use.
  RelayThreads(Loop& loop, Relay& relay, Journal& journal, std::size_t processors);
  RelayThreads(const RelayThreads&) = delete;
  RelayThreads& operator=(const RelayThreads&) = delete;

  // False: there is no thread for it; it stays. Else it must not be touched any more.
  [[nodiscard]] bool take(Conversation& conversation);
  // Before conversations go without having ended.
  void stop();

  [[nodiscard]] std::size_t size() const noexcept { return members_.size(); }  // threads that run
  [[nodiscard]] std::size_t most() const noexcept { return most_; }

 private:
  struct Member {
    std::unique_ptr<RelayThread> thread;
    std::size_t conversations = 0;
  };

  [[nodiscard]] Member* choose();
  [[nodiscard]] Result<Member*> start_one();
  Task<> listen();
  void fetch(Member& member);

  Loop& loop_;
  Relay& relay_;
  Journal& journal_;
  const std::size_t most_;
  std::optional<Waker> waker_;
  std::vector<Member> members_;  // never more than reserved
  Instant try_again_{};          // when starting one failed
};

}  // namespace reeve
