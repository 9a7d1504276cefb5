#include "record/journal.h"

#include <regex>

#include "stand_ins.h"

namespace reeve {
namespace {

using namespace std::chrono_literals;

const WallTime kNow = wall_at(1795359845);

std::vector<JournalFile> files(JournalFile one) {
  std::vector<JournalFile> files;
  files.push_back(std::move(one));
  return files;
}

TEST(JournalTest, WritesLinesInTheirOrder) {
  const Zone here("UTC");
  const Folder folder;
  Journal journal("reeved", 7, folder.daemon_log("daemon"));
  journal.set_files(files(folder.log("svc")));
  journal.write_file(0, kNow, "START: svc pid=1");
  journal.write_file(0, kNow + 1s, "EXIT: svc status=0");
  journal.write_file_raw(0, R"({"event":"start"})");
  journal.say(Level::error, kNow, "something\nis wrong");
  ASSERT_TRUE(journal.flush(30s));
  EXPECT_EQ(folder.text("svc"), "26/11/22@15:04:05: START: svc pid=1\n26/11/22@15:04:06: EXIT: svc status=0\n{\"event\":\"start\"}\n");
  EXPECT_EQ(folder.text("daemon"), "26/11/22@15:04:05 reeved[7]: ERROR: something?is wrong\n");
  EXPECT_EQ(journal.lost(), 0u);
}

TEST(JournalTest, ALineIsOneLine) {
  const Zone here("UTC");
  const Folder folder;
  Journal journal("reeved", 7, folder.daemon_log("daemon"));
  journal.set_files(files(folder.log("svc")));
  journal.write_file(0, kNow, "START: a\nforged\033[0m\xff");
  ASSERT_TRUE(journal.flush(30s));
  EXPECT_EQ(folder.text("svc"), "26/11/22@15:04:05: START: a?forged?[0m?\n");
}

TEST(JournalTest, LinesBeforeAChangeOfFilesKeepTheirFile) {
  const Folder folder;
  Journal journal("reeved", 7, folder.daemon_log("daemon"));
  for (int round = 0; round < 50; ++round) {
    const std::string name = std::to_string(round);
    journal.set_files(files(folder.log(name)));
    for (int i = 0; i <= round; ++i) journal.write_file(0, kNow, "line of " + name);
  }
  ASSERT_TRUE(journal.flush(30s));
  for (int round = 0; round < 50; ++round) {
    const auto lines = folder.lines(std::to_string(round));
    EXPECT_EQ(lines.size(), static_cast<std::size_t>(round) + 1);
    for (const std::string& line : lines) EXPECT_TRUE(line.ends_with("line of " + std::to_string(round))) << line;
  }
}

TEST(JournalTest, TheDaemonsLogCanBeReplaced) {
  const Folder folder;
  const Logger logger(folder.path("log-socket"));
  Journal journal("reeved", 7, folder.daemon_log("daemon"));
  journal.say(Level::info, kNow, "one");
  journal.set_daemon_log(8, folder.daemon_log("daemon.2"));
  journal.say(Level::info, kNow, "two");
  journal.set_daemon_log(9, {.syslog_path = folder.path("log-socket")});
  journal.say(Level::info, kNow, "three");
  journal.say(Level::debug, kNow, "not wanted");
  ASSERT_TRUE(journal.flush(30s));
  ASSERT_EQ(folder.lines("daemon").size(), 1u);
  ASSERT_EQ(folder.lines("daemon.2").size(), 1u);
  EXPECT_TRUE(folder.lines("daemon.2")[0].ends_with(" reeved[8]: INFO: two"));
  EXPECT_TRUE(logger.receive().ends_with(" reeved[9]: three"));
  EXPECT_EQ(logger.receive(0), "");
}

TEST(JournalTest, LinesWithoutAFileAreCounted) {
  const Folder folder;
  Journal journal("reeved", 7, folder.daemon_log("daemon"));
  journal.write_file(0, kNow, "no files yet");
  journal.set_files(files({.fd = UniqueFd(), .path = "/not/open", .service = "svc"}));
  journal.write_file(0, kNow, "not open");
  journal.write_file(1, kNow, "no such index");
  journal.write_file_raw(UINT32_MAX, "{}");
  ASSERT_TRUE(journal.flush(30s));
  EXPECT_EQ(journal.lost(), 4u);
  EXPECT_EQ(folder.text("daemon"), "");
}

TEST(JournalTest, TheDestructorWritesWhatIsQueued) {
  const Folder folder;
  {
    Journal journal("reeved", 7, folder.daemon_log("daemon"));
    journal.set_files(files(folder.log("svc")));
    for (int i = 0; i < 5000; ++i) journal.write_file(0, kNow, "line");
  }
  EXPECT_EQ(folder.lines("svc").size(), 5000u);
}

TEST(JournalTest, SpeaksToTheSystemsLoggerAsSyslogDoes) {
  const Zone here("UTC");
  const Folder folder;
  const Logger logger(folder.path("log-socket"));
  Journal journal("reeved", 7, folder.daemon_log("daemon"));
  const struct {
    std::uint8_t facility, level;
    const char* message;
  } kCases[] = {{3, 6, "<30>Nov 22 15:04:05 reeved[7]: START: svc"},
                {19, 5, "<157>Nov 22 15:04:05 reeved[7]: START: svc"},
                {4, 3, "<35>Nov 22 15:04:05 reeved[7]: START: svc"}};
  for (const auto& [facility, level, message] : kCases) {
    journal.write_syslog(facility, level, kNow, "START: svc");
    EXPECT_EQ(logger.receive(), message);
  }
}

TEST(JournalTest, SpeaksToALoggerThatWantsAStream) {
  const Zone here("UTC");
  const Folder folder;
  Logger logger(folder.path("log-socket"), SOCK_STREAM);
  Journal journal("reeved", 7, folder.daemon_log("daemon"));
  journal.write_syslog(3, 6, kNow, "one");
  journal.write_syslog(3, 6, kNow, "two");
  logger.accept();
  EXPECT_EQ(logger.receive_from_stream(), "<30>Nov 22 15:04:05 reeved[7]: one");
  EXPECT_EQ(logger.receive_from_stream(), "<30>Nov 22 15:04:05 reeved[7]: two");
}

}  // namespace
}  // namespace reeve
