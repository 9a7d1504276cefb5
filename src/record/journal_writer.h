// JournalWriter: what the journal's thread does: it takes lines from the LineQueue, hands each to its
// sink, writes, tries sick sinks again, and tells the daemon's log about limits and losses.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "record/line_queue.h"
#include "record/sink.h"

namespace reeve {

class JournalWriter {
 public:
  // Files that a reload replaced may finish their lines for so long.
  static constexpr std::chrono::seconds kRetirement{2};

  JournalWriter(LineQueue& queue, std::string program, DestinationChange::DaemonLogChange daemon_log);

  // Until the queue is closed and empty, or its deadline has passed.
  void run();

 private:
  struct Retired {
    std::unique_ptr<FileSink> sink;
    SteadyTime until;
  };

  void place(const LineHeader& header, std::string_view text);
  void place_in_file(const LineHeader& header, std::string_view line);
  void adopt(DestinationChange change);
  void adopt_daemon_log(DestinationChange::DaemonLogChange change);
  void retire(std::unique_ptr<FileSink> sink);
  void account(const Dropped& dropped);
  void write_all();
  void write_file(FileSink& sink, SteadyTime now);
  void write_syslog(SteadyTime now);
  void write_daemon_log(SteadyTime now);
  void drop_expired(SteadyTime now);
  void add(Sink& sink, std::string_view message);
  void say(Level level, std::string_view text);
  void tell(const Sink& sink, const Sink::Recovery& recovery);
  [[nodiscard]] std::size_t pending_bytes() const noexcept;
  [[nodiscard]] std::optional<SteadyTime> next_write() const noexcept;

  template <class Visit>
  void for_each_sink(Visit visit) const;

  LineQueue& queue_;
  std::string program_;
  std::int32_t pid_ = 0;
  DaemonLogTarget daemon_target_;
  std::unique_ptr<FileSink> daemon_file_;  // nullptr: the daemon's log is syslog
  SyslogSink syslog_;
  std::vector<std::unique_ptr<FileSink>> files_;
  std::vector<Retired> retired_;
};

}  // namespace reeve
