#include "record/record.h"

#include <sys/wait.h>

#include <iterator>
#include <system_error>

#include <fmt/format.h>

#include "base/printable.h"
#include "record/stamp.h"

namespace reeve {
namespace {

constexpr std::uint8_t kUdp = 17;

bool is_wanted(Event event, SuccessFields success, FailureFields failure) noexcept {
  switch (event) {
    case Event::start:
      return success.pid || success.host || success.userid || success.exit || success.duration || success.traffic;
    case Event::exit:
      return success.exit || success.duration || success.traffic;
    case Event::fail:
    case Event::data:
      return failure.host || failure.userid || failure.attempt;
    case Event::userid:
    case Event::noid:
      return success.userid || failure.userid;
    case Event::traffic:
      return success.traffic;
  }
  return false;
}

class Line {
 public:
  Line(std::string_view kind, std::string_view service) {
    text_.reserve(96);
    text_.append(kind).append(": ").append(harmless(service));
  }

  void word(std::string_view word) { text_.append(" ").append(word); }
  void count(std::string_view name, std::uint64_t value, std::string_view unit) {
    const fmt::format_int digits(value);
    text_.append(" ").append(name).append("=").append(digits.data(), digits.size()).append(unit);
  }
  void number(std::string_view name, std::int64_t value, std::string_view unit = {}) {
    const fmt::format_int digits(value);
    text_.append(" ").append(name).append("=").append(digits.data(), digits.size()).append(unit);
  }
  void address(const std::optional<Endpoint>& source) { word(source ? to_text(source->address) : "<no address>"); }
  void from(const std::optional<Endpoint>& source) { text_.append(" from=").append(source ? to_text(source->address) : "<no address>"); }
  [[nodiscard]] std::string take() noexcept { return std::move(text_); }

 private:
  std::string text_;
};

// Members of one JSON object, in the order in which they are put in.
class Members {
 public:
  Members() { text_.reserve(256); }

  void text(std::string_view name, std::string_view value) {
    begin(name);
    text_ += json_string(value);
  }
  void number(std::string_view name, std::int64_t value) {
    begin(name);
    const fmt::format_int digits(value);
    text_.append(digits.data(), digits.size());
  }
  void count(std::string_view name, std::uint64_t value) {
    begin(name);
    const fmt::format_int digits(value);
    text_.append(digits.data(), digits.size());
  }
  void endpoint(std::string_view address, std::string_view port, const std::optional<Endpoint>& endpoint) {
    if (!endpoint) return;
    text(address, to_text(endpoint->address));
    number(port, endpoint->port);
  }
  [[nodiscard]] std::string take() {
    text_ += '}';
    return std::move(text_);
  }

 private:
  void begin(std::string_view name) { text_.append(text_.empty() ? "{\"" : ",\"").append(name).append("\":"); }

