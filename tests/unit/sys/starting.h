// What the tests of sys/start share: programs, streams to them, and the ways in which they are started.
#pragma once

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "sys/descriptors.h"
#include "sys/start.h"

namespace reeve {

// A Program with the memory it points into.
struct Prepared {
  std::vector<std::string> arguments, environment;
  std::vector<char*> argv, envp;
  std::vector<gid_t> groups;
  std::vector<Program::Limit> limits;
  Program program;
};

inline std::shared_ptr<Prepared> prepare(std::vector<std::string> arguments, std::vector<std::string> environment = {}) {
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

inline ProgramRef program_of(const std::shared_ptr<Prepared>& prepared) {
  return {prepared, &prepared->program};
}

struct Pair {
  UniqueFd ours, theirs;
};
inline Pair make_pair() {
  std::array<int, 2> fds{};
  EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds.data()), 0);
  ::fcntl(fds[0], F_SETFL, 0);
  return {UniqueFd(fds[0]), UniqueFd(fds[1])};
}

// Until end of file; a child that never answers ends the wait after 10 s.
inline std::string read_all(int fd) {
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

inline void settle(Starter& starter) {
  while (!starter.settle()) ::usleep(100);
}

struct Ended {
  int status = 0;
  std::optional<StartFailure> failure;
};
inline Ended reap(Starter& starter, pid_t pid) {
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

}  // namespace reeve
