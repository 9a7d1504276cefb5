#include "sys/line_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace reeve {
namespace {

constexpr std::size_t kBuffer = 1 << 20;
static_assert(kBuffer > LineFile::kMaxLine);

}  // namespace

LineFile::LineFile(UniqueFd file, std::string path)
    : file_(std::move(file)), path_(std::move(path)), buffer_(std::make_unique_for_overwrite<char[]>(kBuffer)) {}

Result<LineFile> LineFile::open(const std::string& path) {
  UniqueFd file(path == "-" ? ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0) : ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (!file) return failure("open " + path, errno);
  (void)::posix_fadvise(file.get(), 0, 0, POSIX_FADV_SEQUENTIAL);
  return LineFile(std::move(file), path);
}

bool LineFile::can_rewind() const noexcept {
  struct stat status {};
  return ::fstat(file_.get(), &status) == 0 && S_ISREG(status.st_mode);
}

void LineFile::rewind() noexcept {
  if (::lseek(file_.get(), 0, SEEK_SET) != 0) return;
  begin_ = end_ = 0;
  at_end_ = false;
  error_.reset();
}

// Moves what is left to the front and reads more behind it.
bool LineFile::fill() {
  if (at_end_) return false;
  std::memmove(buffer_.get(), buffer_.get() + begin_, end_ - begin_);
  end_ -= std::exchange(begin_, 0);
  for (;;) {
    const ssize_t count = ::read(file_.get(), buffer_.get() + end_, kBuffer - end_);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) error_ = Error{"read " + path_, errno};
    if (count <= 0) at_end_ = true;
    if (count > 0) end_ += static_cast<std::size_t>(count);
    return count > 0;
  }
}

std::optional<std::string_view> LineFile::next() {
  std::size_t searched = 0;
  for (;;) {
    const std::string_view rest(buffer_.get() + begin_, end_ - begin_);
    const std::size_t newline = rest.find('\n', searched);
    if (newline != std::string_view::npos) {
      begin_ += newline + 1;
      return rest.substr(0, std::min(newline, kMaxLine));
    }
    searched = rest.size();
    if (rest.size() >= kMaxLine) {
      // The rest of it is left out: what was read of it goes, but its beginning.
      end_ = begin_ + kMaxLine;
      searched = kMaxLine;
    }
    if (fill()) continue;
    if (begin_ == end_) return std::nullopt;
    const std::string_view last(buffer_.get() + begin_, end_ - begin_);
    begin_ = end_;
    return last.substr(0, kMaxLine);
  }
}

}  // namespace reeve
