// What processes of reeve are made of: privileges, confined children, signals, files, the service manager.
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "sys/children.h"
#include "sys/descriptors.h"
#include "sys/output_files.h"
#include "sys/privileges.h"
#include "sys/service_manager.h"
#include "sys/signals.h"
#include "sys/spare_descriptors.h"

namespace reeve {
namespace {

std::string read_file(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

struct Folder {
  Folder() {
    char name[] = "/tmp/reeve-test-XXXXXX";
    path = ::mkdtemp(name);
  }
  ~Folder() { (void)!std::system(("rm -rf " + path).c_str()); }
  std::string path;
};

// The value of a line of /proc/self/status.
std::string status_field(const std::string& name) {
  std::ifstream file("/proc/self/status");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with(name + ":")) return line.substr(line.find_last_of(" \t") + 1);
  }
  return "";
}

// In a child: what it returns is its exit status.
int in_child(const std::function<int()>& body) {
  const pid_t pid = ::fork();
  if (pid == 0) ::_exit(body());
  int status = -1;
  EXPECT_EQ(::waitpid(pid, &status, 0), pid);
  return status;
}

TEST(Privileges, BecomingAnotherUserIsForGood) {
  if (!is_root()) GTEST_SKIP() << "needs root";
  EXPECT_EQ(in_child([] {
              if (!become({"nobody", 65534, 65534})) return 1;
              if (::getuid() != 65534 || ::geteuid() != 65534 || ::getgid() != 65534 || ::getgroups(0, nullptr) != 0) return 2;
              for (const char* set : {"CapPrm", "CapEff", "CapInh", "CapAmb"}) {
                if (status_field(set) != "0000000000000000") return 3;
              }
              if (::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1) return 4;
              return ::setuid(0) == 0 || ::setgroups(0, nullptr) == 0 ? 5 : 0;
            }),
            0);
}

TEST(Privileges, MonitorKeepsSevenCapabilitiesInForceAndTheBoundingSet) {
  if (!is_root()) GTEST_SKIP() << "needs root";
  const std::string bounding = status_field("CapBnd");
  EXPECT_EQ(in_child([&] {
              if (!keep_monitor_capabilities()) return 1;
              const std::string effective = status_field("CapEff");
              const auto bits = std::strtoull(effective.c_str(), nullptr, 16);
              if (__builtin_popcountll(bits) > 7 || bits == 0 || status_field("CapPrm") == effective) return 2;
              if (status_field("CapBnd") != bounding) return 3;
              {
                const Raised owners(CAP_CHOWN);
                if (status_field("CapEff") == effective) return 5;
              }
              if (status_field("CapEff") != effective) return 6;
              // What the monitor needs works still: becoming somebody else.
              return ::setresuid(65534, 65534, 65534) == 0 ? 0 : 4;
            }),
            0);
}

TEST(Children, ConfinedChildHasNothingOfOurs) {
  const UniqueFd ours(::open("/dev/null", O_RDONLY));
  std::optional<UserAccount> account;
  if (is_root()) account = UserAccount{"nobody", 65534, 65534};
  const auto pid = fork_confined({.account = account}, [&] {
    if (::fcntl(ours.get(), F_GETFD) >= 0) return 1;
    if (is_root()) return 2;
    return ::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ? 42 : 3;
  });
  ASSERT_TRUE(pid);
  int status = 0;
  ASSERT_EQ(::waitpid(*pid, &status, 0), *pid);
  EXPECT_EQ(WEXITSTATUS(status), 42);
}

TEST(Children, ConfinedChildIsEndedByItsLimits) {
#if defined(REEVE_START_BY_FORK)
  GTEST_SKIP() << "a sanitizer needs more memory than any limit";
#endif
  const auto eater = fork_confined({.account = {}, .cpu_seconds = 1, .memory_bytes = rlim_t{1} << 28}, [] {
    std::vector<std::string> eaten;
    for (;;) eaten.emplace_back(std::size_t{1} << 24, 'x');
    return 0;
  });
  ASSERT_TRUE(eater);
  int status = 0;
  ASSERT_EQ(::waitpid(*eater, &status, 0), *eater);
  EXPECT_TRUE(WIFSIGNALED(status));
  const auto spinner = fork_confined({.account = {}, .cpu_seconds = 1}, [] {
    for (volatile bool forever = true; forever;) {
    }
    return 0;
  });
  ASSERT_TRUE(spinner);
  ASSERT_EQ(::waitpid(*spinner, &status, 0), *spinner);
  EXPECT_TRUE(WIFSIGNALED(status));
}

TEST(Children, ReapingTellsStatusAndUse) {
  EXPECT_FALSE(reap_child());
  const pid_t pid = ::fork();
  if (pid == 0) ::_exit(7);
  siginfo_t info{};
  ASSERT_EQ(::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOWAIT), 0);
  const auto reaped = reap_child();
  ASSERT_TRUE(reaped);
  EXPECT_EQ(reaped->pid, pid);
  EXPECT_EQ(WEXITSTATUS(reaped->wait_status), 7);
  EXPECT_GT(reaped->max_rss_kb, 0);
}

