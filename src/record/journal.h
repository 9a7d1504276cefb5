// Journal: where lines go, without anybody waiting for them.
//
// The engine owns one. Lines are put into a bounded queue (kQueueBytes) and written by a thread of the
// journal's own: files by write(2) to descriptors that the monitor opened, syslog by datagrams to /dev/log.
// A full disk, a slow one or a blocked /dev/log fill the queue and nothing else: what does not fit is
// dropped and counted, and when there is room again a line says how many messages were lost.
//
// A file's hard limit ends its logging until it is set anew, the soft limit only warns; each is said once
// in the daemon's log ("... hard limit ...", "... soft limit ...").
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "base/unique_fd.h"
#include "record/daemon_log.h"

namespace reeve {

struct JournalFile {
  UniqueFd fd;          // O_APPEND | O_CLOEXEC; may be invalid: lines for it are counted as lost
  std::string path;     // for messages
  std::string service;  // id of the service it belongs to, for messages; empty when shared
  std::uint64_t soft_limit = 0, hard_limit = 0;
};

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

  // A service's line without stamp; the journal adds "STAMP: " and the newline.
  void write_file(std::uint32_t file, WallTime wall, std::string_view line);
  // JSON lines carry their own stamp.
  void write_file_raw(std::uint32_t file, std::string_view line);
  void write_syslog(std::uint8_t facility, std::uint8_t level, WallTime wall, std::string_view line);
  // The daemon's own log: "STAMP PROGRAM[PID]: LEVEL: text".
  void say(Level level, WallTime wall, std::string_view text);

  [[nodiscard]] std::uint64_t lost() const noexcept;

 private:
  class Writer;
  std::unique_ptr<Writer> writer_;
};

}  // namespace reeve
