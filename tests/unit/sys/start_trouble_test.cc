// Starts that fail, hang, or come many at once. The ways of starting are those of start_test.cc.
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "sys/descriptors.h"
#include "sys/privileges.h"
#include "sys/start.h"
#include "unit/sys/starting.h"

namespace reeve {
namespace {

TEST_P(StarterTest, FailedExecIsToldWhenReaped) {
  Starter starter(200, GetParam().form);
  starter.share_descriptors(GetParam().share_descriptors);
  const std::vector<std::pair<std::string, int>> cases{{"/nonexistent/program", ENOENT}, {"/etc/passwd", EACCES}, {"/bin", EACCES}};
  for (const auto& [path, expected] : cases) {
    Pair pair = make_pair();
    const auto pid = starter.start(program_of(prepare({path})), std::move(pair.theirs), {});
    ASSERT_TRUE(pid);
    settle(starter);
    EXPECT_EQ(read_all(pair.ours.get()), "");
    const Ended ended = reap(starter, *pid);
    ASSERT_TRUE(ended.failure) << path;
    EXPECT_EQ(ended.failure->stage, StartStage::exec);
    EXPECT_EQ(ended.failure->sys_errno, expected);
    EXPECT_EQ(WEXITSTATUS(ended.status), 127);
  }
  EXPECT_EQ(starter.starting(), 0U);
}

TEST_P(StarterTest, FailedSetupIsToldWithItsStage) {
  Starter starter(200, GetParam().form);
  starter.share_descriptors(GetParam().share_descriptors);
  auto prepared = prepare({"/bin/true"});
  prepared->limits = {{RLIMIT_NOFILE, {38, 37}}};  // soft over hard
  prepared->program.limits = prepared->limits;
  Pair pair = make_pair();
  const auto pid = starter.start(program_of(prepared), std::move(pair.theirs), {});
  ASSERT_TRUE(pid);
  settle(starter);
  const Ended ended = reap(starter, *pid);
  ASSERT_TRUE(ended.failure);
  EXPECT_EQ(ended.failure->stage, StartStage::setup);
  EXPECT_EQ(ended.failure->sys_errno, EINVAL);
}

TEST_P(StarterTest, HighNumberedConnectionSurvives) {
  Starter starter(200, GetParam().form);
  starter.share_descriptors(GetParam().share_descriptors);
  Pair pair = make_pair();
  UniqueFd high(::fcntl(pair.theirs.get(), F_DUPFD_CLOEXEC, 600));
  pair.theirs.reset();
  const auto pid = starter.start(program_of(prepare({"/bin/echo", "hello"})), std::move(high), {});
  ASSERT_TRUE(pid);
  settle(starter);
  EXPECT_EQ(read_all(pair.ours.get()), "hello\n");
  reap(starter, *pid);
}

TEST_P(StarterTest, ProgramIsKeptUntilTheChildNoLongerReadsIt) {
  Starter starter(200, GetParam().form);
  starter.share_descriptors(GetParam().share_descriptors);
  auto prepared = prepare({"/bin/cat"});
  const std::weak_ptr<Prepared> watched = prepared;
  Pair pair = make_pair();
  const auto pid = starter.start(program_of(prepared), std::move(pair.theirs), {});
  ASSERT_TRUE(pid);
  prepared.reset();
  EXPECT_FALSE(watched.expired());
  settle(starter);
  pair.ours.reset();
  reap(starter, *pid);
  EXPECT_TRUE(watched.expired());
}

TEST_P(StarterTest, ManyAtOnceKeepTheirStreamsApart) {
  Starter starter(400, GetParam().form);
  starter.share_descriptors(GetParam().share_descriptors);
  std::vector<std::pair<pid_t, UniqueFd>> running;
  for (int each = 0; each < 60; ++each) {
    Pair pair = make_pair();
    const auto pid = starter.start(program_of(prepare({"/bin/echo", std::to_string(each)})), std::move(pair.theirs), {});
    ASSERT_TRUE(pid);
    running.emplace_back(*pid, std::move(pair.ours));
  }
  settle(starter);
  for (std::size_t each = 0; each < running.size(); ++each) {
    EXPECT_EQ(read_all(running[each].second.get()), std::to_string(each) + "\n");
    EXPECT_FALSE(reap(starter, running[each].first).failure);
  }
  EXPECT_EQ(starter.starting(), 0U);
}

// Between its change of user and its exec a child may be stopped by whoever it has become; SIGSTOP can't be
// blocked, so these stop wherever they are.
TEST_P(StarterTest, StoppedChildFreezesNobody) {
  if (GetParam().form != Starter::Form::share_memory) GTEST_SKIP() << "a copy shares nothing that could freeze us";
  Starter starter(200, GetParam().form);
  starter.share_descriptors(GetParam().share_descriptors);
  std::vector<pid_t> stopped;
  std::vector<UniqueFd> ours;
  for (int each = 0; each < 20; ++each) {
    Pair pair = make_pair();
    const auto pid = starter.start(program_of(prepare({"/bin/true"})), std::move(pair.theirs), {});
    ASSERT_TRUE(pid);
    ::kill(*pid, SIGSTOP);
    stopped.push_back(*pid);
    ours.push_back(std::move(pair.ours));
  }
  // Others start and end meanwhile.
  Pair pair = make_pair();
  const auto pid = starter.start(program_of(prepare({"/bin/echo", "alive"})), std::move(pair.theirs), {});
  ASSERT_TRUE(pid);
  std::string text(6, '\0');
  EXPECT_EQ(::read(pair.ours.get(), text.data(), text.size()), 6);
  EXPECT_EQ(text, "alive\n");
  reap(starter, *pid);
  for (const pid_t one : stopped) {
    ::kill(one, SIGCONT);
    EXPECT_FALSE(reap(starter, one).failure);
  }
  EXPECT_TRUE(starter.settle());
  EXPECT_EQ(starter.starting(), 0U);
}

// A lease on the program holds the child in its exec for as long as we like. A parent that is suspended until the
// exec (vfork) never comes to release it: the kernel breaks the lease after 45 s and the child is gone on.
TEST_P(StarterTest, ChildThatIsHeldUpFreezesNobody) {
  char path[] = "/tmp/reeve-test-XXXXXX";
  UniqueFd copy(::mkstemp(path));
  ASSERT_EQ(std::system((std::string("cp /bin/echo ") + path).c_str()), 0);
  ::fchmod(copy.get(), 0755);
  copy.reset(::open(path, O_RDONLY | O_CLOEXEC));
  ::signal(SIGIO, SIG_IGN);
  if (::fcntl(copy.get(), F_SETLEASE, F_WRLCK) != 0) {
    ::unlink(path);
    GTEST_SKIP() << "no leases on this file system";
  }
  Starter starter(200, GetParam().form);
  starter.share_descriptors(GetParam().share_descriptors);
  // Both are open when the first starts: a child that is held up must not hold the other's connection too.
  Pair held = make_pair(), free = make_pair();
  const auto held_pid = starter.start(program_of(prepare({path, "held"})), std::move(held.theirs), {});
  ASSERT_TRUE(held_pid);
  settle(starter);
  EXPECT_EQ(starter.starting(), 1U);
  const auto free_pid = starter.start(program_of(prepare({"/bin/echo", "free"})), std::move(free.theirs), {});
  ASSERT_TRUE(free_pid);
  settle(starter);
  EXPECT_EQ(read_all(free.ours.get()), "free\n");
  reap(starter, *free_pid);
  EXPECT_EQ(starter.starting(), 1U);
  ::fcntl(copy.get(), F_SETLEASE, F_UNLCK);
  EXPECT_EQ(read_all(held.ours.get()), "held\n");
  reap(starter, *held_pid);
  EXPECT_EQ(starter.starting(), 0U);
  ::signal(SIGIO, SIG_DFL);
  ::unlink(path);
}

TEST_P(StarterTest, DescriptorsAreNotLeaked) {
  const auto lowest = [] { return UniqueFd(::fcntl(0, F_DUPFD_CLOEXEC, 3)).get(); };
  const int before = lowest();
  for (int each = 0; each < 20; ++each) EXPECT_EQ(says("echo x"), "x\n");
  EXPECT_EQ(lowest(), before);
}

}  // namespace
}  // namespace reeve
