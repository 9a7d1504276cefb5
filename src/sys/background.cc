#include "sys/background.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>

#include "sys/descriptors.h"
#include "sys/signals.h"

namespace reeve {

namespace {

// What the daemon says: one byte of status, then the reason.
[[noreturn]] void launch(int from_daemon) {
  // Whoever waits for us may lose patience.
  unblock_signals();
  std::string told;
  std::array<char, 512> buffer;
  for (;;) {
    const ssize_t size = ::read(from_daemon, buffer.data(), buffer.size());
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) break;
    told.append(buffer.data(), static_cast<std::size_t>(size));
  }
  if (told.empty()) told = "\1reeved: the daemon died before it could serve\n";
  (void)!::write(2, told.data() + 1, told.size() - 1);
  ::_exit(static_cast<unsigned char>(told[0]));
}

}  // namespace

Result<Background> Background::enter() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return failure("pipe", errno);
  UniqueFd from_daemon(ends[0]), to_launcher(ends[1]);
  const pid_t middle = ::fork();
  if (middle < 0) return failure("fork", errno);
  if (middle > 0) {
    to_launcher.reset();
    ::waitpid(middle, nullptr, 0);
    launch(from_daemon.get());
  }
  ::setsid();
  // Not a session leader, so that no terminal becomes ours by opening it.
  const pid_t daemon = ::fork();
  if (daemon != 0) ::_exit(daemon < 0 ? 1 : 0);
  return Background(std::move(to_launcher));
}

void Background::serves() {
  if (!launcher_) return;
  (void)silence_standard_streams(true);
  const char status = 0;
  (void)!::write(launcher_.get(), &status, 1);
  launcher_.reset();
}

void Background::failed(std::string_view reason, int status) {
  if (!launcher_) return;
  std::string told(1, static_cast<char>(status));
  told.append(reason);
  told.push_back('\n');
  (void)!::write(launcher_.get(), told.data(), told.size());
  launcher_.reset();
}

}  // namespace reeve
