// SyslogSocket: messages to the system's logger as syslog(3) sends them, but never waiting.
//
// Datagrams to /dev/log, or a stream with NUL-terminated messages where the logger wants that. It connects
// when first asked, and again, at most once a second, when the logger went away. Used by DaemonLog (monitor)
// and by the Journal's thread (engine).
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/time.h"
#include "base/unique_fd.h"
#include "record/daemon_log.h"

namespace reeve {

// "<30>Nov 22 15:04:05 reeved[7]: " with `stamp` as syslog_stamp makes it.
[[nodiscard]] std::string syslog_header(std::uint8_t facility, std::uint8_t priority, std::string_view stamp, std::string_view program,
                                        std::int32_t pid);
// The priority of syslog(3), 2 (critical) to 7 (debug).
[[nodiscard]] std::uint8_t syslog_priority(Level level) noexcept;

class SyslogSocket {
 public:
  enum class Outcome : std::uint8_t {
    sent,
    full,     // the logger doesn't read: try again when writable
    absent,   // no logger there
    refused,  // this message can't be sent, whatever happens (too long)
  };

  explicit SyslogSocket(std::string path) : path_(std::move(path)) {}

  // `message` without a terminator. Never blocks.
  Outcome send(std::string_view message);
  // Waits for at most `most` until something can be sent.
  [[nodiscard]] bool wait_writable(std::chrono::milliseconds most) const noexcept;
  [[nodiscard]] int last_errno() const noexcept { return last_errno_; }

 private:
  [[nodiscard]] bool connect();
  Outcome send_rest();

  std::string path_;
  UniqueFd fd_;
  bool is_stream_ = false;
  std::string rest_;  // of a message that the stream took in part
  std::chrono::steady_clock::time_point connect_again_{};
  int last_errno_ = 0;
};

}  // namespace reeve
