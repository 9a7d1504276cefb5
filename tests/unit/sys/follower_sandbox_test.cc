// What a follower can't do any more, and what it still can.
#include "sys/follower_sandbox.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <functional>
#include <thread>

#include <gtest/gtest.h>

#include "sys/privileges.h"

namespace reeve {
namespace {

// Runs `work` in a confined child. Its result is the child's exit status.
int confined(const FollowerRights& rights, const std::function<int()>& work) {
  const pid_t child = ::fork();
  if (child == 0) {
    renounce_new_privileges();
    if (!confine_follower(rights)) ::_exit(99);
    ::_exit(work());
  }
  int status = 0;
  if (::waitpid(child, &status, 0) != child) return -1000;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

constexpr int kInternet[] = {AF_UNIX, AF_INET, AF_INET6};

bool has_failed_with(long result, std::initializer_list<int> errors) {
  return result == -1 && std::find(errors.begin(), errors.end(), errno) != errors.end();
}

TEST(FollowerSandbox, RefusesWhatAFollowerNeverDoes) {
  const FollowerRights rights{.families = kInternet};
  EXPECT_EQ(confined(rights, [] { return has_failed_with(::execl("/bin/true", "true", nullptr), {EPERM, EACCES}) ? 0 : 1; }), 0);
  EXPECT_EQ(confined(rights, [] { return has_failed_with(::fork(), {EPERM}) ? 0 : 1; }), 0);
  EXPECT_EQ(confined(rights, [] { return has_failed_with(::unshare(CLONE_NEWUSER), {EPERM}) ? 0 : 1; }), 0);
  EXPECT_EQ(confined(rights, [] { return has_failed_with(::socket(AF_NETLINK, SOCK_RAW, 0), {EAFNOSUPPORT}) ? 0 : 1; }), 0);
  EXPECT_EQ(confined(rights, [] { return has_failed_with(::socket(AF_PACKET, SOCK_RAW, 0), {EAFNOSUPPORT}) ? 0 : 1; }), 0);
  EXPECT_EQ(confined(rights, [] { return has_failed_with(::socket(1000, SOCK_RAW, 0), {EAFNOSUPPORT}) ? 0 : 1; }), 0);
  EXPECT_EQ(confined(rights, [] { return has_failed_with(::chroot("/"), {EPERM}) ? 0 : 1; }), 0);
  EXPECT_EQ(confined(rights, [] { return has_failed_with(::kill(::getppid(), 0), {EPERM}) ? 0 : 1; }), 0);
}

TEST(FollowerSandbox, OpensSocketsAndThreads) {
  EXPECT_EQ(confined({.families = kInternet},
                     [] {
                       int fd = -1;
                       std::thread([&] { fd = ::socket(AF_INET6, SOCK_STREAM, 0); }).join();
                       return fd >= 0 ? 0 : 1;
                     }),
            0);
  const int netlink[] = {AF_NETLINK};
  EXPECT_EQ(confined({.families = netlink}, [] { return ::socket(AF_NETLINK, SOCK_RAW, 0) >= 0 ? 0 : 1; }), 0);
}

TEST(FollowerSandbox, WritesInItsDirectoryOnly) {
  char name[] = "/tmp/reeve-sandbox-XXXXXX";
  ASSERT_NE(::mkdtemp(name), nullptr);
  const std::string inside = std::string(name) + "/inside", beside = std::string(name) + ".beside";
  const auto writes = [](const std::string& path) { return ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600) >= 0 ? 0 : 1; };
  EXPECT_EQ(confined({.writes_below = name, .families = kInternet}, [&] { return writes(inside); }), 0);
  const int result = confined({.writes_below = name, .families = kInternet}, [&] {
    const auto again = confine_follower({.families = kInternet});  // is there Landlock at all?
    return again && again->landlock ? writes(beside) : 42;
  });
  if (result == 42) {
    ::unlink(inside.c_str());
    ::rmdir(name);
    GTEST_SKIP() << "this kernel has no Landlock";
  }
  EXPECT_EQ(result, 1);
  EXPECT_EQ(confined({.writes_below = name, .families = kInternet}, [&] { return writes(beside); }), 1);
  ::unlink(inside.c_str());
  ::rmdir(name);
}

TEST(FollowerSandbox, ExecutesWhereItIsAllowed) {
  EXPECT_EQ(confined({.families = kInternet, .executes = true},
                     [] {
                       const pid_t child = ::fork();
                       if (child == 0) {
                         ::execl("/bin/true", "true", nullptr);
                         ::_exit(1);
                       }
                       int status = 0;
                       return child > 0 && ::waitpid(child, &status, 0) == child && status == 0 ? 0 : 1;
                     }),
            0);
}

}  // namespace
}  // namespace reeve
