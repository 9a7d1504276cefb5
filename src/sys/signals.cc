#include "sys/signals.h"

#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace reeve {

namespace {

sigset_t all_but_faults() noexcept {
  sigset_t set;
  ::sigfillset(&set);
  for (const int number : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS}) ::sigdelset(&set, number);
  return set;
}

}  // namespace

void take_over_signals() noexcept {
  for (int number = 1; number < NSIG; ++number) {
    struct sigaction action {};
    // The C library keeps two for itself and refuses; SIGKILL and SIGSTOP too. A sanitizer's handler stays.
    if (::sigaction(number, nullptr, &action) != 0 || action.sa_handler != SIG_IGN) continue;
    action.sa_handler = SIG_DFL;
    ::sigaction(number, &action, nullptr);
  }
  const sigset_t set = all_but_faults();
  ::sigprocmask(SIG_SETMASK, &set, nullptr);
}

void unblock_signals() noexcept {
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

Result<SignalQueue> SignalQueue::open() {
  const sigset_t set = all_but_faults();
  UniqueFd fd(::signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC));
  if (!fd) return failure("signalfd", errno);
  return SignalQueue(std::move(fd));
}

std::vector<SignalQueue::Signal> SignalQueue::take() {
  std::array<signalfd_siginfo, 16> infos;
  const ssize_t size = ::read(fd_.get(), infos.data(), sizeof infos);
  std::vector<Signal> signals;
  for (std::size_t each = 0; size > 0 && each < static_cast<std::size_t>(size) / sizeof infos[0]; ++each) {
    signals.push_back({static_cast<int>(infos[each].ssi_signo), static_cast<pid_t>(infos[each].ssi_pid)});
  }
  return signals;
}

}  // namespace reeve
