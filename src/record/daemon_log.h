// DaemonLog: the daemon's own messages (-filelog, -syslog, stderr with -d).
//
// The monitor writes here directly and never waits: a file by one write(2), syslog by a datagram that is
// dropped when /dev/log is full. Dropped messages are counted and said with the next one that gets through
// ("N messages lost"). The engine's messages take the same form through the Journal.
//
// Whoever writes to files ignores or blocks SIGXFSZ and SIGPIPE, so that a file at its size limit and a
// terminal that is gone are nothing but messages lost.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "base/unique_fd.h"

namespace reeve {

enum class Level : std::uint8_t { critical, error, warning, notice, info, debug };

// "CRITICAL", "ERROR", ... as in the lines.
[[nodiscard]] std::string_view to_text(Level level) noexcept;

struct DaemonLogTarget {
  enum class Kind : std::uint8_t { stderr_, file, syslog } kind = Kind::syslog;
  std::string path;                      // file
  UniqueFd fd;                           // file, opened O_APPEND
  std::uint8_t facility = 3;             // syslog: daemon
  Level least = Level::info;             // less important messages are dropped (debug only with -d)
  std::string syslog_path = "/dev/log";  // where the system's logger listens
};

// "26/11/22@15:04:05 reeved[7]: ERROR: text\n"
[[nodiscard]] std::string daemon_line(std::string_view program, std::int32_t pid, Level level, WallTime wall, std::string_view text);

class DaemonLog {
 public:
  DaemonLog(std::string program, std::int32_t pid, DaemonLogTarget target);
  ~DaemonLog();

  void say(Level level, std::string_view text);  // one line; control characters are replaced
  // Opens the file again (log rotation). Keeps the old one when that fails.
  Result<void> reopen();
  void set_pid(std::int32_t pid);
  // A target of the same kind for the engine's Journal; a file's descriptor is duplicated.
  [[nodiscard]] DaemonLogTarget duplicate_target() const;
  [[nodiscard]] int fd() const noexcept;  // the file's, -1 otherwise

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace reeve
