#include "monitor/engine_process.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "sys/children.h"
#include "sys/descriptors.h"
#include "sys/signals.h"

namespace reeve {

namespace {

constexpr unsigned kForgivenDeaths = 5;
constexpr std::chrono::seconds kYoung{1};
constexpr std::chrono::milliseconds kHold{100};
constexpr unsigned kMostHolds = 50;

[[noreturn]] void become_engine(int socket, const std::optional<UserAccount>& account, bool silent) {
  // dup2 to itself would keep close-on-exec.
  const bool moved = socket == kEngineSocket ? ::fcntl(socket, F_SETFD, 0) == 0 : ::dup2(socket, kEngineSocket) == kEngineSocket;
  close_from(kEngineSocket + 1);
  const bool ready = silence_standard_streams(silent).has_value();
  unblock_signals();
  bool fit = moved && ready;
  if (fit && account) fit = become(*account);
  if (!account) renounce_new_privileges();
  if (fit) ::execl("/proc/self/exe", "reeved: engine", kEngineArgument, static_cast<char*>(nullptr));
  static constexpr char kText[] = "reeved: cannot become the engine\n";
  (void)!::write(2, kText, sizeof kText - 1);
  ::_exit(127);
}

}  // namespace

Result<void> EngineProcess::start(Instant now) {
  auto pair = MessageSocket::make_pair();
  if (!pair) return std::unexpected(std::move(pair).error());
  const pid_t pid = ::fork();
  if (pid < 0) return failure("fork of the engine", errno);
  if (pid == 0) become_engine(pair->second.get(), account_, silent_);
  pid_ = pid;
  started_ = now;
  killed_ = false;
  socket_.emplace(keep_high(std::move(pair->first)));
  return {};
}

void EngineProcess::kill() noexcept {
  killed_ = true;
  send_signal(pid_, SIGKILL);
}

Instant EngineProcess::ended(Instant now) noexcept {
  pid_ = -1;
  socket_.reset();
  young_deaths_ = now - started_ < kYoung ? young_deaths_ + 1 : 0;
  if (young_deaths_ <= kForgivenDeaths) return now;
  return now + std::min(young_deaths_ - kForgivenDeaths, kMostHolds) * kHold;
}

}  // namespace reeve
