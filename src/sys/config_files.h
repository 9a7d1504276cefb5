// The real FileReader: configuration files on this machine, as far as they can be trusted.
//
// Used by the monitor and by `reeve`. It opens regular files only, never waits (a FIFO or a device is
// refused, not read), never reads more than kMaxFileBytes whatever the size in the inode says, and with
// Trust::root_only it obeys only what root alone can change: the file, and the directory it is found in,
// belong to root and are not writable by others. A refusal names the file, its owner and mode, and the
// command that puts it right. Symbolic links are followed; their target is judged.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/file_reader.h"

namespace reeve {

enum class Trust : std::uint8_t {
  root_only,  // for root: who writes the file decides what runs as root
  anybody,    // for an ordinary user, who can start nothing that he couldn't start himself
};

// What fits the effective user.
[[nodiscard]] Trust trust_of_this_process() noexcept;

[[nodiscard]] std::unique_ptr<FileReader> system_files(Trust trust = trust_of_this_process());

// Who owns an inode, and its permission bits with the sticky bit.
struct Ownership {
  std::uint32_t uid = 0, gid = 0;
  std::uint32_t mode = 0;
};

enum class Inode : std::uint8_t {
  file,
  directory,         // a file is found in it: others may add files, but with the sticky bit not replace one
  listed_directory,  // whatever is in it is obeyed: others must not add files
};

// Why root must not obey it: "it belongs to uid 1000 (mode 0644)"; nullopt when it may.
[[nodiscard]] std::optional<std::string> distrust(Inode inode, const Ownership& ownership);

}  // namespace reeve
