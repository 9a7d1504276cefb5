#include "sys/follower_start.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>

#include "sys/descriptors.h"
#include "sys/signals.h"

namespace reeve {

namespace {

constexpr int kFirst = 3;

// In the child. Everything is moved up first, so that no descriptor is overwritten before it is copied down.
bool arrange(const std::vector<int>& wanted, int& executable) noexcept {
  const int above = kFirst + static_cast<int>(wanted.size()) + 1;
  constexpr std::size_t kMost = 64;
  if (wanted.size() > kMost) return false;
  std::array<int, kMost> high{};
  for (std::size_t each = 0; each < wanted.size(); ++each) {
    high[each] = ::fcntl(wanted[each], F_DUPFD, above);
    if (high[each] < 0) return false;
  }
  executable = ::fcntl(executable, F_DUPFD_CLOEXEC, above);
  if (executable < 0) return false;
  for (std::size_t each = 0; each < wanted.size(); ++each) {
    if (::dup2(high[each], kFirst + static_cast<int>(each)) < 0) return false;
  }
  // What is above is ours no longer, but for the executable.
  const int slot = kFirst + static_cast<int>(wanted.size());
  if (::dup3(executable, slot, O_CLOEXEC) < 0) return false;
  executable = slot;
  close_from(slot + 1);
  return true;
}

[[noreturn]] void become_follower(const FollowerStart& start, int executable, char* const* arguments) noexcept {
  bool fit = arrange(start.descriptors, executable);
  fit = fit && silence_standard_streams(start.silent).has_value();
  unblock_signals();
  if (fit && start.account) fit = start.capability ? become_with(*start.account, *start.capability) : become(*start.account);
  if (!start.account) renounce_new_privileges();
  if (fit) ::syscall(SYS_execveat, executable, "", arguments, environ, AT_EMPTY_PATH);
  static constexpr char kText[] = "reeved: cannot start a follower\n";
  (void)!::write(2, kText, sizeof kText - 1);
  ::_exit(127);
}

}  // namespace

Result<pid_t> start_follower(const FollowerStart& start) {
  // Its user may have no way to the path.
  const UniqueFd executable(::open(start.path.c_str(), O_PATH | O_CLOEXEC));
  if (!executable) return failure("cannot start " + start.path, errno);
  std::vector<std::string> texts = start.arguments;
  std::vector<char*> arguments;
  for (std::string& text : texts) arguments.push_back(text.data());
  arguments.push_back(nullptr);
  const pid_t pid = ::fork();
  if (pid < 0) return failure("fork of " + start.path, errno);
  if (pid == 0) become_follower(start, executable.get(), arguments.data());
  return pid;
}

std::string follower_path(const char* name) {
  std::array<char, PATH_MAX> own{};
  const ssize_t size = ::readlink("/proc/self/exe", own.data(), own.size() - 1);
  const std::string path(own.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
  return path.substr(0, path.rfind('/') + 1) + name;
}

}  // namespace reeve
