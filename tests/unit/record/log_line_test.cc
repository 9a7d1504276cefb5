// Lines of logs, read back: reeve's own as they were written, xinetd's, syslog's, web servers', and garbage.
#include "record/log_line.h"

#include <chrono>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "record/record.h"
#include "record/stamp.h"

namespace reeve {
namespace {

using Event = LogLine::Event;
using Zone = LineTime::Zone;

LogLine read(std::string_view line) {
  const auto read = read_log_line(line);
  if (!read) ADD_FAILURE() << line << ": " << to_text(read.error());
  return read.value_or(LogLine());
}

std::int64_t seconds_of(int year, unsigned month, unsigned day, int hour, int minute, int second) {
  const std::chrono::sys_days date{std::chrono::year(year) / static_cast<int>(month) / static_cast<int>(day)};
  return date.time_since_epoch().count() * 86'400LL + hour * 3600 + minute * 60 + second;
}

TEST(LogLine, ReadsXinetdsLines) {
  const LogLine start = read("26/11/2@15:04:05: START: ftp pid=7 from=::ffff:192.0.2.1");
  EXPECT_EQ(start.event, Event::start);
  EXPECT_EQ(start.service, "ftp");
  EXPECT_EQ(start.pid, 7);
  EXPECT_EQ(to_text(start.source.value().address), "192.0.2.1");
  EXPECT_EQ(start.time.zone, Zone::local);
  EXPECT_EQ(start.time.seconds, seconds_of(2026, 11, 2, 15, 4, 5));

  const LogLine exit = read("26/11/2@15:04:09: EXIT: ftp status=0 pid=7 duration=4(sec)\r\n");
  EXPECT_EQ(exit.event, Event::exit);
  EXPECT_EQ(exit.pid, 7);
  EXPECT_EQ(exit.duration_ms, 4000);

  const LogLine rate = read("26/11/2@15:04:09: FAIL: ftp connections per second from=2001:db8::7");
  EXPECT_EQ(rate.event, Event::refused);
  EXPECT_EQ(rate.word, "connections per second");
  EXPECT_EQ(to_text(rate.source.value().address), "2001:db8::7");
  EXPECT_EQ(read("FAIL: ftp service_limit").word, "service_limit");
  EXPECT_EQ(read("FAIL: unused address port=23/tcp").word, "address");
  const LogLine unused = read("FAIL: unused address from=192.0.2.1 port=23/tcp");
  EXPECT_EQ(unused.word, "address");
  EXPECT_EQ(to_text(unused.source.value().address), "192.0.2.1");
  EXPECT_EQ(read("FAIL: ftp service_limit").time.zone, Zone::none);
  EXPECT_FALSE(read("START: tftp pid=9 from=<no address>").source);

  const LogLine unnamed = read("26/11/2@15:04:09: NOID: ftp 192.0.2.7 no server");
  EXPECT_EQ(unnamed.event, Event::refused);
  EXPECT_EQ(unnamed.reason, Reason::user);
  EXPECT_EQ(to_text(unnamed.source.value().address), "192.0.2.7");
}

TEST(LogLine, ReadsWhatSyslogPutBefore) {
  const LogLine old = read("Nov  2 15:04:05 host xinetd[1234]: START: ftp pid=7 from=192.0.2.1");
  EXPECT_EQ(old.event, Event::start);
  EXPECT_EQ(old.time.zone, Zone::local_without_year);
  EXPECT_EQ(old.time.seconds, seconds_of(2000, 11, 2, 15, 4, 5));
  const LogLine iso = read("2026-11-02T15:04:05.25+01:00 host reeved[1]: FAIL: ftp address from=192.0.2.1");
  EXPECT_EQ(iso.event, Event::refused);
  EXPECT_EQ(iso.time.zone, Zone::utc);
  EXPECT_EQ(iso.time.seconds, seconds_of(2026, 11, 2, 14, 4, 5));
  EXPECT_EQ(iso.time.nanoseconds, 250'000'000);
  EXPECT_EQ(read("2026-11-02 15:04:05 FAIL: ftp address from=192.0.2.1").time.zone, Zone::local);
}

TEST(LogLine, ReadsWebServers) {
  const LogLine plain = read(R"(192.0.2.7 - - [02/Nov/2026:15:04:05 +0100] "GET /a FAIL: x y HTTP/1.1" 200 12)");
  EXPECT_EQ(plain.event, Event::request);
  EXPECT_EQ(to_text(plain.source.value().address), "192.0.2.7");
  EXPECT_EQ(plain.time.seconds, seconds_of(2026, 11, 2, 14, 4, 5));
  EXPECT_EQ(to_text(read(R"(www:80 2001:db8::1 - joe [02/Nov/2026:15:04:05 -0930] "GET")").source.value().address), "2001:db8::1");
  EXPECT_FALSE(read(R"(crawler.example.net - - [02/Nov/2026:15:04:05 +0100] "GET")").source);
}

TEST(LogLine, ReadsBackWhatRecordsBecome) {
  Record record;
  record.wall = WallTime(std::chrono::milliseconds(1'795'100'645'123));
  record.service = "ftp";
  record.source = Endpoint{*parse_address("192.0.2.1"), 40'000};
  record.pid = 77;
  record.has_status = true;
  record.duration = std::chrono::milliseconds(4321);
  record.rule_file = "/etc/reeve.conf";
  record.where.line = 12;
  const SuccessFields success{.pid = true, .host = true, .exit = true, .duration = true};
  const FailureFields failure{.host = true};

  for (const auto event : {reeve::Event::start, reeve::Event::exit}) {
    record.event = event;
    const std::string json = json_line(record, success, failure).value();
    const LogLine line = read(json);
    EXPECT_EQ(line.event, event == reeve::Event::start ? Event::start : Event::exit);
    EXPECT_EQ(line.service, "ftp");
    EXPECT_EQ(line.source, record.source);
    EXPECT_EQ(line.pid, 77);
    EXPECT_EQ(line.time.seconds, 1'795'100'645);
    EXPECT_EQ(line.time.nanoseconds, 123'000'000);
    EXPECT_EQ(line.duration_ms, event == reeve::Event::exit ? 4321 : -1);
  }
  record.event = reeve::Event::fail;
  for (std::size_t each = 0; each < kReasons; ++each) {
    record.reason = static_cast<Reason>(each);
    const std::string json = json_line(record, success, failure).value();
    EXPECT_EQ(read(json).reason, record.reason) << json;
    EXPECT_EQ(read(json).rule, "/etc/reeve.conf:12");
    const std::string text = xinetd_stamp(record.wall) + ": " + xinetd_line(record, success, failure).value();
    EXPECT_EQ(read(text).event, Event::refused);
    EXPECT_TRUE(may_mean(read(text).word, record.reason)) << text;
  }
  EXPECT_FALSE(may_mean("address", Reason::time));
}

TEST(LogLine, TellsOtherLinesFromGarbage) {
  EXPECT_EQ(read("26/11/2@15:04:05: USERID: ftp UNIX :START: ftp from=192.0.2.9").event, Event::other);
  EXPECT_EQ(read("Nov  2 15:04:05 host kernel: eth0: link up").event, Event::other);
  for (const std::string_view garbage :
       {"", "hello", ":::::", "{}", "{\"event\":\"start\"", "{\"event\":\"fail\",\"service\":\"x\",\"reason\":\"odd\"}",
        "START:", "FAIL:  ", "[02/Nov/2026:15:04:05 +0100]", "{\"event\":\"start\",\"service\":\"x\",\"source\":\"joe\"}",
        "{\"event\":\"start\",\"service\":{\"x\":1}}", "{\"event\":\"start\",\"service\":\"x\"} {"}) {
    EXPECT_FALSE(read_log_line(garbage)) << garbage;
  }
  EXPECT_EQ(read("EXIT: ftp pid=-7 duration=99999999999999999999(sec)").duration_ms, -1);
  EXPECT_EQ(read("EXIT: ftp pid=-7 duration=9223372036854775807(sec)").duration_ms, -1);
  EXPECT_EQ(read("EXIT: ftp pid=-7").pid, 0);
  EXPECT_EQ(read("26/2/30@15:04:05: x START: ftp pid=7").time.zone, Zone::none);
}

TEST(LogLine, SurvivesDamage) {
  std::mt19937 dice(7);
  const std::string seeds[] = {
      R"({"time":"2026-11-22T15:04:05.123Z","event":"exit","service":"ftp","source":"192.0.2.1","pid":7,"duration_ms":5})",
      "26/11/22@15:04:05: START: ftp pid=7 from=192.0.2.1", "Nov 22 15:04:05 host xinetd[1]: EXIT: ftp status=0 pid=7 duration=4(sec)",
      R"(192.0.2.7 - - [22/Nov/2026:15:04:05 +0100] "GET / HTTP/1.1" 200 12)"};
  for (int round = 0; round < 20'000; ++round) {
    std::string line = seeds[dice() % 4];
    for (unsigned change = dice() % 4; change > 0; --change) line[dice() % line.size()] = static_cast<char>(dice());
    line.resize(line.size() - dice() % line.size());
    (void)read_log_line(line);
  }
}

}  // namespace
}  // namespace reeve
