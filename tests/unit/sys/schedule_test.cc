#include "sys/schedule.h"

#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <thread>

#include <gtest/gtest.h>

namespace reeve {
namespace {

// sched_attr of sched_setattr(2), up to sched_runtime.
struct Seen {
  std::uint32_t policy = 0;
  std::int32_t nice = 0;
  std::uint64_t runtime_ns = 0;
};
Seen look() {
  std::array<std::uint64_t, 6> raw{};  // size+policy, flags, nice+priority, runtime, deadline, period
  EXPECT_EQ(::syscall(SYS_sched_getattr, 0, raw.data(), sizeof raw, 0), 0);
  return {static_cast<std::uint32_t>(raw[0] >> 32), static_cast<std::int32_t>(raw[2] & UINT32_MAX), raw[3]};
}

// In a thread of its own, which takes what it did to itself with it.
template <typename F>
void in_a_thread(F f) {
  std::thread(f).join();
}

TEST(ScheduleTest, ShortTurnsChangeNothingElse) {
  in_a_thread([] {
    ASSERT_EQ(::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), 5), 0);
    const Seen before = look();
    prefer_short_turns();
    const Seen after = look();
    EXPECT_EQ(after.policy, before.policy);
    EXPECT_EQ(after.nice, 5);
    // A kernel that lets a thread choose says what it got.
    if (before.runtime_ns != 0) {
      EXPECT_LT(after.runtime_ns, before.runtime_ns);
    }
  });
}

TEST(ScheduleTest, AnotherPolicyIsLeftAlone) {
  in_a_thread([] {
    const sched_param none{};
    ASSERT_EQ(::sched_setscheduler(0, SCHED_BATCH, &none), 0);
    const Seen before = look();
    prefer_short_turns();
    const Seen after = look();
    EXPECT_EQ(after.policy, static_cast<std::uint32_t>(SCHED_BATCH));
    EXPECT_EQ(after.runtime_ns, before.runtime_ns);
  });
}

}  // namespace
}  // namespace reeve
