#include "defence/command_receiver.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <spawn.h>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "base/printable.h"

namespace reeve {
namespace {

// Where the end of a program can't be watched.
constexpr std::chrono::milliseconds kLook{100};
constexpr const char* kPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

std::string variable_name(AlertField field) {
  std::string name = "REEVE_";
  for (const char letter : to_text(field)) name += letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 'a' + 'A') : letter;
  return name;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> all;
  for (std::string& text : texts) all.push_back(text.data());
  all.push_back(nullptr);
  return all;
}

// What a spawned program begins with; frees itself.
class SpawnTerms {
 public:
  SpawnTerms() {
    ::posix_spawn_file_actions_init(&actions_);
    ::posix_spawnattr_init(&attributes_);
    for (const int fd : {0, 1, 2}) ::posix_spawn_file_actions_addopen(&actions_, fd, "/dev/null", fd == 0 ? O_RDONLY : O_WRONLY, 0);
    ::posix_spawn_file_actions_addclosefrom_np(&actions_, 3);
    ::posix_spawn_file_actions_addchdir_np(&actions_, "/");
    sigset_t none, all;
    ::sigemptyset(&none);
    ::sigfillset(&all);
    ::posix_spawnattr_setsigmask(&attributes_, &none);
    ::posix_spawnattr_setsigdefault(&attributes_, &all);
    ::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  SpawnTerms(const SpawnTerms&) = delete;
  SpawnTerms& operator=(const SpawnTerms&) = delete;
  ~SpawnTerms() {
    ::posix_spawn_file_actions_destroy(&actions_);
    ::posix_spawnattr_destroy(&attributes_);
  }
  // An errno, or 0.
  int spawn(pid_t& pid, const std::string& path, char* const* arguments, char* const* environment) const {
    return ::posix_spawn(&pid, path.c_str(), &actions_, &attributes_, arguments, environment);
  }

 private:
  posix_spawn_file_actions_t actions_;
  posix_spawnattr_t attributes_;
};

}  // namespace

CommandReceiver::CommandReceiver(const AlertSink& terms, Say say) : terms_(terms), say_(std::move(say)) {}

CommandReceiver::~CommandReceiver() {
  end();
}

std::vector<std::string> CommandReceiver::environment_of(const Alert& alert) {
  std::vector<std::string> environment{kPath};
  for (std::size_t each = 0; each < kAlertFields; ++each) {
    const auto field = static_cast<AlertField>(each);
    environment.push_back(variable_name(field) + "=" + printable(text_of(alert, field)));
  }
  return environment;
}

void CommandReceiver::add(const Alert& alert, Instant /*now*/) {
  if (queue_.size() >= kMostQueued) {
    lose(1);
    return fail("more alerts come than it can take");
  }
  queue_.push_back(environment_of(alert));
}

void CommandReceiver::work(Instant now) {
  looked_ = now;
  std::erase_if(running_, [&](Running& running) { return reap(running, now); });
  while (!queue_.empty() && running_.size() < kMostRunning) {
    std::vector<std::string> environment = std::move(queue_.front());
    queue_.pop_front();
    start(std::move(environment), now);
  }
}

void CommandReceiver::start(std::vector<std::string> environment, Instant now) {
  std::vector<std::string> words{terms_.target};
  words.insert(words.end(), terms_.arguments.begin(), terms_.arguments.end());
  Running running{.until = now + kMostTime};
  static const SpawnTerms kTerms;
  const int error = kTerms.spawn(running.pid, terms_.target, pointers(words).data(), pointers(environment).data());
  if (error != 0) {
    lose(1);
    return fail(std::generic_category().message(error));
  }
  running.watch.reset(static_cast<int>(::syscall(SYS_pidfd_open, running.pid, 0)));
  running_.push_back(std::move(running));
}

// True: it has ended. After its time it is killed, and reaped once that has worked.
bool CommandReceiver::reap(Running& running, Instant now) {
  siginfo_t info{};
  const int error = ::waitid(P_PID, static_cast<id_t>(running.pid), &info, WEXITED | WNOHANG | WNOWAIT);
  if (error == 0 && info.si_pid == 0) {
    if (now < running.until) return false;
    ::kill(-running.pid, SIGKILL);
    running.until = now + kMostTime;
    fail(fmt::format("it was killed after {} s", kMostTime.count()));
    return false;
  }
  // What it left behind in its group goes, too; before it is reaped, since its number is its own until then.
  ::kill(-running.pid, SIGKILL);
  int status = 0;
  if (::waitpid(running.pid, &status, WNOHANG) != running.pid) return true;
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
    is_said_ = false;
  } else if (WIFEXITED(status)) {
    fail(fmt::format("it ended with status {}", WEXITSTATUS(status)));
  } else {
    fail(fmt::format("signal {} ended it", WTERMSIG(status)));
  }
  return true;
}

void CommandReceiver::fail(const std::string& why) {
  if (!std::exchange(is_said_, true)) say_(Level::error, fmt::format("alert_command {}: {}", printable(terms_.target, 200), why));
}

std::optional<Instant> CommandReceiver::next() const {
  std::optional<Instant> first;
  if (!queue_.empty() && running_.size() < kMostRunning) return Instant();
  for (const Running& running : running_) {
    const Instant when = running.watch ? running.until : std::min(running.until, looked_ + kLook);
    if (!first || when < *first) first = when;
  }
  return first;
}

void CommandReceiver::append_descriptors(std::vector<int>& descriptors) const {
  for (const Running& running : running_) {
    if (running.watch) descriptors.push_back(running.watch.get());
  }
}

void CommandReceiver::end() {
  for (const Running& running : running_) ::kill(-running.pid, SIGKILL);
  running_.clear();
  queue_.clear();
}

}  // namespace reeve
