// Journal: where lines go, without anybody waiting for them.
//
// The engine owns one. Lines are put into a bounded queue (kQueueBytes) and written by a thread of the
// journal's own: files by write(2) to descriptors that the monitor opened, syslog by datagrams to /dev/log.
// A full disk, a slow one or a blocked /dev/log fill the queue and nothing else: what does not fit is
// dropped and counted, and when there is room again a line says how many messages were lost, in the file
// itself and in the daemon's log.
//
// A file's hard limit ends its logging until it is set anew, the soft limit only warns; each is said once
// in the daemon's log ("... hard limit ...", "... soft limit ...").
//
// Called from one thread, the loop's. Make it before the sandbox closes: it starts a thread and reads the
// time zone.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "record/daemon_log.h"
#include "record/journal_file.h"

namespace reeve {

class Journal {
 public:
  static constexpr std::size_t kQueueBytes = 1u << 20;

  // `daemon_log` is where the daemon's own messages go.
  Journal(std::string program, std::int32_t pid, DaemonLogTarget daemon_log);
  // Writes what is queued for at most 1 s, then gives up.
  ~Journal();
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  // Replaces all files: index i is what write_file(i, ...) means from now on. Lines queued before keep
  // their old descriptor.
  void set_files(std::vector<JournalFile> files);
  // The daemon's own log anew (a reload opens its file again). `pid` is the one that lines name.
  void set_daemon_log(std::int32_t pid, DaemonLogTarget daemon_log);

  // A service's line without stamp; the journal adds "STAMP: " and the newline.
  void write_file(std::uint32_t file, WallTime wall, std::string_view line);
  // JSON lines carry their own stamp.
  void write_file_raw(std::uint32_t file, std::string_view line);
  void write_syslog(std::uint8_t facility, std::uint8_t level, WallTime wall, std::string_view line);
  // The daemon's own log: "STAMP PROGRAM[PID]: LEVEL: text".
  void say(Level level, WallTime wall, std::string_view text);

  // The same with the facility (255: the daemon's own) and priority of syslog(3) that a rule asks for. A file, which has
  // no facilities, gets the level that is nearest.
  void say_as(std::uint8_t facility, std::uint8_t priority, WallTime wall, std::string_view text);

  // Waits until everything is written; false when that took longer than `most`. For tests and the end.
  [[nodiscard]] bool flush(std::chrono::milliseconds most);
  [[nodiscard]] std::uint64_t lost() const noexcept;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace reeve
