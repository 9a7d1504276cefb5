// Record: one thing that happened to one connection. Every log line, counter and answer is made from
// records and from nothing else.
//
// Formats: xinetd_line gives xinetd's exact text behind the stamp ("START: ftp pid=7 from=192.0.2.1"),
// json_line one JSON object. A record is pure data; names and texts of strangers are made harmless when
// it is formatted (control characters replaced), so nobody can forge a line.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/address.h"
#include "base/time.h"
#include "config/service.h"
#include "policy/decide.h"

namespace reeve {

// userid: who uses the client's end, as its machine says. noid: a refusal, because it did not say (IDONLY).
// data: what a sensor's client said (sensor_reply = record).
enum class Event : std::uint8_t { start, exit, fail, userid, noid, traffic, data };

struct Record {
  Event event = Event::start;
  WallTime wall;
  std::string_view service;        // id
  std::optional<Endpoint> source;  // not known for wait = yes streams
  std::optional<Endpoint> local;
  std::uint8_t protocol = 0;  // of local: the port is said with it (sensors of unused ports); 0: not said
  std::int32_t pid = 0;       // 0: served without a process
  // exit
  bool has_status = false;  // false: built-in, no process to have a status
  int wait_status = 0;      // as waitpid(2) gives it
  std::chrono::nanoseconds duration{};
  std::uint64_t cpu_us = 0, max_rss_kb = 0;
  // exit of a relay, traffic
  bool has_traffic = false;
  std::uint64_t bytes_in = 0, bytes_out = 0;  // from the client, to the client
  // data: the first of `bytes_in`
  std::string_view data;
  // fail
  Reason reason = Reason::address;
  Where where;                 // the rule that decided
  std::string_view rule_file;  // path of where.file
  int sys_errno = 0;           // fork, exec
  // userid, noid
  std::string_view answer;  // userid: "UNIX : joe"; noid: why there is none
  std::string_view user;    // userid: "joe"
};

constexpr std::size_t kMostShown = 512;

// The line without stamp, or nullopt when the service's log_on_success / log_on_failure ask for none.
// TRAFFIC, for what was relayed, is xinetd's line of its own.
// START with any success field set; EXIT only with EXIT or DURATION (or TRAFFIC); FAIL with any failure
// field set; USERID and NOID with USERID set. Field order as xinetd's: START pid= from=, EXIT status=|signal= pid=
// duration=N(sec), FAIL reason from= (port=N/tcp: ours), USERID answer, NOID address reason; reeve's own DATA from= bytes= and the first
// kMostShown of them, escaped.
[[nodiscard]] std::optional<std::string> xinetd_line(const Record& record, SuccessFields success, FailureFields failure);
// One JSON object without newline: always complete, the fields of log_on_* decide only whether there is
// a line at all.
[[nodiscard]] std::optional<std::string> json_line(const Record& record, SuccessFields success, FailureFields failure);

// What a stranger sent, as text that can be turned back: printable ASCII as it is, a backslash twice, all else as \r, \n, \t
// or two hexadecimal digits behind \x.
[[nodiscard]] std::string escaped(std::string_view data);

// Replaces control characters and bytes that are not UTF-8 by '?' and cuts at `most` bytes.
[[nodiscard]] std::string harmless(std::string_view text, std::size_t most = 1000);

}  // namespace reeve
