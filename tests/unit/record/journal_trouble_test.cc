// Full disks, pipes and loggers that nobody reads: what the journal loses, tells, and never waits for.

#include <charconv>
#include <random>
#include <regex>

#include "record/journal.h"
#include "stand_ins.h"

namespace reeve {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

const WallTime kNow = wall_at(1795359845);

// N of "N messages lost" in `text`, all of them added up.
std::uint64_t told_lost(const std::string& text) {
  const std::regex pattern(R"((\d+) messages lost)");
  std::uint64_t sum = 0;
  for (std::sregex_iterator at(text.begin(), text.end(), pattern), end; at != end; ++at) sum += std::stoull((*at)[1]);
  return sum;
}

std::vector<JournalFile> files(JournalFile one) {
  std::vector<JournalFile> files;
  files.push_back(std::move(one));
  return files;
}

TEST(JournalTroubleTest, LinesForAFullDiskAreLateButWhole) {
  const Folder folder;
  Journal journal("reeved", 7, folder.daemon_log("daemon"));
  journal.set_files(files(folder.log("svc")));
  {
    const FullDisk disk(1000);
    for (int i = 0; i < 100; ++i) journal.write_file(0, kNow, "line " + std::to_string(i) + "$");
    EXPECT_FALSE(journal.flush(20ms));
    EXPECT_EQ(folder.text("svc").size(), 1000u);
  }
  ASSERT_TRUE(journal.flush(30s));
  const auto lines = folder.lines("svc");
  ASSERT_EQ(lines.size(), 100u);
  for (std::size_t i = 0; i < lines.size(); ++i) EXPECT_TRUE(lines[i].ends_with(": line " + std::to_string(i) + "$")) << lines[i];
  EXPECT_EQ(journal.lost(), 0u);
}

TEST(JournalTroubleTest, TellsOfATroubleThatLasted) {
  const Folder folder;
  Journal journal("reeved", 7, folder.daemon_log("daemon"));
  journal.set_files(files(folder.log("svc")));
  {
    const FullDisk disk(1000);
    for (int i = 0; i < 100; ++i) journal.write_file(0, kNow, "line");
    const std::regex said("ERROR: log file .*/svc can't be written: File too large\n");
    const auto deadline = Clock::now() + 30s;
    while (!std::regex_search(folder.text("daemon"), said) && Clock::now() < deadline) EXPECT_FALSE(journal.flush(20ms));
    EXPECT_TRUE(std::regex_search(folder.text("daemon"), said));
  }
  ASSERT_TRUE(journal.flush(30s));
  EXPECT_TRUE(std::regex_search(folder.text("daemon"), std::regex(R"(WARNING: log .*/svc: \d+ messages late, 0 messages lost \(File too)")))
      << folder.text("daemon");
}

TEST(JournalTroubleTest, WhatAFullQueueLosesIsTold) {
  const Folder folder;
  Journal journal("reeved", 7, folder.daemon_log("daemon"));
  journal.set_files(files(folder.log("svc")));
  constexpr unsigned kLines = 15'000;  // 1.7 MB
  {
    const FullDisk disk(10'000);
    for (unsigned i = 0; i < kLines; ++i) journal.write_file(0, kNow, std::to_string(i) + std::string(80, 'x') + "$");
    EXPECT_FALSE(journal.flush(20ms));  // who waited for room would wait for ever
    EXPECT_GT(journal.lost(), 0u);
  }
  ASSERT_TRUE(journal.flush(30s));
  std::uint64_t written = 0;
  for (const std::string& line : folder.lines("svc")) {
    if (line.ends_with("$"))
      ++written;
    else
      EXPECT_TRUE(std::regex_match(line, std::regex(R"(\d\d/\d+/\d+@[\d:]{8}: \d+ messages lost)"))) << line;
  }
  EXPECT_EQ(written + journal.lost(), kLines);
  EXPECT_EQ(told_lost(folder.text("svc")), journal.lost());
  EXPECT_EQ(told_lost(folder.text("daemon")), journal.lost());
}

TEST(JournalTroubleTest, AGapInAJsonFileIsAnObject) {
  const Folder folder;
  Journal journal("reeved", 7, folder.daemon_log("daemon"));
  journal.set_files(files(folder.log("svc")));
  {
    const FullDisk disk(1000);
    for (unsigned i = 0; i < 20'000; ++i) journal.write_file_raw(0, R"({"event":"start","padding":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"})");
    EXPECT_FALSE(journal.flush(20ms));
  }
  ASSERT_TRUE(journal.flush(30s));
  const std::regex pattern(R"re(\{"time":"[^"]+","event":"lost","messages":(\d+)\})re");
  const std::string text = folder.text("svc");
  std::uint64_t sum = 0;
  for (std::sregex_iterator at(text.begin(), text.end(), pattern), end; at != end; ++at) sum += std::stoull((*at)[1]);
  EXPECT_GT(sum, 0u);
  EXPECT_EQ(sum, journal.lost());
}

TEST(JournalTroubleTest, APipeThatNobodyReadsHoldsUpNothingElse) {
  const Folder folder;
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  const UniqueFd reader(ends[0]);
  Journal journal("reeved", 7, folder.daemon_log("daemon"));
  std::vector<JournalFile> logs;
  logs.push_back({.fd = UniqueFd(ends[1]), .path = "pipe", .service = "pipe"});
  logs.push_back(folder.log("svc"));
  journal.set_files(std::move(logs));
  for (unsigned i = 0; i < 20'000; ++i) journal.write_file(0, kNow, std::string(80, 'x') + "$");
  EXPECT_FALSE(journal.flush(50ms));
  for (unsigned i = 0; i < 1000; ++i) journal.write_file(1, kNow, "line");
  const auto deadline = Clock::now() + 30s;
  while (folder.lines("svc").size() < 1000 && Clock::now() < deadline) EXPECT_FALSE(journal.flush(5ms));
  EXPECT_EQ(folder.lines("svc").size(), 1000u);

  // What it held and what comes after is whole.
  std::string text;
  std::array<char, 64 << 10> buffer{};
  const auto take = [&](int milliseconds) {
    pollfd readable{reader.get(), POLLIN, 0};
    if (::poll(&readable, 1, milliseconds) != 1) return false;
    text.append(buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(::read(reader.get(), buffer.data(), buffer.size()), 0)));
    return true;
  };
  while (!journal.flush(0ms)) {
    take(20);
    ASSERT_LT(Clock::now(), deadline + 60s);
  }
  while (take(0)) {
  }
  std::istringstream lines(text);
  std::uint64_t whole = 0;
  for (std::string line; std::getline(lines, line);) whole += line.ends_with("x$") && line.size() == 19 + 81;
  EXPECT_EQ(whole + journal.lost(), 20'000u);
  EXPECT_EQ(told_lost(text), journal.lost());
}

TEST(JournalTroubleTest, GoesAfterASecondEvenIfNobodyReads) {
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  const UniqueFd reader(ends[0]);
  const auto before = Clock::now();
  {
    const Folder folder;
    Journal journal("reeved", 7, {.kind = DaemonLogTarget::Kind::file, .path = "pipe", .fd = UniqueFd(ends[1])});
    for (unsigned i = 0; i < 5'000; ++i) journal.say(Level::info, kNow, std::string(80, 'x'));
  }
  EXPECT_GT(Clock::now() - before, 900ms);
  EXPECT_LT(Clock::now() - before, 20s);
}

TEST(JournalTroubleTest, AFileReplacedWhileSickIsGivenUpAndCounted) {
  const Folder folder;
  Journal journal("reeved", 7, folder.daemon_log("daemon"));
  journal.set_files(files(folder.log("svc")));
  const UniqueFd full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  journal.set_files(files({.fd = UniqueFd(::dup(full.get())), .path = "/dev/full", .service = "svc"}));
  for (int i = 0; i < 10; ++i) journal.write_file(0, kNow, "lost");
  EXPECT_FALSE(journal.flush(20ms));
  journal.set_files(files(folder.log("svc")));
  journal.write_file(0, kNow, "line");
  ASSERT_TRUE(journal.flush(30s));
  EXPECT_EQ(journal.lost(), 10u);
  EXPECT_EQ(folder.lines("svc").size(), 1u);
  EXPECT_TRUE(folder.text("daemon").contains("10 messages lost")) << folder.text("daemon");
}

TEST(JournalTroubleTest, WhatWasLostBeforeAChangeIsToldOfTheOldFile) {
  const Folder folder;
  Journal journal("reeved", 7, folder.daemon_log("daemon"));
  journal.set_files(files(folder.log("old")));
  {
    const FullDisk disk(10'000);
    for (unsigned i = 0; i < 15'000; ++i) journal.write_file(0, kNow, std::string(80, 'x'));
    journal.set_files(files(folder.log("new")));
    EXPECT_FALSE(journal.flush(20ms));
  }
  journal.write_file(0, kNow, "line");
  ASSERT_TRUE(journal.flush(30s));
  EXPECT_GT(journal.lost(), 0u);
  EXPECT_EQ(told_lost(folder.text("old")), journal.lost());
  EXPECT_EQ(told_lost(folder.text("daemon")), journal.lost());
  EXPECT_EQ(folder.lines("new").size(), 1u);
}

TEST(JournalTroubleTest, ALoggerThatComesLaterGetsWhatWaited) {
  const Folder folder;
  Journal journal("reeved", 7, folder.daemon_log("daemon"));
  journal.write_syslog(3, 6, kNow, "early");
  EXPECT_FALSE(journal.flush(50ms));
  {
    const Logger logger(folder.path("log-socket"));
    EXPECT_TRUE(logger.receive().ends_with(": early"));
  }
  // It is started again.
  ::unlink(folder.path("log-socket").c_str());
  const Logger logger(folder.path("log-socket"));
  journal.write_syslog(3, 6, kNow, "after");
  EXPECT_TRUE(logger.receive().ends_with(": after"));
  EXPECT_EQ(journal.lost(), 0u);
}

TEST(JournalTroubleTest, ALoggerThatDoesNotReadHoldsUpNothingElse) {
  const Folder folder;
  const Logger logger(folder.path("log-socket"));
  Journal journal("reeved", 7, folder.daemon_log("daemon"));
  journal.set_files(files(folder.log("svc")));
  constexpr unsigned kMessages = 2'000;  // 2 MB
  for (unsigned i = 0; i < kMessages; ++i) journal.write_syslog(3, 6, kNow, std::string(1000, 'x') + " message");
  EXPECT_FALSE(journal.flush(300ms));
  journal.write_file(0, kNow, "line");
  const auto deadline = Clock::now() + 30s;
  while (folder.lines("svc").empty() && Clock::now() < deadline) EXPECT_FALSE(journal.flush(5ms));
  EXPECT_EQ(folder.lines("svc").size(), 1u);

  // Read what there is until the journal is done, then the account must be right.
  std::uint64_t read = 0, told = 0;
  const auto take = [&](int milliseconds) {
    const std::string message = logger.receive(milliseconds);
    if (message.ends_with(" message")) ++read;
    told += told_lost(message);
    return !message.empty();
  };
  while (!journal.flush(0ms)) {
    for (int i = 0; i < 100 && take(20); ++i) {
    }
    ASSERT_LT(Clock::now(), deadline + 60s);
  }
  while (take(0)) {
  }
  EXPECT_EQ(read + journal.lost(), kMessages);
  EXPECT_EQ(told, journal.lost());
  EXPECT_EQ(told_lost(folder.text("daemon")), journal.lost());
}

}  // namespace
}  // namespace reeve
