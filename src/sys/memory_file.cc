#include "sys/memory_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>

namespace reeve {

Result<UniqueFd> make_memory_file(const char* name, std::string_view bytes) {
  UniqueFd fd(::memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!fd) return failure("memfd_create", errno);
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return failure("write to a memory file", errno);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  if (::fcntl(fd.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) != 0)
    return failure("seal a memory file", errno);
  return fd;
}

Result<std::string> read_memory_file(int fd) {
  std::string bytes;
  std::string piece(64 * 1024, '\0');
  for (;;) {
    const ssize_t count = ::pread(fd, piece.data(), piece.size(), static_cast<off_t>(bytes.size()));
    if (count < 0) return failure("read of a memory file", errno);
    if (count == 0) return bytes;
    bytes.append(piece, 0, static_cast<std::size_t>(count));
  }
}

}  // namespace reeve
