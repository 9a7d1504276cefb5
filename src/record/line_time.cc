#include "record/line_time.h"

#include <array>
#include <chrono>
#include <cstddef>

namespace reeve {
namespace {

constexpr int kYearOfNone = 2000;  // a leap year: it has every day

// Takes what is expected from the front of a text; once something else stood there, nothing more.
class Taker {
 public:
  explicit Taker(std::string_view text) noexcept : rest_(text) {}

  // Between `least` and `most` digits.
  int number(std::size_t least, std::size_t most) noexcept {
    int value = 0;
    std::size_t count = 0;
    for (; count < most && count < rest_.size() && rest_[count] >= '0' && rest_[count] <= '9'; ++count) {
      value = value * 10 + (rest_[count] - '0');
    }
    if (count < least) good_ = false;
    rest_.remove_prefix(count);
    return value;
  }
  void sign(char wanted) noexcept {
    if (!may(wanted)) good_ = false;
  }
  bool may(char wanted) noexcept {
    if (!good_ || rest_.empty() || rest_.front() != wanted) return false;
    rest_.remove_prefix(1);
    return true;
  }
  // 1 .. 12
  unsigned month() noexcept {
    static constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                              "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    for (unsigned each = 0; each < kMonths.size(); ++each) {
      if (!rest_.starts_with(kMonths[each])) continue;
      rest_.remove_prefix(kMonths[each].size());
      return each + 1;
    }
    good_ = false;
    return 1;
  }
  // "15:04:05"
  int clock() noexcept {
    const int hour = number(2, 2);
    sign(':');
    const int minute = number(2, 2);
    sign(':');
    const int second = number(2, 2);
    if (hour > 23 || minute > 59 || second > 60) good_ = false;
    return hour * 3600 + minute * 60 + second;
  }
  // ".123456789", as nanoseconds; 0 where there is none.
  int fraction() noexcept {
    if (!may('.') && !may(',')) return 0;
    int value = 0, digits = 0;
    for (; !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9'; rest_.remove_prefix(1)) {
      if (digits == 9) continue;
      value = value * 10 + (rest_.front() - '0');
      ++digits;
    }
    if (digits == 0) good_ = false;
    for (; digits < 9; ++digits) value *= 10;
    return value;
  }
  // "+0100", "+01:00": seconds east.
  int offset() noexcept {
    const bool west = !rest_.empty() && rest_.front() == '-';
    if (!may('+')) sign('-');
    const int hours = number(2, 2);
    may(':');
    const int minutes = number(2, 2);
    if (hours > 23 || minutes > 59) good_ = false;
    const int seconds = hours * 3600 + minutes * 60;
    return west ? -seconds : seconds;
  }
  [[nodiscard]] bool next_is_offset() const noexcept { return !rest_.empty() && (rest_.front() == '+' || rest_.front() == '-'); }
  [[nodiscard]] bool good() const noexcept { return good_; }
  [[nodiscard]] std::string_view rest() const noexcept { return rest_; }

 private:
  std::string_view rest_;
  bool good_ = true;
};

std::optional<LineTime> finish(const Taker& taker, std::string_view& text, LineTime::Zone zone, int year, unsigned month, unsigned day,
                               std::int64_t seconds, int nanoseconds) noexcept {
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month), std::chrono::day(day)};
  if (!taker.good() || !date.ok()) return std::nullopt;
  text = taker.rest();
  const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  return LineTime{.zone = zone, .seconds = days * 86'400 + seconds, .nanoseconds = nanoseconds};
}

}  // namespace

std::optional<LineTime> take_xinetd_stamp(std::string_view& text) noexcept {
  Taker taker(text);
  const int year = 2000 + taker.number(2, 2);
  taker.sign('/');
  const auto month = static_cast<unsigned>(taker.number(1, 2));
  taker.sign('/');
  const auto day = static_cast<unsigned>(taker.number(1, 2));
  taker.sign('@');
  const int seconds = taker.clock();
  return finish(taker, text, LineTime::Zone::local, year, month, day, seconds, 0);
}

std::optional<LineTime> take_syslog_stamp(std::string_view& text) noexcept {
  Taker taker(text);
  const unsigned month = taker.month();
  taker.sign(' ');
  taker.may(' ');
  const auto day = static_cast<unsigned>(taker.number(1, 2));
  taker.sign(' ');
  const int seconds = taker.clock();
  return finish(taker, text, LineTime::Zone::local_without_year, kYearOfNone, month, day, seconds, 0);
}

std::optional<LineTime> take_iso_stamp(std::string_view& text) noexcept {
  Taker taker(text);
  const int year = taker.number(4, 4);
  taker.sign('-');
  const auto month = static_cast<unsigned>(taker.number(2, 2));
  taker.sign('-');
  const auto day = static_cast<unsigned>(taker.number(2, 2));
  if (!taker.may('T')) taker.sign(' ');
  int seconds = taker.clock();
  const int nanoseconds = taker.fraction();
  auto zone = LineTime::Zone::local;
  if (taker.may('Z')) {
    zone = LineTime::Zone::utc;
  } else if (taker.next_is_offset()) {
    zone = LineTime::Zone::utc;
    seconds -= taker.offset();
  }
  return finish(taker, text, zone, year, month, day, seconds, nanoseconds);
}

std::optional<LineTime> take_common_stamp(std::string_view& text) noexcept {
  Taker taker(text);
  const auto day = static_cast<unsigned>(taker.number(2, 2));
  taker.sign('/');
  const unsigned month = taker.month();
  taker.sign('/');
  const int year = taker.number(4, 4);
  taker.sign(':');
  int seconds = taker.clock();
  taker.sign(' ');
  seconds -= taker.offset();
  return finish(taker, text, LineTime::Zone::utc, year, month, day, seconds, 0);
}

}  // namespace reeve
