#include "record/log_line.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <limits>

#include "record/line_time.h"

namespace reeve {
namespace {

using Read = std::expected<LogLine, LineTrouble>;

// Up to the first blank; takes it and the blanks behind it off.
std::string_view take_word(std::string_view& text) noexcept {
  const std::size_t end = std::min(text.find(' '), text.size());
  const std::string_view word = text.substr(0, end);
  text.remove_prefix(end);
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  return word;
}

// A whole number that may be followed by a unit; nullopt for what is none or is out of range.
template <class Number>
std::optional<Number> number_in(std::string_view text) noexcept {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end == text.data()) return std::nullopt;
  return number;
}

std::optional<Address> source_in(std::string_view text) noexcept {
  if (text == "local") return Address::local(Address::kUnknownUser);
  if (text.starts_with("uid:")) return Address::local(number_in<std::uint32_t>(text.substr(4)).value_or(Address::kUnknownUser));
  return parse_address(text);
}

// ---------------------------------------------------------------- JSON records

// The members of a flat object, one after the other.
class Members {
 public:
  explicit Members(std::string_view text) noexcept : rest_(text) {
    skip_blanks();
    if (!take('{')) broken_ = true;
  }

  // False at the end, and when it is broken.
  bool next() noexcept {
    skip_blanks();
    if (broken_ || done_) return false;
    if (take('}')) return finish();
    if (!first_ && !take(',')) return fail();
    first_ = false;
    skip_blanks();
    if (!string(name)) return fail();
    skip_blanks();
    if (!take(':')) return fail();
    skip_blanks();
    const bool is_text = !rest_.empty() && rest_.front() == '"';
    if (is_text ? string(value) : bare(value)) return true;
    return fail();
  }
  [[nodiscard]] bool is_whole() const noexcept { return done_ && !broken_; }

  std::string_view name, value;

