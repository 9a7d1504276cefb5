// The soft and the hard limit of a log file.

#include <filesystem>
#include <random>

#include "record/journal.h"
#include "stand_ins.h"

namespace reeve {
namespace {

using namespace std::chrono_literals;

const WallTime kNow = wall_at(1795359845);
constexpr std::size_t kStamp = 19;  // "26/11/22@15:04:05: "

std::vector<JournalFile> files(JournalFile one) {
  std::vector<JournalFile> files;
  files.push_back(std::move(one));
  return files;
}

TEST(JournalLimitTest, LinesEndBeforeTheOneThatWouldPassTheHardLimit) {
  const Zone here("UTC");
  constexpr std::size_t kLine = kStamp + 30 + 1;
  for (const std::uint64_t hard : {kLine - 1, kLine, kLine + 1, 10 * kLine, 10 * kLine + kLine / 2}) {
    const Folder folder;
    Journal journal("reeved", 7, folder.daemon_log("daemon"));
    journal.set_files(files(folder.log("svc", 0, hard)));
    for (int i = 0; i < 100; ++i) journal.write_file(0, kNow, std::string(30, 'x'));
    ASSERT_TRUE(journal.flush(30s));
    EXPECT_EQ(folder.text("svc").size(), hard / kLine * kLine) << hard;
    EXPECT_EQ(journal.lost(), 100 - hard / kLine);
    const auto said = folder.lines("daemon");
    ASSERT_EQ(said.size(), 1u) << hard;
    EXPECT_TRUE(said[0].contains("ERROR: service svc: log file ") && said[0].contains("hard limit of " + std::to_string(hard))) << said[0];
  }
}

TEST(JournalLimitTest, TheFilesFormerSizeCounts) {
  const Folder folder;
  std::ofstream(folder.path("svc")) << std::string(900, 'o') << '\n';
  Journal journal("reeved", 7, folder.daemon_log("daemon"));
  journal.set_files(files(folder.log("svc", 0, 1000)));
  for (int i = 0; i < 100; ++i) journal.write_file(0, kNow, "line");
  ASSERT_TRUE(journal.flush(30s));
  EXPECT_LE(folder.text("svc").size(), 1000u);
  EXPECT_GT(folder.text("svc").size(), 1000u - kStamp - 5);
}

TEST(JournalLimitTest, AFileSetAnewIsWrittenAgain) {
  const Folder folder;
  Journal journal("reeved", 7, folder.daemon_log("daemon"));
  journal.set_files(files(folder.log("svc", 0, 100)));
  for (int i = 0; i < 100; ++i) journal.write_file(0, kNow, "line");
  ASSERT_TRUE(journal.flush(30s));
  std::filesystem::rename(folder.path("svc"), folder.path("svc.1"));
  journal.set_files(files(folder.log("svc", 0, 100)));
  journal.write_file(0, kNow, "line");
  ASSERT_TRUE(journal.flush(30s));
  EXPECT_EQ(folder.lines("svc").size(), 1u);
}

TEST(JournalLimitTest, AFileThatWasEmptiedFromOutsideHasRoomAgain) {
  const Folder folder;
  Journal journal("reeved", 7, folder.daemon_log("daemon"));
  journal.set_files(files(folder.log("svc", 0, 1000)));
  for (int i = 0; i < 30; ++i) {
    journal.write_file(0, kNow, std::string(80, 'x'));
    ASSERT_TRUE(journal.flush(30s));
    std::filesystem::resize_file(folder.path("svc"), 0);
  }
  EXPECT_EQ(journal.lost(), 0u);
  EXPECT_EQ(folder.text("daemon"), "");
}

TEST(JournalLimitTest, TheSoftLimitIsSaidOnceAndEndsNothing) {
  const Folder folder;
  Journal journal("reeved", 7, folder.daemon_log("daemon"));
  journal.set_files(files(folder.log("svc", 500, 100'000)));
  for (int i = 0; i < 100; ++i) journal.write_file(0, kNow, std::string(40, 'x'));
  ASSERT_TRUE(journal.flush(30s));
  EXPECT_EQ(folder.lines("svc").size(), 100u);
  const auto said = folder.lines("daemon");
  ASSERT_EQ(said.size(), 1u);
  EXPECT_TRUE(said[0].contains("WARNING: service svc: log file ") && said[0].contains("soft limit of 500")) << said[0];
}

TEST(JournalLimitTest, WhateverComesTheHardLimitHoldsAndLinesAreWhole) {
  const unsigned seed = std::random_device()();
  std::mt19937 random(seed);
  for (int round = 0; round < 20; ++round) {
    const Folder folder;
    Journal journal("reeved", 7, folder.daemon_log("daemon"));
    std::vector<JournalFile> logs;
    std::vector<std::uint64_t> hard;
    for (int i = 0; i < 3; ++i) {
      hard.push_back(500 + random() % 5000);
      logs.push_back(folder.log(std::to_string(i), hard.back() / 2, hard.back()));
    }
    journal.set_files(std::move(logs));
    for (unsigned i = 0; i < 300; ++i) {
      journal.write_file(static_cast<std::uint32_t>(random() % 3), kNow, std::string(random() % 60, 'x') + "$");
      if (random() % 50 == 0) {
        ASSERT_TRUE(journal.flush(30s));
      }
    }
    ASSERT_TRUE(journal.flush(30s));
    std::uint64_t written = 0;
    for (unsigned i = 0; i < 3; ++i) {
      EXPECT_LE(folder.text(std::to_string(i)).size(), hard[i]) << "seed " << seed;
      for (const std::string& line : folder.lines(std::to_string(i))) {
        EXPECT_TRUE(line.ends_with("$")) << line << " seed " << seed;
        ++written;
      }
    }
    EXPECT_EQ(written + journal.lost(), 300u) << "seed " << seed;
  }
}

}  // namespace
}  // namespace reeve
