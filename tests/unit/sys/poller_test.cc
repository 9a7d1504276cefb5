#include "sys/poller.h"

#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>

#include <gtest/gtest.h>

#include "sys/processors.h"

namespace reeve {
namespace {

struct Pipe {
  UniqueFd out, in;
};

Pipe make_pipe() {
  std::array<int, 2> fds{};
  EXPECT_EQ(::pipe(fds.data()), 0);
  return {UniqueFd(fds[0]), UniqueFd(fds[1])};
}

TEST(Poller, LooksWithoutWaiting) {
  auto poller = Poller::open();
  ASSERT_TRUE(poller);
  const Pipe pipe = make_pipe();
  poller->watch(pipe.out.get());
  EXPECT_TRUE(poller->look().empty());
  ASSERT_EQ(::write(pipe.in.get(), "x", 1), 1);
  const auto ready = poller->look();
  ASSERT_EQ(ready.size(), 1U);
  EXPECT_EQ(ready[0].fd, pipe.out.get());
  EXPECT_TRUE(ready[0].readable);
  EXPECT_FALSE(ready[0].writable);
  // It is told again as long as nobody reads it, by a wait too.
  EXPECT_EQ(poller->wait(std::nullopt).size(), 1U);
  poller->forget(pipe.out.get());
  EXPECT_TRUE(poller->look().empty());
}

TEST(Poller, TellsTheEndOfTheOtherSide) {
  auto poller = Poller::open();
  ASSERT_TRUE(poller);
  Pipe pipe = make_pipe();
  poller->watch(pipe.out.get());
  pipe.in.reset();
  const auto ready = poller->look();
  ASSERT_EQ(ready.size(), 1U);
  EXPECT_TRUE(ready[0].readable);
}

// A child, because affinity is its process's own for good.
TEST(Processors, AreThoseThatTheProcessMayRunOn) {
  EXPECT_GE(usable_processors(), 1U);
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(static_cast<unsigned>(::sched_getcpu()), &one);
    if (::sched_setaffinity(0, sizeof one, &one) != 0) ::_exit(2);
    ::_exit(usable_processors() == 1 ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

}  // namespace
}  // namespace reeve
