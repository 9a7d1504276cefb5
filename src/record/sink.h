// Sink: one destination of the journal's thread: a file or the system's logger.
//
// Messages are complete lines or syslog messages, each ended by the sink's terminator. They wait in
// `pending` until written. When the destination fails (a full disk, a blocked logger) the sink is *sick*:
// it tries again soon, later every kRetry, keeps at most kMostPending bytes, and counts what it has to drop. Once well
// again it reports what was late and what was lost. A message that was written in part is finished first.
// A hiccup shorter than kWorthTelling in which nothing was lost is not told.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "record/journal_file.h"
#include "record/line_queue.h"
#include "record/syslog_socket.h"

namespace reeve {

class Sink {
 public:
  static constexpr std::chrono::milliseconds kRetry{200};
  static constexpr std::chrono::seconds kWorthTelling{1};
  static constexpr std::size_t kMostPending = 512u << 10;  // of a sick sink: half of the queue

  Sink(std::string name, char terminator) : name_(std::move(name)), terminator_(terminator) {}
  virtual ~Sink() = default;
  Sink(const Sink&) = delete;
  Sink& operator=(const Sink&) = delete;

  // `message` ends in the terminator. Returns false when it had to be dropped.
  bool add(std::string_view message);
  // Messages that were dropped on their way here.
  void add_dropped(std::uint64_t messages) noexcept { lost_ += messages; }
  // Writes what is pending, if the time for it has come. Returns how many messages it had to give up.
  std::uint64_t write(SteadyTime now);

  struct Recovery {
    std::uint64_t late = 0, lost = 0;  // messages
    int sys_errno = 0;                 // why; 0: only the queue was too short
    std::chrono::milliseconds lasted{};
  };
  // What to tell after messages were lost or late; once.
  [[nodiscard]] std::optional<Recovery> take_recovery(SteadyTime now);
  // Why the destination has been sick for kWorthTelling; once.
  [[nodiscard]] std::optional<int> take_failure(SteadyTime now) noexcept;

  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] std::size_t pending_bytes() const noexcept { return pending_.size() - written_; }
  // The cause of its trouble may be gone: don't wait for the next retry.
  void try_again() noexcept { retry_at_ = {}; }
  // Nothing to write and nothing to tell.
  [[nodiscard]] bool is_settled() const noexcept { return pending_bytes() == 0 && lost_ == 0; }
  // When write() has something to do; nullopt: nothing is pending.
  [[nodiscard]] std::optional<SteadyTime> next_write() const noexcept;
  // How many messages are pending.
  [[nodiscard]] std::uint64_t pending_messages() const noexcept;

 protected:
  struct Progress {
    std::size_t bytes = 0;       // of the pending ones that are done with
    int sys_errno = 0;           // why it went no further
    std::uint64_t given_up = 0;  // messages among them that can't be sent at all
  };
  // Writes as much of `pending` as goes without waiting long.
  virtual Progress write_some(std::string_view pending) = 0;
  [[nodiscard]] virtual std::size_t most_pending() const noexcept { return kMostPending; }

 private:
  void fall_sick(const Progress& progress, SteadyTime now);

  std::string name_;
  char terminator_;
  std::string pending_;
  std::size_t written_ = 0;  // of pending_
  std::uint64_t lost_ = 0;
  std::uint64_t late_ = 0;
  int sys_errno_ = 0;
  bool is_sick_ = false, failure_told_ = false;
  SteadyTime sick_since_{}, retry_at_{};
};

class FileSink final : public Sink {
 public:
  explicit FileSink(JournalFile file);

  enum class Admission : std::uint8_t { free, soft_limit, hard_limit, ended };
  // May a line of so many bytes be added? The two limits are told when first met.
  [[nodiscard]] Admission admit(std::size_t bytes);
  [[nodiscard]] const JournalFile& file() const noexcept { return file_; }
  [[nodiscard]] bool is_open() const noexcept { return static_cast<bool>(file_.fd); }
  bool has_json = false;  // the file's lines are JSON

 private:
  Progress write_some(std::string_view pending) override;
  [[nodiscard]] std::uint64_t size_on_disk() const noexcept;

  JournalFile file_;
  bool is_regular_ = false;
  std::uint64_t size_ = 0;  // with what is pending
  bool soft_said_ = false, ended_ = false;
};

class SyslogSink final : public Sink {
 public:
  explicit SyslogSink(std::string path);

 private:
  Progress write_some(std::string_view pending) override;
  [[nodiscard]] std::size_t most_pending() const noexcept override;

  SyslogSocket socket_;
  bool is_absent_ = false;
};

}  // namespace reeve
