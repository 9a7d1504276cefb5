#include "sys/sandbox.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <functional>
#include <thread>

#include <gtest/gtest.h>

#include "sys/privileges.h"

namespace reeve {
namespace {

#ifdef REEVE_START_BY_FORK
// A sanitizer's runtime makes system calls of its own.
#define SKIP_UNDER_SANITIZERS() GTEST_SKIP() << "a sanitizer's runtime does not fit into the sandbox"
#else
#define SKIP_UNDER_SANITIZERS() (void)0
#endif

// Runs `work` in a confined child. Its result is the child's exit status; -signal when one ended it.
int confined(bool strict, const std::function<int()>& work) {
  const pid_t child = ::fork();
  if (child == 0) {
    renounce_new_privileges();
    if (!confine(strict)) ::_exit(99);
    ::_exit(work());
  }
  int status = 0;
  if (::waitpid(child, &status, 0) != child) return -1000;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

// 0 when the call failed with EPERM (or Landlock's EACCES).
int refused(long result) {
  return result == -1 && (errno == EPERM || errno == EACCES) ? 0 : 1;
}

struct Forbidden {
  const char* name;
  std::function<int()> attempt;
};

TEST(Sandbox, RefusesWhatTheEngineNeverDoes) {
  SKIP_UNDER_SANITIZERS();
  const Forbidden all[] = {
      {"exec", [] { return refused(::execl("/bin/true", "true", nullptr)); }},
      {"fork", [] { return refused(::fork()); }},
      {"kill of the parent", [] { return refused(::kill(::getppid(), 0)); }},
      {"kill of itself", [] { return refused(::kill(::getpid(), 0)); }},
      {"packet socket", [] { return refused(::socket(AF_PACKET, SOCK_RAW, 0)); }},
      {"netlink socket", [] { return refused(::socket(AF_NETLINK, SOCK_RAW, 0)); }},
      {"executable memory",
       [] {
         return ::mmap(nullptr, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED && errno == EPERM ? 0 : 1;
       }},
      {"another's memory",
       [] {
         char byte = 0;
         iovec mine{&byte, 1}, theirs{&byte, 1};
         return refused(::process_vm_readv(::getppid(), &mine, 1, &theirs, 1, 0));
       }},
      {"another user", [] { return refused(::setuid(1)); }},
      {"unlink", [] { return refused(::unlink("/nonexistent")); }},
      {"mode", [] { return refused(::chmod("/nonexistent", 0)); }},
      {"new root", [] { return refused(::chroot("/")); }},
  };
  for (const Forbidden& one : all) {
    EXPECT_EQ(confined(false, one.attempt), 0) << one.name;
    EXPECT_EQ(confined(true, one.attempt), -SIGSYS) << one.name << ", strict";
  }
}

TEST(Sandbox, LeavesTheEngineItsWork) {
  SKIP_UNDER_SANITIZERS();
  EXPECT_EQ(confined(true,
                     [] {
                       const int client = ::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
                       const int file = ::open("/etc/passwd", O_RDONLY | O_CLOEXEC);
                       int ends[2];
                       if (client < 0 || file < 0 || ::pipe2(ends, O_CLOEXEC) != 0) return 1;
                       char byte = 0;
                       if (::write(ends[1], "x", 1) != 1 || ::read(ends[0], &byte, 1) != 1 || byte != 'x') return 2;
                       void* memory = ::mmap(nullptr, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
                       return memory == MAP_FAILED ? 3 : 0;
                     }),
            0);
}

TEST(Sandbox, LeavesThreads) {
  SKIP_UNDER_SANITIZERS();
  EXPECT_EQ(confined(true,
                     [] {
                       int value = 0;
                       std::thread other([&] { value = 7; });
                       other.join();
                       return value == 7 ? 0 : 1;
                     }),
            0);
}

TEST(Sandbox, AbortStillAborts) {
  SKIP_UNDER_SANITIZERS();
  EXPECT_EQ(confined(true, []() -> int { std::abort(); }), -SIGABRT);
}

TEST(Sandbox, NoFileIsOpenedForWriting) {
  SKIP_UNDER_SANITIZERS();
  constexpr int kNoLandlock = 77;
  char name[] = "/tmp/reeve-sandbox-XXXXXX";
  const int made = ::mkstemp(name);
  ASSERT_GE(made, 0);
  const int inherited = confined(true, [&] { return ::write(made, "x", 1) == 1 ? 0 : 1; });
  const pid_t child = ::fork();
  if (child == 0) {
    renounce_new_privileges();
    const auto confinement = confine(false);
    if (!confinement) ::_exit(99);
    if (!confinement->landlock) ::_exit(kNoLandlock);
    ::_exit(refused(::open(name, O_WRONLY | O_CLOEXEC)));
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ::close(made);
  ::unlink(name);
  EXPECT_EQ(inherited, 0);
  ASSERT_TRUE(WIFEXITED(status));
  if (WEXITSTATUS(status) == kNoLandlock) GTEST_SKIP() << "this kernel has no Landlock";
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

}  // namespace
}  // namespace reeve
