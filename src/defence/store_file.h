// store_file: the store's file as a file: making it, and moving a damaged one aside.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"
#include "base/time.h"

namespace reeve {

// A file that only its owner can read, empty if it was not there. A link is not followed.
[[nodiscard]] Result<void> make_store_file(const std::string& path);

// Renames the file and SQLite's log beside it; returns the new path: "bans.db.damaged-20261125T131500Z", with a number behind it if
// that is taken.
[[nodiscard]] Result<std::string> move_store_aside(const std::string& path, WallTime now);

// Which file that is, whatever its name.
struct FileIdentity {
  std::uint64_t device = 0, inode = 0;
  friend bool operator==(const FileIdentity&, const FileIdentity&) = default;
};
[[nodiscard]] std::optional<FileIdentity> identity_of(const std::string& path) noexcept;

}  // namespace reeve
