// The loop's four verbs, on real descriptors.
#include "sys/loop.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "base/unique_fd.h"
#include "sys/clock.h"

namespace reeve {
namespace {

struct Pair {
  Pair() {
    std::array<int, 2> ends{};
    EXPECT_EQ(0, ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()));
    near.reset(ends[0]);
    far.reset(ends[1]);
  }
  UniqueFd near, far;
};

TEST(Loop, AWaitEndsWhenTheDescriptorIsReadable) {
  Loop loop;
  Pair pair;
  Wake seen = Wake::cancelled;
  const auto reader = [](Loop& in, int fd, Wake& out) -> Task<> {
    Watch watch(in, fd);
    out = Wake::cancelled;
    const Wake wake = co_await watch.readable(kNoDeadline);
    out = wake;
    in.stop();
  };
  loop.start(reader(loop, pair.near.get(), seen));
  ASSERT_EQ(1, ::write(pair.far.get(), "x", 1));
  loop.run();
  EXPECT_EQ(Wake::ready, seen);
}

TEST(Loop, AWaitEndsAtItsDeadlineAndNotBefore) {
  Loop loop;
  Pair pair;
  Wake seen = Wake::ready;
  const Instant deadline = instant_now() + std::chrono::milliseconds(300);
  Instant ended{};
  const auto reader = [](Loop& in, int fd, Instant until, Wake& out, Instant& at) -> Task<> {
    Watch watch(in, fd);
    const Wake wake = co_await watch.readable(until);
    out = wake;
    at = instant_now();
    in.stop();
  };
  loop.start(reader(loop, pair.near.get(), deadline, seen, ended));
  loop.run();
  EXPECT_EQ(Wake::timed_out, seen);
  EXPECT_GE(ended, deadline);
}

TEST(Loop, AWaitCanBeCancelled) {
  Loop loop;
  Pair pair;
  Wake seen = Wake::ready;
  Watch watch(loop, pair.near.get());
  const auto reader = [](Loop& in, Watch& on, Wake& out) -> Task<> {
    const Wake wake = co_await on.readable(kNoDeadline);
    out = wake;
    in.stop();
  };
  loop.start(reader(loop, watch, seen));
  watch.cancel();
  loop.run();
  EXPECT_EQ(Wake::cancelled, seen);
}

// What was left unread is found again, and an end that nobody waits for doesn't keep the loop busy.
TEST(Loop, AWaitFindsWhatWasLeftUnread) {
  Loop loop;
  Pair pair, idle;
  std::string seen;
  const auto reader = [](Loop& in, int fd, std::string& out) -> Task<> {
    Watch watch(in, fd);
    while (out.size() < 3) {
      co_await watch.readable(kNoDeadline);
      char byte = 0;
      if (::read(fd, &byte, 1) == 1) out.push_back(byte);
    }
    // Ended by the other side, and not waited for.
    const Instant later = instant_now() + std::chrono::milliseconds(20);
    co_await in.sleep_until(later);
    in.stop();
  };
  loop.start(reader(loop, pair.near.get(), seen));
  ASSERT_EQ(3, ::write(pair.far.get(), "abc", 3));
  pair.far.reset();
  loop.run();
  EXPECT_EQ("abc", seen);
}

TEST(Loop, AWaitCanTurnFromReadingToWriting) {
  Loop loop;
  Pair pair;
  std::string seen;
  const auto both = [](Loop& in, int fd, std::string& out) -> Task<> {
    Watch watch(in, fd);
    for (int each = 0; each < 3; ++each) {
      co_await watch.readable(kNoDeadline);
      out.push_back('r');
      co_await watch.writable(kNoDeadline);
      out.push_back('w');
    }
    in.stop();
  };
  loop.start(both(loop, pair.near.get(), seen));
  ASSERT_EQ(1, ::write(pair.far.get(), "x", 1));
  loop.run();
  EXPECT_EQ("rwrwrw", seen);
}

// Both are readable in the same turn; the first to be looked at takes the other one away.
TEST(Loop, AWatchMayDieInTheTurnInWhichItIsReady) {
  Loop loop;
  Pair one, other;
  std::optional<Watch> first(std::in_place, loop, one.near.get()), second(std::in_place, loop, other.near.get());
  int resumed = 0;
  const auto reader = [](Loop& in, std::optional<Watch>& mine, std::optional<Watch>& its, int& count) -> Task<> {
    co_await mine->readable(kNoDeadline);
    ++count;
    its.reset();
    in.stop();
  };
  loop.start(reader(loop, first, second, resumed));
  loop.start(reader(loop, second, first, resumed));
  ASSERT_EQ(1, ::write(one.far.get(), "x", 1));
  ASSERT_EQ(1, ::write(other.far.get(), "x", 1));
  loop.run();
  EXPECT_EQ(1, resumed);
}

TEST(Loop, WhatNeverBlocksIsReadyAtOnce) {
  Loop loop;
  const UniqueFd file(::open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
  ASSERT_TRUE(file);
  Wake seen = Wake::cancelled;
  const auto reader = [](Loop& in, int fd, Wake& out) -> Task<> {
    Watch watch(in, fd);
    const Wake wake = co_await watch.readable(kNoDeadline);
    out = wake;
    in.stop();
  };
  loop.start(reader(loop, file.get(), seen));
  loop.run();
  EXPECT_EQ(Wake::ready, seen);
}

TEST(Loop, SleepersWakeInTheirOrder) {
  Loop loop;
  std::string order;
  const auto sleeper = [](Loop& in, int milliseconds, char name, std::string& out) -> Task<> {
    const Instant when = instant_now() + std::chrono::milliseconds(milliseconds);
    co_await in.sleep_until(when);
    out.push_back(name);
    if (out.size() == 3) in.stop();
  };
  loop.start(sleeper(loop, 30, 'c', order));
  loop.start(sleeper(loop, 10, 'a', order));
  loop.start(sleeper(loop, 20, 'b', order));
  loop.run();
  EXPECT_EQ("abc", order);
}

struct Witness {
  explicit Witness(int& count) : alive(count) { ++alive; }
  ~Witness() { --alive; }
  Witness(const Witness&) = delete;
  Witness& operator=(const Witness&) = delete;
  int& alive;
};

TEST(Loop, TasksDieWithTheLoopAndSoDoesWhatTheyHold) {
  Pair pair;
  int alive = 0;
  {
    Loop loop;
    const auto holder = [](Loop& in, int fd, int& count) -> Task<> {
      const Witness witness(count);
      Watch watch(in, fd);
      co_await watch.readable(kNoDeadline);
    };
    loop.start(holder(loop, pair.near.get(), alive));
    EXPECT_EQ(1, alive);
  }
  EXPECT_EQ(0, alive);
}

Task<int> add_one(int value) {
  co_return value + 1;
}

// Transfer between tasks does not grow the stack, but GCC keeps that promise only when it optimises (-O2).
#if defined(__OPTIMIZE__) && !defined(__SANITIZE_ADDRESS__)
constexpr int kTransfers = 100'000;
#else
constexpr int kTransfers = 1'000;
#endif

TEST(Task, AnAwaitedTaskGivesItsValueOver) {
  Loop loop;
  int sum = 0;
  const auto caller = [](int& out) -> Task<> {
    for (int each = 0; each < kTransfers; ++each) {
      const int next = co_await add_one(out);
      out = next;
    }
  };
  loop.start(caller(sum));
  EXPECT_EQ(kTransfers, sum);
}

}  // namespace
}  // namespace reeve
