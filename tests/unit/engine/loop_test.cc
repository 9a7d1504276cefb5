// The loop's four verbs, on real descriptors.
#include "sys/loop.h"

#include <sys/socket.h>
#include <unistd.h>

#include <array>

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
