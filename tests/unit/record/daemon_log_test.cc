#include "record/daemon_log.h"

#include <filesystem>
#include <regex>

#include "stand_ins.h"

namespace reeve {
namespace {

TEST(DaemonLogTest, ALineHasXinetdsForm) {
  const Zone here("UTC");
  EXPECT_EQ(daemon_line("reeved", 7, Level::error, wall_at(1795359845), "bind: Address in use"),
            "26/11/22@15:04:05 reeved[7]: ERROR: bind: Address in use\n");
  const std::pair<Level, const char*> kLevels[] = {{Level::critical, "CRITICAL"}, {Level::error, "ERROR"}, {Level::warning, "WARNING"},
                                                   {Level::notice, "NOTICE"},     {Level::info, "INFO"},   {Level::debug, "DEBUG"}};
  for (const auto& [level, name] : kLevels) EXPECT_EQ(to_text(level), name);
}

TEST(DaemonLogTest, WritesOneLineForEachMessage) {
  const Folder folder;
  DaemonLog log("reeved", 7, folder.daemon_log("log"));
  log.say(Level::error, "one\ntwo\033[2J");
  log.set_pid(8);
  log.say(Level::warning, "three");
  const auto lines = folder.lines("log");
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_TRUE(std::regex_match(lines[0], std::regex(R"(\d\d/\d+/\d+@\d\d:\d\d:\d\d reeved\[7\]: ERROR: one\?two\?\[2J)"))) << lines[0];
  EXPECT_TRUE(lines[1].ends_with(" reeved[8]: WARNING: three")) << lines[1];
}

TEST(DaemonLogTest, LeavesOutWhatIsNotImportantEnough) {
  const Folder folder;
  DaemonLogTarget target = folder.daemon_log("log");
  target.least = Level::notice;
  DaemonLog log("reeved", 7, std::move(target));
  log.say(Level::info, "no");
  log.say(Level::debug, "no");
  log.say(Level::notice, "yes");
  EXPECT_EQ(folder.lines("log").size(), 1u);
}

TEST(DaemonLogTest, OpensItsFileAgain) {
  const Folder folder;
  DaemonLog log("reeved", 7, folder.daemon_log("log"));
  log.say(Level::info, "old");
  std::filesystem::rename(folder.path("log"), folder.path("log.1"));
  log.say(Level::info, "old too");
  ASSERT_TRUE(log.reopen());
  log.say(Level::info, "new");
  EXPECT_EQ(folder.lines("log.1").size(), 2u);
  EXPECT_EQ(folder.lines("log").size(), 1u);

  DaemonLogTarget nowhere = folder.daemon_log("kept");
  nowhere.path = folder.path("no such folder/log");
  DaemonLog keeps("reeved", 7, std::move(nowhere));
  const auto reopened = keeps.reopen();
  ASSERT_FALSE(reopened);
  EXPECT_EQ(reopened.error().sys_errno, ENOENT);
  keeps.say(Level::info, "still");
  EXPECT_EQ(folder.lines("kept").size(), 1u);
}

TEST(DaemonLogTest, GivesTheEngineTheSameFile) {
  const Folder folder;
  DaemonLog log("reeved", 7, folder.daemon_log("log"));
  DaemonLogTarget copy = log.duplicate_target();
  EXPECT_NE(copy.fd.get(), log.fd());
  EXPECT_NE(::fcntl(copy.fd.get(), F_GETFD) & FD_CLOEXEC, 0);
  DaemonLog other("reeved", 7, std::move(copy));
  log.say(Level::info, "monitor");
  other.say(Level::info, "engine");
  EXPECT_EQ(folder.lines("log").size(), 2u);
}

TEST(DaemonLogTest, FinishesALineThatAFullDiskCutAndSaysWhatIsMissing) {
  const Folder folder;
  DaemonLog log("reeved", 7, folder.daemon_log("log"));
  {
    const FullDisk disk(60);
    log.say(Level::info, std::string(100, 'x'));  // begun
    log.say(Level::info, "lost");
    log.say(Level::info, "lost");
  }
  log.say(Level::info, "again");
  const auto lines = folder.lines("log");
  ASSERT_EQ(lines.size(), 3u) << folder.text("log");
  EXPECT_TRUE(lines[0].ends_with("INFO: " + std::string(100, 'x'))) << lines[0];
  EXPECT_TRUE(lines[1].ends_with("WARNING: 2 messages lost")) << lines[1];
  EXPECT_TRUE(lines[2].ends_with("INFO: again")) << lines[2];
}

TEST(DaemonLogTest, NeverWaitsForAPipeThatNobodyReads) {
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  const UniqueFd reader(ends[0]);
  DaemonLog log("reeved", 7, {.kind = DaemonLogTarget::Kind::file, .path = "pipe", .fd = UniqueFd(ends[1])});
  for (int i = 0; i < 3000; ++i) log.say(Level::info, std::string(200, 'x'));  // 64 KiB fit
  std::array<char, 128 << 10> buffer{};
  ASSERT_GT(::read(reader.get(), buffer.data(), buffer.size()), 0);
  log.say(Level::info, "again");
  const ssize_t bytes = ::read(reader.get(), buffer.data(), buffer.size());
  const std::string text(buffer.data(), static_cast<std::size_t>(bytes));
  EXPECT_TRUE(std::regex_search(text, std::regex(R"(WARNING: \d+ messages lost\n.*INFO: again\n$)"))) << text;
}

TEST(DaemonLogTest, SendsDatagramsToTheSystemsLogger) {
  const Folder folder;
  const Logger logger(folder.path("log-socket"));
  DaemonLog log("reeved", 7, {.facility = 19, .syslog_path = folder.path("log-socket")});
  log.say(Level::error, "one\ntwo");
  const std::string message = logger.receive();
  // <19 * 8 + 3>
  EXPECT_TRUE(std::regex_match(message, std::regex(R"(<155>[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d reeved\[7\]: one\?two)"))) << message;
}

TEST(DaemonLogTest, NeitherWaitsForNorMissesALoggerThatIsNotThere) {
  const Folder folder;
  DaemonLog log("reeved", 7, {.syslog_path = folder.path("log-socket")});
  for (int i = 0; i < 1000; ++i) log.say(Level::error, "to nobody");
}

TEST(DaemonLogTest, NeverWaitsForALoggerThatDoesNotRead) {
  const Folder folder;
  const Logger logger(folder.path("log-socket"));
  DaemonLog log("reeved", 7, {.syslog_path = folder.path("log-socket")});
  for (int i = 0; i < 5000; ++i) log.say(Level::error, "unread");
  std::size_t read = 0;
  while (!logger.receive(0).empty()) ++read;
  ASSERT_LT(read, 5000u);
  log.say(Level::error, "again");
  EXPECT_TRUE(logger.receive().ends_with(": " + std::to_string(5000 - read) + " messages lost"));
  EXPECT_TRUE(logger.receive().ends_with(": again"));
}

}  // namespace
}  // namespace reeve
