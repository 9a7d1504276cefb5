// A real redis-server of the test's own, on a unix socket in a new directory; ended and removed with it.
#pragma once

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/unique_fd.h"

namespace reeve {

class RedisServer {
 public:
  static bool is_installed() { return ::access("/usr/bin/redis-server", X_OK) == 0; }

  explicit RedisServer(std::vector<std::string> more = {}) : more_(std::move(more)) {
    std::string pattern = std::filesystem::temp_directory_path() / "reeve-redis-XXXXXX";
    directory_ = ::mkdtemp(pattern.data());
    start();
  }
  ~RedisServer() {
    stop();
    std::filesystem::remove_all(directory_);
  }
  std::string path() const { return directory_ + "/redis.sock"; }
  void stop() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = 0;
  }
  void signal(int number) const { ::kill(pid_, number); }

  // Comes back when it answers: it says so.
  void start() {
    int ends[2];
    ASSERT_EQ(0, ::pipe2(ends, O_CLOEXEC));
    std::vector<std::string> words{"/usr/bin/redis-server", "--port", "0",     "--unixsocket", path(), "--save", "",
                                   "--appendonly",          "no",     "--dir", directory_};
    words.insert(words.end(), more_.begin(), more_.end());
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    pid_ = ::fork();
    if (pid_ == 0) {
      ::dup2(ends[1], 1);
      ::execv(arguments[0], arguments.data());
      ::_exit(127);
    }
    const UniqueFd said(ends[0]);
    UniqueFd(ends[1]).reset();
    std::string text;
    char bytes[4096];
    while (text.find("ready to accept connections") == std::string::npos) {
      const ssize_t size = ::read(said.get(), bytes, sizeof bytes);
      ASSERT_GT(size, 0) << text;
      text.append(bytes, static_cast<std::size_t>(size));
      for (char& letter : text) letter = letter == 'R' ? 'r' : letter;
    }
  }

 private:
  std::vector<std::string> more_;
  std::string directory_;
  pid_t pid_ = 0;
};

}  // namespace reeve
