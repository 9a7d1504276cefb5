// Yesterday's connections against a configuration: who is refused now, by which rule, and what the log can't say.
#include "cli/replay.h"

#include <cstdlib>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "cli/log_calendar.h"
#include "cli/replay_count.h"
#include "unit/config/parsing.h"

namespace reeve {
namespace {

constexpr const char* kNew = "/etc/new.conf";
constexpr const char* kOld = "/etc/old.conf";

std::function<std::optional<std::string_view>()> lines_of(const std::string& text) {
  auto lines = std::make_shared<std::pair<std::istringstream, std::string>>(std::istringstream(text), std::string());
  return [lines]() -> std::optional<std::string_view> {
    if (!std::getline(lines->first, lines->second)) return std::nullopt;
    return std::string_view(lines->second);
  };
}

LogSource source_of(std::string name, const std::string& text) {
  return {.name = std::move(name), .next = lines_of(text), .ends = services_that_end(lines_of(text), 1000)};
}

class ReplayTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    ::setenv("TZ", "UTC", 1);
    ::tzset();
  }

  Answer play(const std::vector<std::string>& logs) {
    request.path = kNew;
    request.now = WallTime(std::chrono::seconds(1'795'600'000));  // Wed 2026-11-25 09:46:40
    std::vector<LogSource> sources;
    request.logs.clear();
    for (const std::string& log : logs) {
      request.logs.push_back("log" + std::to_string(sources.size()));
      sources.push_back(source_of(request.logs.back(), log));
    }
    FakeNames names;
    return replay(request, std::move(sources), files, names).answer;
  }
  Answer play(const std::string& log) { return play(std::vector{log}); }
  void configure(const std::string& text, const char* path = kNew) { files.files[path] = text; }

  static std::string start(int second, int pid, const std::string& source = "192.0.2.1") {
    return stamp(second) + "START: alpha pid=" + std::to_string(pid) + " from=" + source + "\n";
  }
  static std::string exit(int second, int pid, int duration) {
    return stamp(second) + "EXIT: alpha status=0 pid=" + std::to_string(pid) + " duration=" + std::to_string(duration) + "(sec)\n";
  }
  static std::string fail(int second, const std::string& word, const std::string& source = "192.0.2.1") {
    return stamp(second) + "FAIL: alpha " + word + " from=" + source + "\n";
  }
  static std::string stamp(int second) {
    char text[32];
    std::snprintf(text, sizeof text, "26/11/24@%02d:%02d:%02d: ", 12 + second / 3600, second / 60 % 60, second % 60);
    return text;
  }

  FakeFiles files;
  ReplayRequest request;
};

testing::AssertionResult says(const Answer& answer, std::string_view part) {
  if (answer.out.find(part) != std::string::npos) return testing::AssertionSuccess();
  return testing::AssertionFailure() << part << " is not in\n" << answer.out << answer.err;
}

TEST_F(ReplayTest, CountsWhomTheLogsEndsLeaveInside) {
  configure(service("alpha", "instances = 2\nper_source = UNLIMITED\ncps = 0 0"));
  const Answer answer =
      play(start(0, 1) + start(1, 2) + start(2, 3) + exit(3, 1, 3) + start(4, 4) + exit(9, 2, 8) + exit(9, 3, 7) + start(10, 5));
  EXPECT_TRUE(says(answer, "5 visits, Tue 2026-11-24 12:00:00 to Tue 2026-11-24 12:00:10"));
  EXPECT_TRUE(says(answer, "1 admitted before would be refused, 0 refused before would be admitted"));
  EXPECT_TRUE(says(answer, "instances  /etc/new.conf:9"));
  EXPECT_EQ(answer.exit_code, 1);
}

TEST_F(ReplayTest, TakesAPidThatComesAgainForAnEnd) {
  configure(service("alpha", "instances = 1\nper_source = UNLIMITED\ncps = 0 0"));
  EXPECT_EQ(play(start(0, 1) + start(1, 1) + start(2, 1)).exit_code, 0);
  EXPECT_EQ(play(exit(0, 9, 1) + start(0, 1) + start(1, 2)).exit_code, 1);
}

TEST_F(ReplayTest, AssumesHowLongVisitsLastThatTheLogDoesNotEnd) {
  configure(service("alpha", "instances = 1\nper_source = UNLIMITED\ncps = 0 0"));
  const std::string log = fail(0, "address") + fail(5, "address", "192.0.2.2");
  EXPECT_TRUE(says(play(log), "0 admitted before would be refused, 2 refused before would be admitted"));
  request.duration = 10;
  EXPECT_TRUE(says(play(log), "1 refused before would be admitted"));
  // The log's own figures count more.
  EXPECT_TRUE(says(play(start(0, 7) + exit(1, 7, 1) + log), "2 refused before would be admitted"));
}

TEST_F(ReplayTest, BansByVirtualTime) {
  configure(service("alpha", "cps = 0 0") + service("trap", "flags = SENSOR\ndeny_time = 1", "4002"));
  const std::string touch = stamp(0) + "FAIL: trap address from=192.0.2.1\n";
  const Answer answer = play(touch + start(30, 1) + start(31, 2, "192.0.2.2") + start(90, 3));
  EXPECT_TRUE(says(answer, "1 admitted before would be refused"));
  EXPECT_TRUE(says(answer, "alpha    ban"));
  EXPECT_TRUE(says(answer, "trap     sensor"));
}

TEST_F(ReplayTest, ComparesTwoConfigurations) {
  configure(service("alpha", "no_access = 192.0.2.1\ncps = 0 0"));
  configure(service("alpha", "no_access = 192.0.2.2\ncps = 0 0"), kOld);
  request.against = kOld;
  const Answer answer = play(start(0, 1) + start(1, 2, "192.0.2.2") + start(2, 3, "192.0.2.3"));
  EXPECT_TRUE(says(answer, "1 admitted before would be refused, 1 refused before would be admitted, 0 are refused for another reason"));
  configure(service("alpha", "no_access = 192.0.2.1\ncps = 0 0"), kOld);
  EXPECT_EQ(play(start(0, 1) + start(1, 2, "192.0.2.2")).exit_code, 0);
}

TEST_F(ReplayTest, BringsSeveralLogsIntoOneOrder) {
  configure(service("alpha", "instances = 1\nper_source = UNLIMITED\ncps = 0 0"));
  const std::string json =
      R"({"time":"2026-11-24T12:00:05.500Z","event":"start","service":"alpha","source":"192.0.2.9","source_port":7,"pid":8})"
      "\n";
  // Between them, while the first one is inside.
  EXPECT_EQ(play({json, start(0, 1) + exit(9, 1, 9)}).exit_code, 1);
  EXPECT_EQ(play({json, start(0, 1) + exit(4, 1, 4)}).exit_code, 0);
}

TEST_F(ReplayTest, ReadsWebServersLinesForOneService) {
  configure(service("alpha", "cps = 2 30\ncps_action = shed") + service("beta", "", "4002"));
  const std::string line = R"(192.0.2.7 - - [24/Nov/2026:12:00:05 +0000] "GET / HTTP/1.1" 200 12)"
                           "\n";
  std::string scraper;
  for (int each = 0; each < 10; ++each) scraper += line;
  EXPECT_EQ(play(scraper).exit_code, 2);
  request.service = "alpha";
  const Answer answer = play(scraper);
  EXPECT_TRUE(says(answer, "192.0.2.7      10      10    2")) << answer.out;
  EXPECT_TRUE(says(answer, "cps     /etc/new.conf:9")) << answer.out;
  request.service = "gamma";
  EXPECT_EQ(play(scraper).exit_code, 2);
}

TEST_F(ReplayTest, CountsWhatItCanNotUse) {
  configure(service("alpha", "only_from = .example.net 192.0.2.1\ncps = 0 0"));
  const Answer answer =
      play("hello\n" + start(0, 1, "192.0.2.2") + start(1, 2) + stamp(2) + "START: gamma pid=7 from=192.0.2.1\n" + stamp(3) +
           "START: alpha pid=9\n" + "FAIL: alpha address from=192.0.2.1\n" + stamp(4) + "Starting reconfiguration\n" + fail(5, "exec"));
  EXPECT_TRUE(says(answer, "2 visits"));
  EXPECT_TRUE(says(answer, "8 lines of 1 log, 1 of other things, 2 unreadable"));
  EXPECT_TRUE(says(answer, "log0:1: in none of the forms that are known: hello"));
  EXPECT_TRUE(says(answer, "log0:6: it has no time"));
  EXPECT_TRUE(says(answer, "depends on the client's name or user    0    1"));
  EXPECT_TRUE(says(answer, "gamma (1)"));
  EXPECT_TRUE(says(answer, "1 visits have no address"));
  EXPECT_EQ(answer.exit_code, 0);
}

TEST_F(ReplayTest, WritesJsonAndPictures) {
  configure(service("alpha", "no_access = 192.0.2.1\ncps = 0 0"));
  request.json = true;
  const Answer answer = play(start(0, 1));
  EXPECT_TRUE(says(answer, R"("newly_refused":1)"));
  EXPECT_TRUE(says(answer, R"({"service":"alpha","reason":"address","rule":"/etc/new.conf:9","refused":1,"newly_refused":1})"));
  request.plot = "x.svg";
  FakeNames names;
  std::vector<LogSource> logs;
  logs.push_back(source_of("log", start(0, 1) + start(9, 2, "192.0.2.2")));
  const Replayed drawn = replay(request, std::move(logs), files, names);
  ASSERT_TRUE(drawn.picture.has_value());
  EXPECT_EQ(drawn.picture->path, "x.svg");
  EXPECT_NE(drawn.picture->text.find("admitted before, refused now"), std::string::npos);
}

TEST(ReplayCountTest, KeepsItsTablesBounded) {
  ReplayCount count;
  ReplayVisit visit{.wall = WallTime(std::chrono::hours(24 * 365 * 50))};
  constexpr std::uint32_t kSources = ReplayCount::kMaxSources + 10;
  for (std::uint32_t each = 0; each < kSources; ++each) {
    visit.source = Address::v4(each);
    visit.wall += std::chrono::seconds(3);
    count.add(visit);
  }
  EXPECT_EQ(count.source_count(), ReplayCount::kMaxSources);
  EXPECT_EQ(count.others().visits, 10U);
  EXPECT_LE(count.timeline().moments.size(), ReplayCount::kMaxMoments);
  std::uint64_t served = 0;
  for (const ReplayCount::Moment& moment : count.timeline().moments) served += moment.served;
  EXPECT_EQ(served, kSources);
}

TEST(LogCalendarTest, KnowsYearsAndZones) {
  ::setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
  ::tzset();
  LogCalendar calendar(WallTime(std::chrono::seconds(1'795'600'000)));
  const auto text = [&](std::string_view typed) { return calendar.parse(typed) ? date_text(*calendar.parse(typed)) : "?"; };
  EXPECT_EQ(text("2026-07-01 12:00"), "Wed 2026-07-01 12:00:00");
  EXPECT_EQ(text("2026-07-01T10:00:30Z"), "Wed 2026-07-01 12:00:30");
  EXPECT_EQ(text("07:15"), "Wed 2026-11-25 07:15:00");
  EXPECT_EQ(text("26/1/2@03:04:05"), "Fri 2026-01-02 03:04:05");
  EXPECT_EQ(text("2026-02-30"), "?");
  EXPECT_EQ(text("x"), "?");
  const auto year = [&](std::string_view stamp) {
    const auto line = read_log_line(stamp);
    return date_text(calendar.wall_of(line->time).value());
  };
  EXPECT_EQ(year("Nov 25 09:00:00 h x: START: a"), "Wed 2026-11-25 09:00:00");
  EXPECT_EQ(year("Dec 24 09:00:00 h x: START: a"), "Wed 2025-12-24 09:00:00");
  EXPECT_EQ(year("Feb 29 09:00:00 h x: START: a"), "Thu 2024-02-29 09:00:00");
  EXPECT_EQ(calendar.local_minute(*calendar.parse("2026-07-01 12:34")).minute_of_day, 12 * 60 + 34);
  EXPECT_EQ(calendar.local_minute(*calendar.parse("2026-07-01 12:34")).weekday, 3);
  ::setenv("TZ", "UTC", 1);
  ::tzset();
}

TEST_F(ReplayTest, HostsDenyIsAskedAsItIsNow) {
  configure(service("alpha"));
  const std::string day = start(0, 1, "192.0.2.1") + start(1, 2, "192.0.2.2") + start(2, 3, "192.0.2.3") + fail(3, "libwrap", "192.0.2.4");
  files.files["/etc/hosts.allow"] = "ALL: 192.0.2.1\n";
  files.files["/etc/hosts.deny"] = "\ncat: 192.0.2.2\nother: ALL\n";
  Answer answer = play(day);
  EXPECT_EQ(answer.exit_code, kTurnsAway);
  EXPECT_TRUE(says(answer, "libwrap"));
  EXPECT_TRUE(says(answer, "/etc/hosts.deny:2"));
  EXPECT_TRUE(says(answer, "1 refused before would be admitted"));
  // Other files.
  files.files["/tmp/deny"] = "ALL: ALL\n";
  request.wrap_paths.deny = "/tmp/deny";
  request.json = true;
  answer = play(day);
  EXPECT_TRUE(says(answer, R"("rule":"/tmp/deny:1")"));
  EXPECT_TRUE(says(answer, R"("admitted_now":1)"));
  // No log tells of names; what it does tell of is believed.
  files.files["/tmp/deny"] = "ALL: .example.net\n";
  answer = play(day);
  EXPECT_TRUE(says(answer, R"("admitted_now":1,)"));
  EXPECT_TRUE(says(answer, R"("undecided":2)"));
}

TEST_F(ReplayTest, WithoutRulesWhomTheyRefusedStaysRefused) {
  configure(service("alpha"));
  EXPECT_TRUE(says(play(fail(0, "libwrap") + start(1, 2)), "libwrap"));
  EXPECT_EQ(play(fail(0, "libwrap") + start(1, 2)).exit_code, 0);
}

}  // namespace
}  // namespace reeve
