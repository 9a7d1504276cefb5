// LineQueue: the bounded queue between the engine's loop and the journal's thread.
//
//     loop: push, push_change ──▶ [ waiting bytes ] ──▶ thread: take, then write
//
// The loop never waits: what would bring more than `capacity` bytes into the queue and the thread's hands
// together is dropped and counted for its destination. The thread is woken only when it is idle; while it
// works, and for kGather after that, lines just pile up and are written together.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <initializer_list>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "record/daemon_log.h"
#include "record/journal_file.h"

namespace reeve {

using SteadyTime = std::chrono::steady_clock::time_point;

enum class Destination : std::uint8_t { file, syslog, daemon_log, change };

struct LineHeader {
  std::uint32_t bytes = 0;
  std::uint32_t file = 0;  // Destination::file
  Destination destination = Destination::file;
  bool is_json = false;
};

// How many lines the queue had no room for.
struct Dropped {
  std::vector<std::uint64_t> files;  // by index; shorter where none was dropped
  std::uint64_t syslog = 0, daemon_log = 0;
};

// New destinations, in force for the lines behind it.
struct DestinationChange {
  std::optional<std::vector<JournalFile>> files;
  struct DaemonLogChange {
    std::int32_t pid = 0;
    DaemonLogTarget target;
  };
  std::optional<DaemonLogChange> daemon_log;
  Dropped dropped;  // before it
};

struct LineBatch {
  std::string bytes;  // LineHeader, text, LineHeader, text, ...
  std::deque<DestinationChange> changes;
  Dropped dropped;

  // Visits lines and changes in their order, and forgets them.
  void consume(const std::function<void(const LineHeader&, std::string_view)>& line,
               const std::function<void(DestinationChange&&)>& change);
};

class LineQueue {
 public:
  static constexpr std::chrono::milliseconds kGather{5};

  explicit LineQueue(std::size_t capacity) : capacity_(capacity) {}

  // The loop's side. `parts` together are one line.
  void push(LineHeader header, std::initializer_list<std::string_view> parts);
  void push_change(DestinationChange change);
  // Waits until everything pushed is written; false when it took longer than `most`.
  [[nodiscard]] bool flush(std::chrono::milliseconds most);
  // Ends the thread: it may write until `deadline`.
  void close(SteadyTime deadline);
  // True when the thread said finish() in time.
  [[nodiscard]] bool wait_finished(SteadyTime deadline);

  // The thread's side. Swaps what is queued for `batch`, which is empty; waits for it until `wake`.
  // `held` bytes are in the thread's hands still. False: closed, and nothing more to do.
  [[nodiscard]] bool take(LineBatch& batch, std::size_t held, std::optional<SteadyTime> wake);
  [[nodiscard]] bool is_closed() const;
  void finish();
  void add_lost(std::uint64_t lines) noexcept { lost_.fetch_add(lines, std::memory_order_relaxed); }

  // All lines ever lost, here and (add_lost) behind.
  [[nodiscard]] std::uint64_t lost() const noexcept { return lost_.load(std::memory_order_relaxed); }

 private:
  void append(const LineHeader& header, std::initializer_list<std::string_view> parts);
  void wake_if_idle();
  void count_dropped(const LineHeader& header);
  void release_memory(LineBatch& batch);
  [[nodiscard]] bool has_work() const noexcept { return !waiting_.bytes.empty() || has_dropped_; }

  const std::size_t capacity_;
  mutable std::mutex mutex_;
  std::condition_variable work_;   // there is something for the thread
  std::condition_variable state_;  // drained or finished
  LineBatch waiting_;
  std::size_t held_ = 0;
  bool idle_ = false;
  bool has_dropped_ = false;
  bool drained_ = true;
  bool hurry_ = false;  // somebody waits in flush: don't gather
  bool closed_ = false;
  bool finished_ = false;
  SteadyTime deadline_{};
  std::atomic<std::uint64_t> lost_{0};
};

}  // namespace reeve
