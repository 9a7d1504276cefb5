// What a program finds when it is started.
#include "sys/start.h"

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
#include "unit/sys/starting.h"

namespace reeve {
namespace {

TEST_P(StarterTest, ConnectionIsStandardStreamsAndNothingElseIsOpen) {
  const UniqueFd high(::fcntl(0, F_DUPFD_CLOEXEC, 500)), low(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  EXPECT_EQ(says("exec ls /proc/self/fd"), "0\n1\n2\n3\n");  // 3 is the directory itself
  const std::string links = says("for n in 0 1 2; do readlink /proc/$$/fd/$n; done");
  EXPECT_EQ(links.compare(0, 7, "socket:"), 0) << links;
  const std::string first = links.substr(0, links.find('\n') + 1);
  EXPECT_EQ(links, first + first + first);
  // Ours are open still: the child closed its own copies only.
  EXPECT_GE(::fcntl(high.get(), F_GETFD), 0);
  EXPECT_GE(::fcntl(low.get(), F_GETFD), 0);
  EXPECT_GE(::fcntl(0, F_GETFD), 0);
}

TEST_P(StarterTest, AListenerIsWhereSdListenFdsLooksForIt) {
  const auto listening = [](Prepared& prepared) { prepared.program.sockets = Program::Sockets::listen; };
  // Standard output is our standard error, so the answer goes the other way.
  EXPECT_EQ(says("exec ls /proc/self/fd >&3", listening), "0\n1\n2\n3\n4\n");
  EXPECT_EQ(says("readlink /proc/$$/fd/0 >&3", listening), "/dev/null\n");
  EXPECT_EQ(says("test /proc/$$/fd/1 -ef /proc/$$/fd/2 && test $LISTEN_PID = $$ && echo yes >&3", listening), "yes\n");
  EXPECT_EQ(says("echo pid=$LISTEN_PID."), "pid=.\n");
}

TEST_P(StarterTest, AConnectionForUcspiLeavesStandardErrorToUs) {
  const auto ucspi = [](Prepared& prepared) { prepared.program.sockets = Program::Sockets::ucspi; };
  EXPECT_EQ(says("exec ls /proc/self/fd", ucspi), "0\n1\n2\n3\n");
  EXPECT_EQ(says("test /proc/$$/fd/0 -ef /proc/$$/fd/1 && ! test /proc/$$/fd/0 -ef /proc/$$/fd/2 && echo yes", ucspi), "yes\n");
}

TEST_P(StarterTest, MoreVariablesComeWithTheConnection) {
  Starter starter(200, GetParam().form);
  starter.share_descriptors(GetParam().share_descriptors);
  for (const bool more : {true, false}) {
    auto prepared = prepare({"/usr/bin/env"}, {"A=1"});
    Pair pair = make_pair();
    std::string variables = more ? std::string("B=2\0C=\0", 7) : std::string();
    const auto pid = starter.start(program_of(prepared), std::move(pair.theirs), "192.0.2.1", std::move(variables));
    ASSERT_TRUE(pid);
    settle(starter);
    EXPECT_EQ(read_all(pair.ours.get()), more ? "A=1\nREMOTE_HOST=192.0.2.1\nB=2\nC=\n" : "A=1\nREMOTE_HOST=192.0.2.1\n");
    reap(starter, *pid);
  }
}

TEST_P(StarterTest, ConnectionBlocks) {
  EXPECT_EQ(says("grep flags /proc/$$/fdinfo/0 | tr -d '\t'"), "flags:02\n");
}

TEST_P(StarterTest, ConnectionIsClosedHereOnceTheChildHasItsOwn) {
  Starter starter(200, GetParam().form);
  starter.share_descriptors(GetParam().share_descriptors);
  Pair pair = make_pair();
  const int number = pair.theirs.get();
  const auto pid = starter.start(program_of(prepare({"/bin/sleep", "30"})), std::move(pair.theirs), {});
  ASSERT_TRUE(pid);
  settle(starter);
  EXPECT_LT(::fcntl(number, F_GETFD), 0);
  ::kill(*pid, SIGKILL);
  EXPECT_EQ(read_all(pair.ours.get()), "");
  reap(starter, *pid);
}

TEST_P(StarterTest, EnvironmentIsWhatWasPreparedAndTheClientsAddress) {
  const auto environment = [](Prepared& prepared) {
    prepared.environment = {"COLOUR=red", "SHAPE=round"};
    prepared.envp = {prepared.environment[0].data(), prepared.environment[1].data()};
    prepared.program.environment = prepared.envp;
  };
  const std::string script = "tr '\\0' '\\n' < /proc/$$/environ";
  EXPECT_EQ(says("PATH=/bin:/usr/bin; " + script, environment, "2001:db8:ffff:ffff:ffff:ffff:255.255.255.255"),
            "COLOUR=red\nSHAPE=round\nREMOTE_HOST=2001:db8:ffff:ffff:ffff:ffff:255.255.255.255\n");
  EXPECT_EQ(says("PATH=/bin:/usr/bin; " + script, environment), "COLOUR=red\nSHAPE=round\n");
}

TEST_P(StarterTest, SignalsAreUnblockedAndDefault) {
  sigset_t all, before;
  ::sigfillset(&all);
  ::sigprocmask(SIG_SETMASK, &all, &before);
  const std::string text = says("grep -E 'SigBlk|SigIgn' /proc/$$/status | cut -f2");
  ::sigprocmask(SIG_SETMASK, &before, nullptr);
  EXPECT_EQ(text, "0000000000000000\n0000000000000000\n");
}

TEST_P(StarterTest, LeadsASessionOfItsOwn) {
  EXPECT_EQ(says("set -- $(cat /proc/$$/stat); [ $5 = $$ ] && [ $6 = $$ ] && echo leads"), "leads\n");
}

TEST_P(StarterTest, LimitsUmaskAndPriorityAreSet) {
  const int own = ::getpriority(PRIO_PROCESS, 0);
  const auto change = [](Prepared& prepared) {
    prepared.limits = {{RLIMIT_NOFILE, {37, 37}}, {RLIMIT_CPU, {17, 17}}};
    prepared.program.limits = prepared.limits;
    prepared.program.umask = 027;
    prepared.program.priority = 7;
  };
  EXPECT_EQ(says("ulimit -n; ulimit -t; umask; set -- $(cat /proc/$$/stat); echo ${19}", change), "37\n17\n0027\n7\n");
  // Nothing of it is ours now.
  EXPECT_EQ(::getpriority(PRIO_PROCESS, 0), own);
}

TEST_P(StarterTest, IdsAndGroupsAreSetAndPriorityComesBeforeThem) {
  if (!is_root()) GTEST_SKIP() << "needs root";
  const auto change = [](Prepared& prepared) {
    prepared.groups = {8, 60};
    prepared.program.set_ids = true;
    prepared.program.uid = 12345;
    prepared.program.gid = 2345;
    prepared.program.groups = prepared.groups;
    prepared.program.priority = -5;
  };
  EXPECT_EQ(says("grep -E '^(Uid|Gid|Groups|CapEff)' /proc/$$/status | tr '\\t' ' '; set -- $(cat /proc/$$/stat); echo ${19}", change),
            "Uid: 12345 12345 12345 12345\nGid: 2345 2345 2345 2345\nGroups: 8 60 \nCapEff: 0000000000000000\n-5\n");
  EXPECT_EQ(::getuid(), 0U);
}

TEST_P(StarterTest, AContextIsToldToTheKernelBeforeTheProgramIsExecuted) {
  const std::string context = "system_u:system_r:ftpd_t:s3";
  char name[] = "/tmp/reeve-context-XXXXXX";
  const UniqueFd file(::mkstemp(name));
  Starter starter(200, GetParam().form);
  starter.share_descriptors(GetParam().share_descriptors);
  starter.tell_context_to(name);
  Pair pair = make_pair();
  const auto pid = starter.start(program_of(prepare({"/bin/cat", name})), std::move(pair.theirs), {}, {}, context);
  ASSERT_TRUE(pid);
  settle(starter);
  EXPECT_EQ(read_all(pair.ours.get()), context);
  EXPECT_FALSE(reap(starter, *pid).failure);
  // Where it can't be told, nothing is executed.
  starter.tell_context_to("/nonexistent");
  Pair other = make_pair();
  const auto refused = starter.start(program_of(prepare({"/bin/echo", "hello"})), std::move(other.theirs), {}, {}, context);
  ASSERT_TRUE(refused);
  settle(starter);
  EXPECT_EQ(read_all(other.ours.get()), "");
  const Ended ended = reap(starter, *refused);
  ASSERT_TRUE(ended.failure);
  EXPECT_EQ(ended.failure->stage, StartStage::setup);
  EXPECT_EQ(ended.failure->sys_errno, ENOENT);
  ::unlink(name);
}

INSTANTIATE_TEST_SUITE_P(Ways, StarterTest,
                         testing::Values(Way{"SharedTable", Starter::Form::share_memory, true},
                                         Way{"CopiedTable", Starter::Form::share_memory, false}, Way{"Fork", Starter::Form::fork, false}),
                         [](const auto& way) { return std::string(way.param.name); });

}  // namespace
}  // namespace reeve
