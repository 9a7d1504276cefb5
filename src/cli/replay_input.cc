#include "cli/replay_input.h"

#include <chrono>
#include <set>
#include <utility>

#include "base/printable.h"

namespace reeve {
namespace {

constexpr std::size_t kMostText = 120;

// When clocks go back in autumn, an hour of local stamps comes twice. Time does not: the second one is an hour later.
WallTime straightened(WallTime wall, WallTime last, LineTime::Zone zone) noexcept {
  constexpr std::chrono::minutes kTolerance{20};
  constexpr std::chrono::hours kHour{1};
  const bool is_local = zone == LineTime::Zone::local || zone == LineTime::Zone::local_without_year;
  if (!is_local || last == WallTime::min() || wall + kTolerance >= last) return wall;
  return wall + kHour + kTolerance >= last ? wall + kHour : wall;
}

}  // namespace

std::vector<std::string> services_that_end(const std::function<std::optional<std::string_view>()>& next, std::size_t most) {
  std::set<std::string, std::less<>> services;
  for (std::size_t each = 0; each < most; ++each) {
    const auto text = next();
    if (!text) break;
    const auto line = read_log_line(*text);
    if (line && line->event == LogLine::Event::exit && !services.contains(line->service)) services.emplace(line->service);
  }
  return {services.begin(), services.end()};
}

ReplayInput::ReplayInput(std::vector<LogSource> logs, LogCalendar& calendar) : calendar_(calendar) {
  cursors_.reserve(logs.size());
  for (LogSource& log : logs) cursors_.push_back({.log = std::move(log)});
  for (Cursor& cursor : cursors_) advance(cursor);
}

void ReplayInput::note(const Cursor& cursor, std::string_view why, std::string_view text) {
  ++counts_.unreadable;
  if (counts_.shown.size() >= kMostShown) return;
  counts_.shown.push_back(
      {.log = cursor.log.name, .line = cursor.line, .why = std::string(why), .text = printable(text.substr(0, 4 * kMostText), kMostText)});
}

void ReplayInput::advance(Cursor& cursor) {
  cursor.event.reset();
  while (const auto text = cursor.log.next()) {
    ++cursor.line;
    ++counts_.lines;
    const auto line = read_log_line(*text);
    if (!line) {
      note(cursor, to_text(line.error()), *text);
      continue;
    }
    if (line->event == LogLine::Event::other) {
      ++counts_.other;
      continue;
    }
    const auto wall = calendar_.wall_of(line->time);
    if (!wall) {
      note(cursor, "it has no time", *text);
      continue;
    }
    cursor.event = Event{*line, straightened(*wall, cursor.last, line->time.zone)};
    cursor.last = cursor.event->wall;
    return;
  }
}

const ReplayInput::Event* ReplayInput::next() {
  if (given_ != nullptr) advance(*given_);
  given_ = nullptr;
  for (Cursor& cursor : cursors_) {
    if (cursor.event && (given_ == nullptr || cursor.event->wall < given_->event->wall)) given_ = &cursor;
  }
  return given_ == nullptr ? nullptr : &*given_->event;
}

}  // namespace reeve
