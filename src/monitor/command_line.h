// CommandLine: what reeved was asked to do, in xinetd(8)'s options.
//
// Parsing is pure. Every path is absolute afterwards, since the daemon leaves its directory. An unknown
// option, a missing or a bad value is an Error with the text for the user.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "record/daemon_log.h"

namespace reeve {

struct CommandLine {
  std::string configuration;  // -f or --inetd; empty: the default file
  bool debug = false;         // -d: stay in the foreground, say more, to standard error
  bool foreground = false;    // -dontfork, -d
  bool stay_alive = false;    // -stayalive, -dontfork: also without services
  bool inetd_compat = false;  // -inetd_compat: read /etc/inetd.conf too
  bool inetd_alone = false;   // --inetd: the configuration is in inetd.conf's syntax
  bool version = false;       // -version
  bool help = false;
  std::string pid_file;  // -pidfile; empty: none
  DaemonLogTarget::Kind log_kind = DaemonLogTarget::Kind::syslog;
  std::string log_path;                         // -filelog
  std::uint8_t log_facility = 3;                // -syslog; daemon
  std::uint32_t process_limit = UINT32_MAX;     // -limit
  std::uint32_t ident_limit = 64;               // -logprocs
  std::optional<std::uint32_t> check_interval;  // -cc, seconds
};

// `arguments` without the program's name; `directory` is the current one.
[[nodiscard]] Result<CommandLine> parse_command_line(std::span<const char* const> arguments, std::string_view directory);

[[nodiscard]] std::string_view usage() noexcept;

}  // namespace reeve
