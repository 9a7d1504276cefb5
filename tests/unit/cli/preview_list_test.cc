// Whom a list of networks would have shut out.
#include "cli/preview_list.h"

#include <cstdlib>
#include <memory>
#include <sstream>

#include <gtest/gtest.h>

namespace reeve {
namespace {

LogSource source_of(const std::string& text) {
  auto lines = std::make_shared<std::pair<std::istringstream, std::string>>(std::istringstream(text), std::string());
  return {.name = "log",
          .next = [lines]() -> std::optional<std::string_view> {
            if (!std::getline(lines->first, lines->second)) return std::nullopt;
            return std::string_view(lines->second);
          },
          .ends = {}};
}

Answer preview(const std::string& list, const std::string& log, bool json = false) {
  PreviewListRequest request{.list = "drop.txt", .now = WallTime(std::chrono::seconds(1'795'600'000)), .json = json};
  std::vector<LogSource> logs;
  logs.push_back(source_of(log));
  return preview_list(request, list, std::move(logs));
}

constexpr const char* kLog =
    "26/11/24@09:00:00: START: alpha pid=1 from=192.0.2.1\n"
    "26/11/24@09:00:01: EXIT: alpha status=0 pid=1 duration=1(sec)\n"
    "26/11/24@09:00:02: FAIL: beta address from=192.0.2.1\n"
    "26/11/24@09:00:03: START: alpha pid=2 from=198.51.100.7\n"
    "26/11/24@09:00:04: START: alpha pid=3 from=203.0.113.9\n";

TEST(PreviewListTest, CountsWhomTheListHolds) {
  ::setenv("TZ", "UTC", 1);
  ::tzset();
  const Answer answer = preview("192.0.2.0/24\n203.0.113.9\n10.0.0.0/8\nx\n", kLog);
  EXPECT_EQ(answer.exit_code, kShutsOut);
  EXPECT_NE(answer.out.find("3 prefixes in the list, 2 of them met\n1 of 4 lines refused: line 4: `x` is no address or prefix\n4 visits, "
                            "Tue 2026-11-24 09:00:00 to Tue 2026-11-24 09:00:04\n"),
            std::string::npos)
      << answer.out;
  EXPECT_NE(answer.out.find(
                "would have refused 3 of 4 visits (75.0 %), 2 of which were admitted\n  alpha: 2, 2 admitted\n  beta: 1, 0 admitted\n"),
            std::string::npos)
      << answer.out;
  EXPECT_NE(answer.out.find("  192.0.2.1: 2, 1 admitted, by 192.0.2.0/24\n"), std::string::npos) << answer.out;
}

TEST(PreviewListTest, NobodyIsMet) {
  const Answer answer = preview("10.0.0.0/8\n", kLog);
  EXPECT_EQ(answer.exit_code, kClean);
  EXPECT_NE(answer.out.find("would have refused 0 of 4 visits (0.0 %), 0 of which were admitted\n"), std::string::npos) << answer.out;
}

TEST(PreviewListTest, GivesJson) {
  const std::string out = preview("192.0.2.0/24\n", kLog, true).out;
  EXPECT_NE(
      out.find(
          "\"all\":{\"visits\":4,\"admitted\":3},\"would_refuse\":{\"visits\":2,\"admitted\":1},\"services\":{\"alpha\":{\"visits\":1,"),
      std::string::npos)
      << out;
}

TEST(PreviewListTest, WhatIsNoListIsSaid) {
  EXPECT_EQ(preview("<html>\n", kLog).exit_code, kWrong);
  const Answer web = preview_list({.list = "https://lists.example/drop.txt", .logs = {"-"}});
  EXPECT_NE(web.err.find("curl -s 'https://lists.example/drop.txt' | reeve preview-list - LOG"), std::string::npos) << web.err;
}

}  // namespace
}  // namespace reeve
