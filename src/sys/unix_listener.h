// Unix sockets as listeners (unix(7)): bound at a path of the file system, or at an abstract name.
//
// A socket file that nobody listens at any more is replaced; anything else in its place is left alone. The file is
// never more open than asked, not for a moment, and links are not followed. Whoever made it removes it.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "base/result.h"
#include "base/unique_fd.h"

namespace reeve {

struct UnixAccess {
  std::uint16_t mode = 0600;
  uid_t uid = 0;
  gid_t gid = 0;

  friend bool operator==(const UnixAccess&, const UnixAccess&) noexcept = default;
};

// Which file it is, whatever its name is by now.
struct FileIdentity {
  dev_t device = 0;
  ino_t inode = 0;
};

struct UnixListener {
  UniqueFd fd;
  FileIdentity file;  // nothing for an abstract name
};

// `path`: "/run/x.sock", or "@x" for an abstract name. `type`: SOCK_STREAM, ...
[[nodiscard]] Result<UnixListener> bind_unix(const std::string& path, int type, const UnixAccess& access);
// The file at `path`, if it still is that one, gets another mode and owner.
[[nodiscard]] Result<void> change_access(const std::string& path, const FileIdentity& file, const UnixAccess& access);
// Removes the file at `path` if it still is that one.
void remove_unix(const std::string& path, const FileIdentity& file) noexcept;

}  // namespace reeve
