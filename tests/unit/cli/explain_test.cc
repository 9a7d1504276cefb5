// What `reeve explain` says of an address, and of lines of logs.
#include "cli/explain.h"

#include <cstdlib>
#include <string>

#include <gtest/gtest.h>

#include "unit/config/parsing.h"

namespace reeve {
namespace {

constexpr const char* kPath = "/etc/xinetd.conf";

class ExplainTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    ::setenv("TZ", "UTC", 1);
    ::tzset();
  }

  Answer ask(const std::string& source, const std::string& service = "") {
    request.path = kPath;
    request.source = source;
    request.service = service;
    request.now = WallTime(std::chrono::seconds(1'795'600'000));  // Wed 2026-11-25 09:46:40
    FakeNames names;
    return explain(request, files, names);
  }
  void configure(const std::string& text) { files.files[kPath] = text; }

  FakeFiles files;
  ExplainRequest request;
};

testing::AssertionResult says(const Answer& answer, std::string_view part) {
  if (answer.out.find(part) != std::string::npos) return testing::AssertionSuccess();
  return testing::AssertionFailure() << part << " is not in\n" << answer.out << answer.err;
}

TEST_F(ExplainTest, NamesTheLineThatDecides) {
  configure(service("alpha", "only_from = 192.0.2.0/24\nno_access = 192.0.2.7"));
  const Answer refused = ask("192.0.2.7", "alpha");
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_TRUE(says(refused, "refused: address, by /etc/xinetd.conf:10"));
  EXPECT_TRUE(says(refused, "if: 192.0.2.7 is taken out of no_access"));
  const Answer admitted = ask("192.0.2.8", "alpha");
  EXPECT_EQ(admitted.exit_code, 0);
  EXPECT_TRUE(says(admitted, "in 192.0.2.0/24 of only_from"));
  EXPECT_TRUE(says(admitted, "/bin/cat"));
  EXPECT_EQ(ask("192.0.3.1", "alpha").exit_code, 1);
}

TEST_F(ExplainTest, StandsInColumns) {
  configure(service("alpha", "only_from = 192.0.2.0/24"));
  const Answer answer = ask("192.0.2.8", "alpha");
  EXPECT_TRUE(says(answer, "\n  rate_per_source  passes        no limit")) << "the longest name";
  EXPECT_TRUE(says(answer, "\n  cps              passes        not more"));
}

TEST_F(ExplainTest, TakesWhatIsKnown) {
  configure(service("alpha", "instances = 8\naccess_times = 08:00-09:00\nonly_from = .example.net 192.0.2.1"));
  EXPECT_TRUE(says(ask("192.0.2.1", "alpha"), "refused: time, by /etc/xinetd.conf:10"));
  request.at = "08:30";
  EXPECT_EQ(ask("192.0.2.1", "alpha").exit_code, 0);
  request.running = 8;
  EXPECT_TRUE(says(ask("192.0.2.1", "alpha"), "refused: instances, by /etc/xinetd.conf:9"));
  request.running.reset();
  request.running_from = 6;
  EXPECT_TRUE(says(ask("192.0.2.1", "alpha"), "refused: per_source, by /etc/xinetd.conf:9"));
  request.running_from.reset();
  EXPECT_EQ(ask("192.0.2.2", "alpha").exit_code, 2);
  EXPECT_TRUE(says(ask("192.0.2.2", "alpha"), "--name"));
  request.name = "www.example.net";
  EXPECT_EQ(ask("192.0.2.2", "alpha").exit_code, 0);
  request.name = "unknown";
  EXPECT_EQ(ask("192.0.2.2", "alpha").exit_code, 1);
  request.banned = true;
  EXPECT_TRUE(says(ask("192.0.2.1", "alpha"), "reeve unban 192.0.2.1"));
  request.at = "late";
  EXPECT_EQ(ask("192.0.2.1", "alpha").exit_code, 2);
}

TEST_F(ExplainTest, AsksHostsDeny) {
  configure(service("alpha"));
  files.files["/etc/hosts.deny"] = "cat: 192.0.2.\nALL: .example.net\n";
  EXPECT_TRUE(says(ask("192.0.2.1", "alpha"), "refused: libwrap, by /etc/hosts.deny:1"));
  EXPECT_EQ(ask("192.0.3.1", "alpha").exit_code, 2);  // its name is not known
  request.name = "www.example.net";
  EXPECT_TRUE(says(ask("192.0.3.1", "alpha"), "/etc/hosts.deny:2"));
  request.name = "www.example.org";
  EXPECT_EQ(ask("192.0.3.1", "alpha").exit_code, 0);
}

TEST_F(ExplainTest, TellsOfAllServicesWithoutOne) {
  configure(service("alpha") + service("trap", "flags = SENSOR\ndeny_time = 5", "4002"));
  const Answer answer = ask("192.0.2.1");
  EXPECT_EQ(answer.exit_code, 1);
  EXPECT_TRUE(says(answer, "alpha  admitted\ntrap   refused: sensor, by /etc/xinetd.conf:10\n"));
  EXPECT_EQ(ask("192.0.2.1", "beta").exit_code, 2);
  EXPECT_EQ(ask("hello").exit_code, 2);
}

TEST_F(ExplainTest, GivesTheAnswerOfAPastedLine) {
  configure(service("alpha", "instances = 9\nmax_load = 3\naccess_times = 08:00-17:00\nno_access = 192.0.2.7\ncps = 5 10\nper_source = 2") +
            service("trap", "flags = SENSOR\ndeny_time = 5", "4002"));
  const auto same = [&](const std::string& line, int exit_code, std::string_view part) {
    const Answer answer = ask(line);
    EXPECT_EQ(answer.exit_code, exit_code) << line;
    EXPECT_TRUE(says(answer, part)) << line;
  };
  same("26/11/25@09:00:00: START: alpha pid=7 from=192.0.2.1", 0, "it was served: the same");
  same("FAIL: alpha address from=192.0.2.7", 1, "refused: address, by /etc/xinetd.conf:12");
  same("FAIL: alpha address from=192.0.2.1", 1, "as far as it may mean ban");
  same("FAIL: alpha service_limit from=192.0.2.1", 1, "9 of 9 run (as the line says)");
  same("FAIL: alpha per_source_limit from=192.0.2.1", 1, "refused: per_source, by /etc/xinetd.conf:14");
  same("FAIL: alpha connections per second from=192.0.2.1", 1, "refused: cps, by /etc/xinetd.conf:13");
  same("FAIL: alpha load from=192.0.2.1", 1, "refused: load, by /etc/xinetd.conf:10");
  same("FAIL: alpha process_limit from=192.0.2.1", 1, "refused: process_limit");
  same("26/11/25@07:00:00: FAIL: alpha time from=192.0.2.1", 1, "refused: time, by /etc/xinetd.conf:11");
  same("FAIL: trap address from=192.0.2.1", 1, "refused: sensor, by /etc/xinetd.conf:16");
  same("FAIL: alpha exec from=192.0.2.1", 1, "refused: exec, by /etc/xinetd.conf:");
  same("FAIL: alpha exec from=192.0.2.1", 1, "refused: exec: the same");
  same("FAIL: alpha fork from=192.0.2.1", 1, "no process could be made (as the line says)");
  same("FAIL: alpha fork from=192.0.2.7", 3, "NOT the same");
  same("FAIL: alpha target from=192.0.2.1", 3, "NOT the same");
  same(
      R"({"time":"2026-11-25T09:00:00.000Z","event":"fail","service":"alpha","source":"192.0.2.7","source_port":1,"pid":0,"reason":"address","rule":"/etc/xinetd.conf:12"})",
      1, "refused: address: the same");

  same("26/11/25@09:00:00: START: alpha pid=7 from=192.0.2.7", 3, "NOT the same");
  same("26/11/25@09:00:00: FAIL: alpha time from=192.0.2.1", 3, "NOT the same");
  same("FAIL: alpha libwrap from=192.0.2.1", 3, "NOT the same");
  same(
      R"({"time":"2026-11-25T09:00:00.000Z","event":"fail","service":"alpha","source":"192.0.2.7","source_port":1,"pid":0,"reason":"address","rule":"/etc/xinetd.conf:9"})",
      3, "by /etc/xinetd.conf:9, not /etc/xinetd.conf:12");
}

TEST_F(ExplainTest, WritesJson) {
  configure(service("alpha", "no_access = 192.0.2.7"));
  request.json = true;
  const Answer answer = ask("192.0.2.7", "alpha");
  EXPECT_TRUE(says(answer, R"("answer":"refused","reason":"address","gate":"address","rule":"/etc/xinetd.conf:9")"));
  EXPECT_EQ(answer.out.find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace reeve