  std::string text_;
};

std::string_view name_of(Event event) noexcept {
  switch (event) {
    case Event::start:
      return "start";
    case Event::exit:
      return "exit";
    case Event::fail:
    case Event::noid:
      return "fail";
    case Event::userid:
      return "userid";
    case Event::traffic:
      return "traffic";
    case Event::data:
      return "data";
  }
  return "";
}

void put_end(Members& members, const Record& record) {
  if (record.has_status && WIFEXITED(record.wait_status)) members.number("status", WEXITSTATUS(record.wait_status));
  if (record.has_status && WIFSIGNALED(record.wait_status)) members.number("signal", WTERMSIG(record.wait_status));
  if (record.has_traffic) {
    members.count("bytes_in", record.bytes_in);
    members.count("bytes_out", record.bytes_out);
  }
  members.number("duration_ms", std::chrono::floor<std::chrono::milliseconds>(record.duration).count());
  if (!record.has_status || record.has_traffic) return;
  members.count("cpu_us", record.cpu_us);
  members.count("max_rss_kb", record.max_rss_kb);
}

void put_failure(Members& members, const Record& record) {
  members.text("reason", to_text(record.reason));
  if (record.where.line != 0) members.text("rule", fmt::format("{}:{}", record.rule_file, record.where.line));
  if (record.sys_errno == 0) return;
  members.number("errno", record.sys_errno);
  members.text("error", std::generic_category().message(record.sys_errno));
}

}  // namespace

std::optional<std::string> xinetd_line(const Record& record, SuccessFields success, FailureFields failure) {
  if (!is_wanted(record.event, success, failure)) return std::nullopt;
  switch (record.event) {
    case Event::start: {
      Line line("START", record.service);
      if (success.pid) line.number("pid", record.pid);
      if (success.host) line.from(record.source);
      return line.take();
    }
    case Event::exit: {
      Line line("EXIT", record.service);
      if (success.exit && record.has_status) {
        if (WIFEXITED(record.wait_status)) line.number("status", WEXITSTATUS(record.wait_status));
        if (WIFSIGNALED(record.wait_status)) line.number("signal", WTERMSIG(record.wait_status));
      }
      if (success.pid) line.number("pid", record.pid);
      if (success.duration) line.number("duration", std::chrono::floor<std::chrono::seconds>(record.duration).count(), "(sec)");
      return line.take();
    }
    case Event::fail: {
      Line line("FAIL", record.service);
      line.word(fail_word(record.reason));
      if (failure.host) line.from(record.source);
      if (record.protocol != 0 && record.local) line.number("port", record.local->port, record.protocol == kUdp ? "/udp" : "/tcp");
      return line.take();
    }
    case Event::userid: {
      Line line("USERID", record.service);
      line.word(harmless(record.answer));
      return line.take();
    }
    case Event::noid: {
      Line line("NOID", record.service);
      line.address(record.source);
      line.word(harmless(record.answer));
      return line.take();
    }
    case Event::traffic: {
      Line line("TRAFFIC", record.service);
      line.count("in", record.bytes_in, "(bytes)");
      line.count("out", record.bytes_out, "(bytes)");
      return line.take();
    }
    case Event::data: {
      Line line("DATA", record.service);
      if (failure.host) line.from(record.source);
      line.count("bytes", record.bytes_in, {});
      line.word(escaped(record.data.substr(0, kMostShown)));
      return line.take();
    }
  }
  return std::nullopt;
}

std::optional<std::string> json_line(const Record& record, SuccessFields success, FailureFields failure) {
  if (record.event == Event::traffic || !is_wanted(record.event, success, failure)) return std::nullopt;  // exit has it
  Members members;
  members.text("time", json_stamp(record.wall));
  members.text("event", name_of(record.event));
  members.text("service", record.service);
  members.endpoint("source", "source_port", record.source);
  members.endpoint("local", "local_port", record.local);
  if (record.protocol != 0) members.text("protocol", record.protocol == kUdp ? "udp" : "tcp");
  members.number("pid", record.pid);
  if (record.event == Event::exit) put_end(members, record);
  if (record.event == Event::fail || record.event == Event::noid) put_failure(members, record);
  if (record.event == Event::userid) {
    members.text("user", record.user);
    members.text("ident", record.answer);
  }
  if (record.event == Event::data) {
    members.count("bytes_in", record.bytes_in);
    members.text("data", escaped(record.data));
  }
  if (record.event == Event::noid) members.text("ident_error", record.answer);
  return members.take();
}

std::string escaped(std::string_view data) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string text;
  text.reserve(data.size() + data.size() / 4);
  for (const char each : data) {
    const auto byte = static_cast<unsigned char>(each);
    if (each == '\\') {
      text += "\\\\";
    } else if (byte >= 0x20 && byte < 0x7f) {
      text += each;
    } else if (each == '\r' || each == '\n' || each == '\t') {
      text += each == '\r' ? "\\r" : each == '\n' ? "\\n" : "\\t";
    } else {
      text += "\\x";
      text += kHex[byte >> 4];
      text += kHex[byte & 0xf];
    }
  }
  return text;
}

std::string harmless(std::string_view text, std::size_t most) {
  return printable(text, most);
}

}  // namespace reeve
