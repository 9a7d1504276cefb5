#include "record/record.h"

#include <array>
#include <cerrno>
#include <random>

#include <gtest/gtest.h>

namespace reeve {
namespace {

using namespace std::chrono_literals;

constexpr int exited(int status) {
  return status << 8;
}
constexpr int killed(int signal) {
  return signal;
}

SuccessFields success(std::string_view words) {
  SuccessFields fields;
  fields.pid = words.contains("PID");
  fields.host = words.contains("HOST");
  fields.userid = words.contains("USERID");
  fields.exit = words.contains("EXIT");
  fields.duration = words.contains("DURATION");
  fields.traffic = words.contains("TRAFFIC");
  return fields;
}

FailureFields failure_fields(std::string_view words) {
  return {.host = words.contains("HOST"), .userid = words.contains("USERID"), .attempt = words.contains("ATTEMPT")};
}

Record record_of(Event event) {
  Record record;
  record.event = event;
  record.wall = WallTime(1795359845s + 7ms);
  record.service = "svc";
  record.source = Endpoint{Address::v4(0xc0000201), 4711};
  record.local = Endpoint{Address::v4(0xc0000209), 21};
  record.pid = 7;
  record.has_status = event == Event::exit;
  record.duration = 2999ms;
  return record;
}

std::string line_of(const Record& record, std::string_view fields) {
  return xinetd_line(record, success(fields), failure_fields(fields)).value_or("(none)");
}

TEST(XinetdLineTest, FieldsOfAStart) {
  const struct {
    const char *fields, *line;
  } kCases[] = {
      {"", "(none)"},
      {"HOST", "START: svc from=192.0.2.1"},
      {"PID", "START: svc pid=7"},
      {"EXIT", "START: svc"},
      {"DURATION", "START: svc"},
      {"USERID", "START: svc"},
      {"TRAFFIC", "START: svc"},
      {"HOST PID", "START: svc pid=7 from=192.0.2.1"},
      {"PID EXIT", "START: svc pid=7"},
      {"DURATION EXIT HOST", "START: svc from=192.0.2.1"},
      {"HOST PID EXIT DURATION", "START: svc pid=7 from=192.0.2.1"},
  };
  for (const auto& [fields, line] : kCases) EXPECT_EQ(line_of(record_of(Event::start), fields), line) << fields;
}

TEST(XinetdLineTest, FieldsOfAnExit) {
  const struct {
    const char *fields, *line;
  } kCases[] = {
      {"", "(none)"},
      {"HOST", "(none)"},
      {"PID", "(none)"},
      {"HOST PID", "(none)"},
      {"USERID", "(none)"},
      {"EXIT", "EXIT: svc status=0"},
      {"DURATION", "EXIT: svc duration=2(sec)"},
      {"TRAFFIC", "EXIT: svc"},
      {"PID EXIT", "EXIT: svc status=0 pid=7"},
      {"PID DURATION", "EXIT: svc pid=7 duration=2(sec)"},
      {"DURATION EXIT HOST", "EXIT: svc status=0 duration=2(sec)"},
      {"HOST PID EXIT DURATION", "EXIT: svc status=0 pid=7 duration=2(sec)"},
  };
  for (const auto& [fields, line] : kCases) EXPECT_EQ(line_of(record_of(Event::exit), fields), line) << fields;
}

TEST(XinetdLineTest, TheWayAServerEnded) {
  const struct {
    int wait_status;
    const char* line;
  } kCases[] = {
      {exited(0), "EXIT: svc status=0"}, {exited(3), "EXIT: svc status=3"},   {exited(255), "EXIT: svc status=255"},
      {killed(9), "EXIT: svc signal=9"}, {killed(15), "EXIT: svc signal=15"}, {killed(11) | 0x80, "EXIT: svc signal=11"},
  };
  for (const auto& [wait_status, line] : kCases) {
    Record record = record_of(Event::exit);
    record.wait_status = wait_status;
    EXPECT_EQ(line_of(record, "EXIT"), line);
  }
}

TEST(XinetdLineTest, DurationIsWholeSecondsRoundedDown) {
  const struct {
    std::chrono::nanoseconds duration;
    const char* line;
  } kCases[] = {{0ns, "EXIT: svc duration=0(sec)"},
                {999'999'999ns, "EXIT: svc duration=0(sec)"},
                {1s, "EXIT: svc duration=1(sec)"},
                {1999ms, "EXIT: svc duration=1(sec)"},
                {400h, "EXIT: svc duration=1440000(sec)"}};
  for (const auto& [duration, line] : kCases) {
    Record record = record_of(Event::exit);
    record.duration = duration;
    EXPECT_EQ(line_of(record, "DURATION"), line);
  }
}

TEST(XinetdLineTest, FieldsAndWordsOfAFailure) {
  const struct {
    Reason reason;
    const char *fields, *line;
  } kCases[] = {
      {Reason::address, "HOST", "FAIL: svc address from=192.0.2.1"},
      {Reason::address, "ATTEMPT", "FAIL: svc address"},
      {Reason::address, "USERID", "FAIL: svc address"},
      {Reason::address, "HOST ATTEMPT", "FAIL: svc address from=192.0.2.1"},
      {Reason::address, "", "(none)"},
      {Reason::ban, "HOST", "FAIL: svc address from=192.0.2.1"},
      {Reason::sensor, "HOST", "FAIL: svc address from=192.0.2.1"},
      {Reason::time, "HOST", "FAIL: svc time from=192.0.2.1"},
      {Reason::load, "HOST", "FAIL: svc load from=192.0.2.1"},
      {Reason::cps, "HOST", "FAIL: svc connections per second from=192.0.2.1"},
      {Reason::instances, "HOST", "FAIL: svc service_limit from=192.0.2.1"},
      {Reason::per_source, "HOST", "FAIL: svc per_source_limit from=192.0.2.1"},
      {Reason::process_limit, "HOST", "FAIL: svc process_limit from=192.0.2.1"},
      {Reason::fork, "HOST", "FAIL: svc fork from=192.0.2.1"},
      {Reason::exec, "HOST", "FAIL: svc exec from=192.0.2.1"},
  };
  for (const auto& [reason, fields, line] : kCases) {
    Record record = record_of(Event::fail);
    record.reason = reason;
    EXPECT_EQ(xinetd_line(record, {}, failure_fields(fields)).value_or("(none)"), line);
  }
}

TEST(XinetdLineTest, ASensorOfUnusedPortsSaysWhichOne) {
  Record record = record_of(Event::fail);
  record.reason = Reason::sensor;
  record.protocol = 6;
  EXPECT_EQ(line_of(record, "HOST"), "FAIL: svc address from=192.0.2.1 port=21/tcp");
  EXPECT_EQ(line_of(record, "ATTEMPT"), "FAIL: svc address port=21/tcp");
  record.protocol = 17;
  EXPECT_EQ(line_of(record, "HOST"), "FAIL: svc address from=192.0.2.1 port=21/udp");
  const auto json = json_line(record, {}, {.host = true}).value_or("");
  EXPECT_NE(json.find(R"("local_port":21,"protocol":"udp")"), std::string::npos) << json;
}

TEST(XinetdLineTest, ServedWithoutAProcessAndFromNobodyKnown) {
  Record record = record_of(Event::start);
  record.pid = 0;
  EXPECT_EQ(line_of(record, "HOST PID"), "START: svc pid=0 from=192.0.2.1");
  record.source = Endpoint{*parse_address("2001:db8::1"), 1};
  EXPECT_EQ(line_of(record, "HOST"), "START: svc from=2001:db8::1");
  record.source.reset();
  EXPECT_EQ(line_of(record, "HOST"), "START: svc from=<no address>");
  record = record_of(Event::exit);
  record.has_status = false;
  record.pid = 0;
  EXPECT_EQ(line_of(record, "PID EXIT DURATION"), "EXIT: svc pid=0 duration=2(sec)");
}

TEST(XinetdLineTest, NobodyForgesALine) {
  Record record = record_of(Event::start);
  record.service = "a\nb\033[2Jc\xff\u0085\u2028";
  const std::string line = line_of(record, "PID");
  EXPECT_EQ(line, "START: a?b?[2Jc??? pid=7");
}

TEST(JsonLineTest, AStart) {
  EXPECT_EQ(json_line(record_of(Event::start), success("HOST"), {}).value(),
            R"({"time":"2026-11-22T15:04:05.007Z","event":"start","service":"svc","source":"192.0.2.1","source_port":4711,)"
            R"("local":"192.0.2.9","local_port":21,"pid":7})");
}

TEST(JsonLineTest, AnExit) {
  Record record = record_of(Event::exit);
  record.wait_status = exited(3);
  record.cpu_us = 1234;
  record.max_rss_kb = 5678;
  EXPECT_TRUE(
      json_line(record, success("EXIT"), {})->ends_with(R"("pid":7,"status":3,"duration_ms":2999,"cpu_us":1234,"max_rss_kb":5678})"));
  record.wait_status = killed(9);
  EXPECT_TRUE(json_line(record, success("EXIT"), {})->contains(R"("pid":7,"signal":9,"duration_ms":2999,)"));
  record.has_status = false;
  EXPECT_TRUE(json_line(record, success("EXIT"), {})->ends_with(R"("pid":7,"duration_ms":2999})"));
}

TEST(JsonLineTest, AFailureNamesItsRule) {
  Record record = record_of(Event::fail);
  record.reason = Reason::per_source;
  record.where = {.line = 12, .column = 3, .file = 0};
  record.rule_file = "/etc/\"x\".conf";
  EXPECT_TRUE(json_line(record, {}, failure_fields("HOST"))->ends_with(R"("reason":"per_source","rule":"/etc/\"x\".conf:12"})"));
  record.reason = Reason::exec;
  record.where = {};
  record.sys_errno = ENOENT;
  EXPECT_TRUE(
      json_line(record, {}, failure_fields("HOST"))->ends_with(R"("reason":"exec","errno":2,"error":"No such file or directory"})"));
}

TEST(JsonLineTest, AskedForByTheSameFieldsAsLines) {
  for (const std::string_view fields : {"", "HOST", "PID", "USERID", "EXIT", "DURATION", "TRAFFIC", "ATTEMPT"}) {
    for (const Event event : {Event::start, Event::exit, Event::fail}) {
      const Record record = record_of(event);
      const auto line = xinetd_line(record, success(fields), failure_fields(fields));
      EXPECT_EQ(json_line(record, success(fields), failure_fields(fields)).has_value(), line.has_value()) << fields;
    }
  }
}

TEST(HarmlessTest, ReplacesWhatMovesATerminalOrALine) {
  EXPECT_EQ(harmless("plain text, \u00e4\u20ac\U0001f600"), "plain text, \u00e4\u20ac\U0001f600");
  EXPECT_EQ(harmless("a\nb\rc\td\x7f"), "a?b?c?d?");
  EXPECT_EQ(harmless(std::string_view("a\0b", 3)), "a?b");
  EXPECT_EQ(harmless("\xc3"), "?");
  EXPECT_EQ(harmless("\xed\xa0\x80"), "???");
}

TEST(HarmlessTest, AnyBytesBecomeOneLineOfAtMostSoMany) {
  std::mt19937 random(20261122);
  for (int round = 0; round < 2000; ++round) {
    std::string text(random() % 64, '\0');
    for (char& byte : text) byte = static_cast<char>(random());
    const std::size_t most = random() % 70;
    const std::string made = harmless(text, most);
    EXPECT_LE(made.size(), most);
    for (const char byte : made) EXPECT_GE(static_cast<unsigned char>(byte), 0x20) << round;
    EXPECT_EQ(harmless(made, most), made) << round;
  }
}

TEST(IdentityRecordTest, LinesOfUsers) {
  Record record = record_of(Event::userid);
  record.answer = "UNIX : joe";
  record.user = "joe";
  EXPECT_EQ(line_of(record, "USERID"), "USERID: svc UNIX : joe");
  EXPECT_EQ(line_of(record, "HOST"), "(none)");
  const std::string json = json_line(record, success("USERID"), {}).value_or("");
  EXPECT_TRUE(json.contains(R"("event":"userid")") && json.contains(R"("user":"joe","ident":"UNIX : joe")")) << json;

  record = record_of(Event::noid);
  record.reason = Reason::user;
  record.answer = "no server";
  EXPECT_EQ(line_of(record, "USERID"), "NOID: svc 192.0.2.1 no server");
  const std::string refusal = json_line(record, success("USERID"), {}).value_or("");
  EXPECT_TRUE(refusal.contains(R"("event":"fail")") && refusal.contains(R"("reason":"user","ident_error":"no server")")) << refusal;
}

TEST(DataRecordTest, WhatASensorHeard) {
  Record record = record_of(Event::data);
  const std::string said("GET /\\ \"\r\n\t\0\x7f\xff\xc3\xa9", 16);
  record.data = said;
  record.bytes_in = 99;
  EXPECT_EQ(escaped(said), R"(GET /\\ "\r\n\t\x00\x7f\xff\xc3\xa9)");
  EXPECT_EQ(line_of(record, "HOST"), R"(DATA: svc from=192.0.2.1 bytes=99 GET /\\ "\r\n\t\x00\x7f\xff\xc3\xa9)");
  EXPECT_EQ(line_of(record, ""), "(none)");
  const std::string json = json_line(record, {}, failure_fields("HOST")).value_or("");
  EXPECT_TRUE(json.contains(R"("event":"data")") && json.contains(R"("bytes_in":99,"data":"GET /\\\\ \"\\r\\n\\t\\x00)")) << json;

  const std::string much(1000, 'x');
  record.data = much;
  EXPECT_EQ(line_of(record, "HOST"), "DATA: svc from=192.0.2.1 bytes=99 " + much.substr(0, kMostShown));
  EXPECT_TRUE(json_line(record, {}, failure_fields("HOST")).value_or("").contains(much));
}

}  // namespace
}  // namespace reeve
