#include "monitor/control_socket.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string_view>
#include <utility>
#include <vector>

#include "base/message.h"
#include "sys/output_files.h"
#include "sys/privileges.h"

namespace reeve {

namespace {

constexpr const char* kOwnFolder = "/run/reeve";
constexpr const char* kName = "/control.sock";
constexpr int kBacklog = 128;

// "": nowhere.
std::string default_path() {
  const char* given = std::getenv("RUNTIME_DIRECTORY");
  if (given != nullptr && *given == '/') {
    const std::string_view all = given;  // systemd.exec(5): several are separated by colons
    return std::string(all.substr(0, all.find(':'))) + kName;
  }
  if (!is_root()) return {};
  if (::mkdir(kOwnFolder, 0755) != 0 && errno != EEXIST) return {};
  // Nobody else's folder, where anybody could put another socket in this one's place.
  struct stat status {};
  if (::lstat(kOwnFolder, &status) != 0 || !S_ISDIR(status.st_mode) || status.st_uid != 0 || (status.st_mode & 022) != 0) return {};
  return std::string(kOwnFolder) + kName;
}

UnixAccess access_for(const ControlTerms& terms) {
  UnixAccess access{.mode = 0600, .uid = ::geteuid(), .gid = ::getegid()};
  if (is_root() && terms.operators_group) {
    access.gid = *terms.operators_group;
    access.mode = 0660;
  }
  if (terms.everybody_reads || !terms.readers.empty()) access.mode = 0666;
  return access;
}

}  // namespace

void ControlSocket::follow(const ControlTerms& terms, WallTime now) {
  configured_ = now;
  const std::string wanted = terms.off ? std::string() : !terms.path.empty() ? std::string(terms.path) : default_path();
  const UnixAccess access = access_for(terms);
  if (wanted.empty()) return close();
  if (wanted == path_) {
    if (access == access_) return;
    const auto changed = change_access(path_, listener_.file, access);
    if (changed) {
      access_ = access;
    } else {
      log_.say(Level::error, "control socket: " + changed.error().text());
    }
    return;
  }
  auto bound = bind_unix(wanted, SOCK_STREAM, access);
  if (bound && ::listen(bound->fd.get(), kBacklog) != 0) {
    const int listen_errno = errno;
    remove_unix(wanted, bound->file);
    bound = failure("listen on " + wanted, listen_errno);
  }
  if (!bound) {
    const bool is_asked_for = !terms.path.empty();
    log_.say(is_asked_for ? Level::error : Level::warning,
             "no control socket" + (path_.empty() ? std::string() : ", but still the one at " + path_) + ": " + bound.error().text());
    return;
  }
  close();
  path_ = wanted;
  access_ = access;
  listener_ = std::move(*bound);
}

void ControlSocket::tell(MessageSocket& engine) const {
  ControlMessage message;
  message.daemon_since_ns = daemon_since_.time_since_epoch().count();
  message.configured_wall_ns = configured_.time_since_epoch().count();
  message.engines = engines_;
  std::vector<UniqueFd> descriptors;
  if (listener_.fd) {
    UniqueFd copy(::fcntl(listener_.fd.get(), F_DUPFD_CLOEXEC, 3));
    if (copy) {
      message.listens = 1;
      descriptors.push_back(std::move(copy));
    }
  }
  engine.queue(as_bytes(message), std::move(descriptors));
}

void ControlSocket::close() noexcept {
  if (path_.empty()) return;
  remove_unix(path_, listener_.file);
  listener_ = {};
  path_.clear();
}

}  // namespace reeve
