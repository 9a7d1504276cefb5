#include "sys/unix_listener.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>

#include "sys/privileges.h"

namespace reeve {

namespace {

struct RawPath {
  sockaddr_un address{};
  socklen_t length = 0;
};

Result<RawPath> raw_path(const std::string& path) {
  RawPath raw;
  raw.address.sun_family = AF_UNIX;
  if (path.size() >= sizeof raw.address.sun_path) return failure("the path " + path + " is too long for a unix socket");
  std::memcpy(raw.address.sun_path, path.data(), path.size());
  const bool is_abstract = path.starts_with('@');
  if (is_abstract) raw.address.sun_path[0] = '\0';
  // An abstract name is all its bytes, a path ends with NUL.
  raw.length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() + (is_abstract ? 0 : 1));
  return raw;
}

// Makes way for a new socket: 0, or why it can't.
int clear_way(const std::string& path, const RawPath& raw, int type) noexcept {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0) return errno == ENOENT ? 0 : errno;
  if (!S_ISSOCK(status.st_mode)) return EEXIST;
  const UniqueFd probe(::socket(AF_UNIX, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!probe) return errno;
  const int answer = ::connect(probe.get(), reinterpret_cast<const sockaddr*>(&raw.address), raw.length) == 0 ? 0 : errno;
  // Only this says that nobody is there; a full queue or a socket of another type has an owner.
  if (answer != ECONNREFUSED) return answer == ENOENT ? 0 : EADDRINUSE;
  return ::unlink(path.c_str()) == 0 || errno == ENOENT ? 0 : errno;
}

// A handle of the socket file itself, whatever stands at its path later.
Result<UniqueFd> open_socket_file(const std::string& path, FileIdentity& file) {
  UniqueFd handle(::open(path.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
  struct stat status {};
  if (!handle || ::fstat(handle.get(), &status) != 0) return failure("open " + path, errno);
  if (!S_ISSOCK(status.st_mode)) return failure(path + " is not the socket that was made there");
  file = {status.st_dev, status.st_ino};
  return handle;
}

// Only its owner may change a file's mode: it is ours while that is done.
Result<void> give(int handle, const std::string& path, const UnixAccess& access) {
  const std::string name = "/proc/self/fd/" + std::to_string(handle);
  struct stat status {};
  if (::fstat(handle, &status) != 0) return failure("look at " + path, errno);
  const Raised owners(CAP_CHOWN);
  constexpr auto kAsItIs = static_cast<gid_t>(-1);
  if (status.st_uid != ::geteuid()) {
    if (::fchownat(handle, "", ::geteuid(), kAsItIs, AT_EMPTY_PATH) != 0) return failure("take back " + path, errno);
    status.st_uid = ::geteuid();
  }
  if (::chmod(name.c_str(), access.mode) != 0) return failure("change the mode of " + path, errno);
  if (status.st_uid == access.uid && status.st_gid == access.gid) return {};
  if (::fchownat(handle, "", access.uid, access.gid, AT_EMPTY_PATH) != 0) return failure("change the owner of " + path, errno);
  return {};
}

}  // namespace

Result<UnixListener> bind_unix(const std::string& path, int type, const UnixAccess& access) {
  const auto raw = raw_path(path);
  if (!raw) return std::unexpected(raw.error());
  UnixListener listener{.fd = UniqueFd(::socket(AF_UNIX, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)), .file = {}};
  if (!listener.fd) return failure("socket for " + path, errno);
  const bool is_abstract = path.starts_with('@');
  if (!is_abstract) {
    const int in_the_way = clear_way(path, *raw, type);
    if (in_the_way == EEXIST) return failure("bind " + path + ": there is something else than a socket", EEXIST);
    if (in_the_way != 0) return failure("bind " + path, in_the_way);
  }
  // The file is made with no permission at all.
  const mode_t before = ::umask(0777);
  const bool bound = ::bind(listener.fd.get(), reinterpret_cast<const sockaddr*>(&raw->address), raw->length) == 0;
  const int bind_errno = errno;
  ::umask(before);
  if (!bound) return failure("bind " + path, bind_errno);
  if (is_abstract) return listener;
  const auto handle = open_socket_file(path, listener.file);
  if (!handle) return std::unexpected(handle.error());
  auto given = give(handle->get(), path, access);
  if (given) return listener;
  remove_unix(path, listener.file);
  return std::unexpected(std::move(given).error());
}

Result<void> change_access(const std::string& path, const FileIdentity& file, const UnixAccess& access) {
  FileIdentity found;
  const auto handle = open_socket_file(path, found);
  if (!handle) return std::unexpected(handle.error());
  if (found.device != file.device || found.inode != file.inode) return failure(path + " is another program's socket by now");
  return give(handle->get(), path, access);
}

void remove_unix(const std::string& path, const FileIdentity& file) noexcept {
  struct stat status {};
  if (file.inode == 0 || ::lstat(path.c_str(), &status) != 0) return;
  if (status.st_dev == file.device && status.st_ino == file.inode) (void)::unlink(path.c_str());
}

}  // namespace reeve