TEST(Signals, AreReadAndKillNobody) {
  EXPECT_EQ(in_child([] {
              ::signal(SIGPIPE, SIG_IGN);
              take_over_signals();
              struct sigaction action {};
              ::sigaction(SIGPIPE, nullptr, &action);
              if (action.sa_handler != SIG_DFL) return 1;
              auto queue = SignalQueue::open();
              if (!queue || !queue->take().empty()) return 2;
              for (const int number : {SIGTERM, SIGPIPE, SIGALRM, SIGABRT, SIGVTALRM}) ::kill(::getpid(), number);
              return queue->take().size() == 5 ? 0 : 3;
            }),
            0);
}

TEST(OutputFiles, PidFileReplacesWhatIsThere) {
  const Folder folder;
  const std::string path = folder.path + "/pid";
  std::ofstream(path) << "999999\nleft over\n";
  const mode_t before = ::umask(077);
  const auto written = write_pid_file(path, 4711);
  ::umask(before);
  ASSERT_TRUE(written) << written.error().text();
  EXPECT_EQ(read_file(path), "4711\n");
  struct stat status {};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0644U);
  EXPECT_FALSE(write_pid_file(folder.path + "/missing/pid", 1));
  remove_file(path);
  EXPECT_NE(::access(path.c_str(), F_OK), 0);
}

TEST(OutputFiles, LogIsAppendedToAndNeverAFifo) {
  const Folder folder;
  const std::string path = folder.path + "/log";
  std::ofstream(path) << "before\n";
  const auto log = open_log_file(path);
  ASSERT_TRUE(log);
  EXPECT_TRUE(write_text(log->get(), "after\n"));
  EXPECT_EQ(read_file(path), "before\nafter\n");
  EXPECT_TRUE(open_log_file("/dev/null"));
  ASSERT_EQ(::mkfifo((folder.path + "/fifo").c_str(), 0600), 0);
  EXPECT_FALSE(open_log_file(folder.path + "/fifo"));
  const UniqueFd reader(::open((folder.path + "/fifo").c_str(), O_RDONLY | O_NONBLOCK));
  EXPECT_FALSE(open_log_file(folder.path + "/fifo"));
  EXPECT_FALSE(open_log_file(folder.path));
}

TEST(OutputFiles, PrivateFileIsEmptyPrivateAndNoLink) {
  const Folder folder;
  const std::string path = folder.path + "/dump";
  std::ofstream(path) << "old contents\n";
  ::chmod(path.c_str(), 0666);
  ASSERT_TRUE(open_private_file(path));
  struct stat status {};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
  EXPECT_EQ(status.st_size, 0);
  ASSERT_EQ(::symlink(path.c_str(), (folder.path + "/link").c_str()), 0);
  EXPECT_FALSE(open_private_file(folder.path + "/link"));
}

TEST(ServiceManager, IsToldAndItsAddressIsForNobodyElse) {
  const Folder folder;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  (folder.path + "/notify").copy(address.sun_path, sizeof address.sun_path - 1);
  const UniqueFd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  ASSERT_EQ(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  ::setenv("NOTIFY_SOCKET", address.sun_path, 1);
  const ServiceManager manager = ServiceManager::from_environment();
  EXPECT_EQ(std::getenv("NOTIFY_SOCKET"), nullptr);
  manager.ready("3 services");
  std::string told(100, '\0');
  const ssize_t size = ::recv(socket.get(), told.data(), told.size(), 0);
  ASSERT_GT(size, 0);
  told.resize(static_cast<std::size_t>(size));
  EXPECT_EQ(told, "READY=1\nSTATUS=3 services");
  // Nobody to tell: nothing happens.
  ServiceManager::from_environment().stopping();
}

// proc_pid_status(5): how many slots the table has.
std::size_t table_size() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("FDSize:")) return std::stoul(line.substr(7));
  }
  return 0;
}

TEST(Descriptors, TheTableCanBeMadeLargeBeforeItIsNeeded) {
  const std::size_t before = table_size();
  const std::size_t free = free_descriptors();
  reserve_descriptors(before + 1);
  EXPECT_GT(table_size(), before);
  EXPECT_EQ(free, free_descriptors());
  // More than may be opened is as much as may be opened.
  reserve_descriptors(SIZE_MAX);
  EXPECT_EQ(free, free_descriptors());
}

TEST(SpareDescriptors, AreThereForOthersWhenTheTableIsFull) {
  const int status = in_child([] {
    const rlimit limit{64, 64};
    if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) return 1;
    SpareDescriptors spares;
    if (!spares.hold()) return 2;
    std::vector<UniqueFd> visits;
    const auto next = [&] { return UniqueFd(::fcntl(0, F_DUPFD_CLOEXEC, 3)); };
    for (UniqueFd one = next(); one; one = next()) visits.push_back(std::move(one));
    if (!spares.is_last(visits.back().get()) || spares.is_last(visits.front().get())) return 3;
    if (spares.hold()) return 4;  // no room beside for who asks
    spares.give_up();
    std::vector<UniqueFd> messages;
    for (UniqueFd one = next(); one; one = next()) messages.push_back(std::move(one));
    if (messages.size() != SpareDescriptors::kCount) return 5;
    messages.resize(1);
    if (!spares.hold() || !next()) return 6;
    return 0;
  });
  EXPECT_EQ(0, status);
}

}  // namespace
}  // namespace reeve
