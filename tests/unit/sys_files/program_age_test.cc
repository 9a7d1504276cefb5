// Which processes execute a file that is not there any more.
#include "sys/program_age.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "sys/clock.h"

namespace reeve {
namespace {

namespace fs = std::filesystem;
constexpr std::chrono::hours kHour{1};

class ProgramAge : public testing::Test {
 protected:
  ProgramAge() {
    std::string name = "/tmp/reeve-program-XXXXXX";
    folder = ::mkdtemp(name.data());
    fs::copy_file("/bin/sleep", folder / "program");
  }
  ~ProgramAge() override {
    if (pid > 0) {
      ::kill(pid, SIGKILL);
      ::waitpid(pid, nullptr, 0);
    }
    fs::remove_all(folder);
  }

  // Returns when the program is executed: the pipe's end closes at exec.
  void start() {
    std::array<int, 2> ends{};
    ASSERT_EQ(0, ::pipe2(ends.data(), O_CLOEXEC));
    pid = ::fork();
    if (pid == 0) {
      ::execl((folder / "program").c_str(), "program", "60", static_cast<char*>(nullptr));
      ::_exit(1);
    }
    ::close(ends[1]);
    char byte = 0;
    ASSERT_EQ(0, ::read(ends[0], &byte, 1));
    ::close(ends[0]);
  }
  [[nodiscard]] bool is_old(WallTime started) const { return runs_old_program(pid, (folder / "program").c_str(), started); }
  // The clock of files moves every few milliseconds only.
  void await_tick(WallTime after) const {
    struct stat status {};
    do {
      std::ofstream(folder / "clock") << "tick";
      ASSERT_EQ(0, ::stat((folder / "clock").c_str(), &status));
    } while (std::chrono::seconds(status.st_ctim.tv_sec) + std::chrono::nanoseconds(status.st_ctim.tv_nsec) <= after.time_since_epoch());
  }
  void replace() const {
    fs::copy_file("/bin/sleep", folder / "new");
    fs::rename(folder / "new", folder / "program");
  }

  fs::path folder;
  pid_t pid = -1;
};

TEST_F(ProgramAge, WhatIsStillThereIsNotOldWhateverItsTimesSay) {
  start();
  EXPECT_FALSE(is_old(wall_now() - kHour));
  EXPECT_FALSE(is_old(wall_now() + kHour));
}

TEST_F(ProgramAge, AReplacedBinaryIsOld) {
  start();
  const WallTime started = wall_now();
  await_tick(started);
  replace();
  EXPECT_TRUE(is_old(started));
}

// As an upgrade that is rolled back does.
TEST_F(ProgramAge, AReplacementThatIsTakenBackIsNot) {
  start();
  fs::rename(folder / "program", folder / "kept");
  fs::copy_file("/bin/sleep", folder / "program");
  EXPECT_TRUE(is_old(wall_now() - kHour));
  fs::rename(folder / "kept", folder / "program");
  EXPECT_FALSE(is_old(wall_now() - kHour));
}

TEST_F(ProgramAge, ARemovedOneIsOld) {
  start();
  fs::remove(folder / "program");
  EXPECT_TRUE(is_old(wall_now() + kHour));
}

TEST_F(ProgramAge, OfAScriptTheChangeOfItsFileDecides) {
  fs::remove(folder / "program");
  std::ofstream(folder / "program") << "#!/bin/sh\nexec sleep 60\n";
  fs::permissions(folder / "program", fs::perms::owner_all);
  start();
  EXPECT_FALSE(is_old(wall_now() + kHour));
  EXPECT_TRUE(is_old(wall_now() - kHour));
}

TEST_F(ProgramAge, OfALinkTheLinkCountsToo) {
  fs::rename(folder / "program", folder / "version-1");
  fs::create_symlink("version-1", folder / "program");
  start();
  EXPECT_FALSE(is_old(wall_now() - kHour));
  fs::copy_file("/bin/sleep", folder / "version-2");
  fs::create_symlink("version-2", folder / "next");
  fs::rename(folder / "next", folder / "program");
  EXPECT_TRUE(is_old(wall_now() - kHour));
}

TEST_F(ProgramAge, WhoIsGoneIsNotOld) {
  EXPECT_FALSE(runs_old_program(0x3fffffff, "/bin/sleep", wall_now() - kHour));
}

}  // namespace
}  // namespace reeve
