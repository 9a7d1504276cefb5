// Output files: logs, the state dump and the pid file, opened by the monitor for itself and the engine.
// Opening never waits (a FIFO without a reader is refused) and nothing is a controlling terminal by it.
#pragma once

#include <sys/types.h>

#include <string>

#include "base/result.h"
#include "base/unique_fd.h"

namespace reeve {

// To append to; made with mode 0644 if need be. A regular file, or a device such as /dev/null.
[[nodiscard]] Result<UniqueFd> open_log_file(const std::string& path);

// Empty, mode 0600 whatever it had; not through a symbolic link.
[[nodiscard]] Result<UniqueFd> open_private_file(const std::string& path);

// "PID\n", mode 0644, complete whenever somebody reads it: written beside and renamed.
[[nodiscard]] Result<void> write_pid_file(const std::string& path, pid_t pid);
void remove_file(const std::string& path) noexcept;

[[nodiscard]] bool is_directory(const std::string& path) noexcept;
// Whether all of it could be written.
bool write_text(int fd, std::string_view text) noexcept;

}  // namespace reeve
