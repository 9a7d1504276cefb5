#include "sys/start.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "sys/descriptors.h"
#include "sys/privileges.h"

namespace reeve {
namespace {

// A Program with the memory it points into.
struct Prepared {
  std::vector<std::string> arguments, environment;
  std::vector<char*> argv, envp;
  std::vector<gid_t> groups;
  std::vector<Program::Limit> limits;
  Program program;
};

std::shared_ptr<Prepared> prepare(std::vector<std::string> arguments, std::vector<std::string> environment = {}) {
  auto prepared = std::make_shared<Prepared>();
  prepared->arguments = std::move(arguments);
  prepared->environment = std::move(environment);
  for (std::string& text : prepared->arguments) prepared->argv.push_back(text.data());
  prepared->argv.push_back(nullptr);
  for (std::string& text : prepared->environment) prepared->envp.push_back(text.data());
  prepared->program.path = prepared->arguments[0].c_str();
  prepared->program.argv = prepared->argv.data();
  prepared->program.environment = prepared->envp;
  return prepared;
}

ProgramRef program_of(const std::shared_ptr<Prepared>& prepared) {
  return {prepared, &prepared->program};
}

struct Pair {
  UniqueFd ours, theirs;
};
Pair make_pair() {
  std::array<int, 2> fds{};
  EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds.data()), 0);
  ::fcntl(fds[0], F_SETFL, 0);
  return {UniqueFd(fds[0]), UniqueFd(fds[1])};
}

// Until end of file; a child that never answers ends the wait after 10 s.
std::string read_all(int fd) {
  std::string text;
  std::array<char, 4096> buffer;
  for (;;) {
    pollfd item{fd, POLLIN, 0};
    if (::poll(&item, 1, 10'000) <= 0) return text + "<timeout>";
    const ssize_t size = ::read(fd, buffer.data(), buffer.size());
    if (size <= 0) return text;
    text.append(buffer.data(), static_cast<std::size_t>(size));
  }
}

void settle(Starter& starter) {
  while (!starter.settle()) ::usleep(100);
}

struct Ended {
  int status = 0;
  std::optional<StartFailure> failure;
};
Ended reap(Starter& starter, pid_t pid) {
  Ended ended;
  EXPECT_EQ(::waitpid(pid, &ended.status, 0), pid);
  ended.failure = starter.finish(pid);
  return ended;
}

struct Way {
  const char* name;
  Starter::Form form;
  bool share_descriptors;
};

class StarterTest : public testing::TestWithParam<Way> {
 protected:
  // What the launcher of the test left open without close-on-exec is not the Starter's to close.
  static void SetUpTestSuite() { close_from(3); }

  void SetUp() override {
#if defined(REEVE_START_BY_FORK)
    if (GetParam().form == Starter::Form::share_memory) GTEST_SKIP() << "a sanitizer does not survive a child that shares its memory";
#endif
  }

  // What a shell says that was started with these changes.
  std::string says(const std::string& script, const std::function<void(Prepared&)>& change = {}, std::string_view remote = {}) {
    Starter starter(200, GetParam().form);
    starter.share_descriptors(GetParam().share_descriptors);
    auto prepared = prepare({"/bin/sh", "-c", script}, {"PATH=/usr/bin:/bin"});
    if (change) change(*prepared);
    Pair pair = make_pair();
    const auto pid = starter.start(program_of(prepared), std::move(pair.theirs), remote);
    EXPECT_TRUE(pid);
    if (!pid) return "";
    settle(starter);
    const std::string text = read_all(pair.ours.get());
    const Ended ended = reap(starter, *pid);
    EXPECT_FALSE(ended.failure);
    EXPECT_EQ(starter.starting(), 0U);
    return text;
  }
};

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