 private:
  void skip_blanks() noexcept {
    while (!rest_.empty() && (rest_.front() == ' ' || rest_.front() == '\t')) rest_.remove_prefix(1);
  }
  bool take(char wanted) noexcept {
    if (rest_.empty() || rest_.front() != wanted) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool fail() noexcept {
    broken_ = true;
    return false;
  }
  bool finish() noexcept {
    done_ = true;
    skip_blanks();
    if (!rest_.empty() && rest_ != "\r") broken_ = true;
    return false;
  }
  // As it stands between its quotes: escapes are left alone.
  bool string(std::string_view& out) noexcept {
    if (!take('"')) return false;
    for (std::size_t i = 0; i < rest_.size(); ++i) {
      if (rest_[i] == '\\') {
        ++i;
      } else if (rest_[i] == '"') {
        out = rest_.substr(0, i);
        rest_.remove_prefix(i + 1);
        return true;
      }
    }
    return false;
  }
  // A number, true, false or null. A record has nothing that is nested.
  bool bare(std::string_view& out) noexcept {
    const std::size_t end = rest_.find_first_of(",}");
    if (end == std::string_view::npos || end == 0) return false;
    out = rest_.substr(0, end);
    if (out.find_first_of("{[\"") != std::string_view::npos) return false;
    rest_.remove_prefix(end);
    return true;
  }

  std::string_view rest_;
  bool first_ = true, done_ = false, broken_ = false;
};

Read read_record(std::string_view text) noexcept {
  LogLine line;
  std::string_view event, time;
  std::optional<Address> source;
  std::uint16_t port = 0;
  Members members(text);
  while (members.next()) {
    const std::string_view name = members.name, value = members.value;
    if (name == "time") {
      time = value;
    } else if (name == "event") {
      event = value;
    } else if (name == "service") {
      line.service = value;
    } else if (name == "source") {
      source = source_in(value);
      if (!source) return std::unexpected(LineTrouble::broken_record);
    } else if (name == "source_port") {
      port = number_in<std::uint16_t>(value).value_or(0);
    } else if (name == "pid") {
      line.pid = number_in<std::int32_t>(value).value_or(0);
    } else if (name == "duration_ms") {
      line.duration_ms = number_in<std::int64_t>(value).value_or(-1);
    } else if (name == "reason") {
      line.reason = reason_of(value);
    } else if (name == "rule") {
      line.rule = value;
    }
  }
  if (!members.is_whole()) return std::unexpected(LineTrouble::broken_record);
  if (event == "start") {
    line.event = LogLine::Event::start;
  } else if (event == "exit") {
    line.event = LogLine::Event::exit;
  } else if (event == "fail") {
    line.event = LogLine::Event::refused;
    if (!line.reason) return std::unexpected(LineTrouble::broken_record);
  } else if (event.empty()) {
    return std::unexpected(LineTrouble::broken_record);
  }
  if (line.service.empty()) return std::unexpected(LineTrouble::no_service);
  if (const auto stamp = take_iso_stamp(time)) line.time = *stamp;
  if (source) line.source = Endpoint{*source, port};
  if (line.duration_ms < 0) line.duration_ms = -1;
  if (line.pid < 0) line.pid = 0;
  return line;
}

// ---------------------------------------------------------------- xinetd's lines

std::optional<LogLine::Event> event_of(std::string_view word) noexcept {
  using Event = LogLine::Event;
  if (word == "START") return Event::start;
  if (word == "EXIT") return Event::exit;
  if (word == "FAIL" || word == "NOID") return Event::refused;
  if (word == "USERID" || word == "TRAFFIC" || word == "DATA" || word == "SUCCESS") return Event::other;
  return std::nullopt;
}

// Finds the first "EVENT: " and leaves what is behind it. A stranger's texts stand behind, never before.
std::optional<LogLine::Event> take_event(std::string_view& text, std::string_view& word) noexcept {
  for (std::size_t colon = text.find(':'); colon != std::string_view::npos; colon = text.find(':', colon + 1)) {
    // Looking no further back than a word goes keeps lines of nothing but colons cheap.
    constexpr std::size_t kLongest = 8;
    const std::size_t begin = colon > kLongest ? colon - kLongest : 0;
    word = text.substr(begin, colon - begin);
    const std::size_t blank = word.rfind(' ');
    if (blank == std::string_view::npos && begin != 0) continue;
    word.remove_prefix(blank == std::string_view::npos ? 0 : blank + 1);
    const auto event = event_of(word);
    if (!event) continue;
    text.remove_prefix(colon + 1);
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    return event;
  }
  return std::nullopt;
}

// "pid=7", "from=192.0.2.1", "duration=4(sec)", ...
void read_field(std::string_view field, LogLine& line) noexcept {
  const std::size_t equals = field.find('=');
  if (equals == std::string_view::npos) return;
  const std::string_view name = field.substr(0, equals), value = field.substr(equals + 1);
  if (name == "pid") {
    line.pid = number_in<std::int32_t>(value).value_or(0);
    if (line.pid < 0) line.pid = 0;
  } else if (name == "from") {
    if (const auto address = source_in(value)) line.source = Endpoint{*address, 0};
  } else if (name == "duration") {
    constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max() / 1'000'000'000;
    const auto seconds = number_in<std::int64_t>(value);
    if (seconds && *seconds >= 0 && *seconds < kMost) line.duration_ms = *seconds * 1000;
  }
}

Read read_event(LogLine line, std::string_view name, std::string_view rest) noexcept {
  while (!rest.empty() && (rest.back() == '\r' || rest.back() == ' ')) rest.remove_suffix(1);
  line.service = take_word(rest);
  if (line.service.empty()) return std::unexpected(LineTrouble::no_service);
  if (name == "NOID") {
    line.reason = Reason::user;
    line.word = "address";
    if (const auto address = source_in(take_word(rest))) line.source = Endpoint{*address, 0};
    return line;
  }
  if (line.event == LogLine::Event::refused) {
    const std::size_t from = std::min(rest.find("from="), rest.find(" port="));
    line.word = rest.substr(0, from);
    while (!line.word.empty() && line.word.back() == ' ') line.word.remove_suffix(1);
    if (from == std::string_view::npos) return line;
    rest.remove_prefix(from);
    read_field(take_word(rest), line);
    return line;
  }
  if (line.event == LogLine::Event::other) return line;
  while (!rest.empty()) read_field(take_word(rest), line);
  return line;
}

// ---------------------------------------------------------------- web servers

// "192.0.2.7 - joe [22/Nov/2026:15:04:05 +0100] ..."; a virtual host's name may come first.
std::optional<LogLine> read_request(std::string_view text) noexcept {
  const std::size_t bracket = text.find(" [");
  if (bracket == std::string_view::npos || text.size() < bracket + 6 || text[bracket + 4] != '/') return std::nullopt;
  std::string_view stamp = text.substr(bracket + 2), before = text.substr(0, bracket);
  const auto time = take_common_stamp(stamp);
  if (!time || !stamp.starts_with(']')) return std::nullopt;
  const std::string_view first = take_word(before), second = take_word(before);
  auto address = parse_address(first);
  if (!address) address = parse_address(second);
  LogLine line{.event = LogLine::Event::request, .time = *time};
  if (address) line.source = Endpoint{*address, 0};
  return line;
}

}  // namespace

std::string_view to_text(LineTrouble trouble) noexcept {
  switch (trouble) {
    case LineTrouble::nothing_known:
      return "in none of the forms that are known";
    case LineTrouble::broken_record:
      return "JSON, but no record of a visit";
    case LineTrouble::no_service:
      return "it names no service";
  }
  return "";
}

Read read_log_line(std::string_view line) noexcept {
  if (!line.empty() && line.back() == '\n') line.remove_suffix(1);
  const std::size_t begin = line.find_first_not_of(" \t");
  if (begin != std::string_view::npos && line[begin] == '{') return read_record(line.substr(begin));
  if (const auto request = read_request(line)) return *request;

  LogLine read;
  std::string_view rest = line;
  auto stamp = take_xinetd_stamp(rest);
  if (!stamp) stamp = take_syslog_stamp(rest);
  if (!stamp) stamp = take_iso_stamp(rest);
  if (stamp) read.time = *stamp;
  std::string_view name;
  const auto event = take_event(rest, name);
  if (!event) {
    if (stamp) return read;
    return std::unexpected(LineTrouble::nothing_known);
  }
  read.event = *event;
  return read_event(read, name, rest);
}

bool may_mean(std::string_view word, Reason reason) noexcept {
  return word == fail_word(reason);
}

}  // namespace reeve
