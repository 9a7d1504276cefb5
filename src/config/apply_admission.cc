// Who may come in, when, how many and how fast.
#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "base/printable.h"
#include "config/address_forms.h"
#include "config/apply.h"
#include "config/values.h"

namespace reeve::apply_attribute {
namespace {

// The entries that one word of an address list stands for; empty after it was refused.
std::vector<AccessEntry> read_address(Desk& desk, Draft& draft, const Assignment& assignment, const Word& word) {
  Result<AddressForm> form = parse_address_form(word.text);
  if (!form) {
    desk.refuse(draft, word.where, fmt::format("{}: `{}`: {}", assignment.name.text, printable(word.text, 60), form.error().what));
    return {};
  }
  std::vector<AccessEntry> entries;
  for (const Prefix& prefix : form->prefixes) entries.push_back({.prefix = prefix, .where = word.where});
  if (!form->is_name) return entries;
  if (const auto network = desk.names.names().find_network(std::string(word.text))) {
    return {AccessEntry{.prefix = wildcard_prefix(*network), .where = word.where}};
  }
  return {AccessEntry{.prefix = {}, .name = desk.store.intern(word.text), .where = word.where}};
}

bool same_entry(const AccessEntry& a, const AccessEntry& b) noexcept {
  if (a.name.empty() != b.name.empty()) return false;
  return a.name.empty() ? a.prefix == b.prefix : equal_ignoring_case(a.name, b.name);
}

void change_access(Desk& desk, Draft& draft, const Assignment& assignment, ListDraft<AccessEntry> Draft::*list) {
  ListDraft<AccessEntry>& mine = draft.*list;
  const ListDraft<AccessEntry>* theirs = draft.is_defaults() ? nullptr : &(draft.defaults->*list);
  const bool is_there = mine.own || (theirs != nullptr && theirs->own);
  if (assignment.op == Operator::remove && !is_there) {
    desk.report.warning(assignment.name.where, fmt::format("{}: there is no list to remove from", assignment.name.text));
    return;
  }
  begin_change(draft, mine, theirs, assignment);
  for (const Word& word : assignment.values) {
    for (AccessEntry& entry : read_address(desk, draft, assignment, word)) {
      if (assignment.op == Operator::remove) {
        std::erase_if(mine.items, [&](const AccessEntry& one) { return same_entry(one, entry); });
      } else {
        mine.items.push_back(entry);
      }
    }
  }
}

// "H:MM" up to and including 24:00.
std::optional<unsigned> parse_time(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto part = [](std::string_view digits, unsigned most) -> std::optional<unsigned> {
    if (digits.empty() || digits.size() > 2 || !std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; }))
      return std::nullopt;
    unsigned value = 0;
    for (const char c : digits) value = value * 10 + static_cast<unsigned>(c - '0');
    return value <= most ? std::optional(value) : std::nullopt;
  };
  const std::optional<unsigned> hours = part(text.substr(0, colon), 24);
  const std::optional<unsigned> minutes = part(text.substr(colon + 1), 59);
  if (!hours || !minutes || *hours * 60 + *minutes > 1440) return std::nullopt;
  return *hours * 60 + *minutes;
}

// "Mon-Fri", "Sat,Sun", "Fri-Mon": bit 0 is Sunday.
std::optional<std::uint8_t> parse_weekdays(std::string_view text) {
  static constexpr auto kDays = std::to_array<std::string_view>({"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"});
  const auto day = [](std::string_view name) -> std::optional<unsigned> {
    for (unsigned i = 0; i < kDays.size(); ++i) {
      if (equal_ignoring_case(name, kDays[i])) return i;
    }
    return std::nullopt;
  };
  unsigned mask = 0;
  for (;;) {
    const std::size_t comma = std::min(text.find(','), text.size());
    const std::string_view item = text.substr(0, comma);
    const std::size_t dash = item.find('-');
    const std::optional<unsigned> first = day(item.substr(0, dash));
    const std::optional<unsigned> last = dash == std::string_view::npos ? first : day(item.substr(dash + 1));
    if (!first || !last) return std::nullopt;
    for (unsigned i = *first;; i = (i + 1) % 7) {
      mask |= 1U << i;
      if (i == *last) break;
    }
    if (comma == text.size()) return static_cast<std::uint8_t>(mask);
    text.remove_prefix(comma + 1);
  }
}

std::optional<TimeSpan> parse_time_span(std::string_view text) {
  TimeSpan span;
  const std::size_t slash = text.find('/');
  if (slash != std::string_view::npos) {
    const std::optional<std::uint8_t> days = parse_weekdays(text.substr(0, slash));
    if (!days) return std::nullopt;
    span.weekdays = *days;
    text.remove_prefix(slash + 1);
  }
  const std::size_t dash = text.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const std::optional<unsigned> from = parse_time(text.substr(0, dash));
  const std::optional<unsigned> to = parse_time(text.substr(dash + 1));
  // The same time twice could mean a minute or a day: refused, as xinetd does.
  if (!from || !to || *from == 1440 || *from == *to) return std::nullopt;
  span.from = static_cast<std::uint16_t>(*from);
  span.to = static_cast<std::uint16_t>(*to);
  return span;
}

constexpr std::int64_t kMostInstances = INT32_MAX;

// A number or UNLIMITED.
std::optional<std::uint32_t> read_limit(Desk& desk, Draft& draft, const Assignment& assignment) {
  const Word& word = value_of(assignment);
  if (is_unlimited(word.text)) return kUnlimited;
  const std::optional<std::int64_t> value = parse_integer(word.text);
  if (value && *value >= 0 && *value <= kMostInstances) return static_cast<std::uint32_t>(*value);
  desk.refuse(draft, word.where, fmt::format("{}: `{}` is neither a number nor UNLIMITED", assignment.name.text, printable(word.text, 60)));
  return std::nullopt;
}

}  // namespace

void only_from(Desk& desk, Draft& draft, const Assignment& assignment) {
  change_access(desk, draft, assignment, &Draft::only_from);
}

void no_access(Desk& desk, Draft& draft, const Assignment& assignment) {
  change_access(desk, draft, assignment, &Draft::no_access);
}

void access_times(Desk& desk, Draft& draft, const Assignment& assignment) {
  begin_change<TimeSpan>(draft, draft.access_times, nullptr, assignment);
  for (const Word& word : assignment.values) {
    if (const std::optional<TimeSpan> span = parse_time_span(word.text)) {
      draft.access_times.items.push_back(*span);
    } else {
      desk.refuse(draft, word.where, fmt::format("access_times: `{}` is not a span of time", printable(word.text, 60)),
                  "as in 9:00-17:30 or Mon-Fri/9:00-24:00");
    }
  }
}

void instances(Desk& desk, Draft& draft, const Assignment& assignment) {
  if (const auto limit = read_limit(desk, draft, assignment)) draft.service.instances = *limit;
}

void per_source(Desk& desk, Draft& draft, const Assignment& assignment) {
  draft.service.per_source_given = true;
  if (const auto limit = read_limit(desk, draft, assignment)) draft.service.per_source = *limit;
}

// "100/m", "20/10s".
void rate_per_source(Desk& desk, Draft& draft, const Assignment& assignment) {
  static constexpr std::int64_t kMostVisits = 1'000'000, kDay = 86'400;
  const Word& word = value_of(assignment);
  if (is_unlimited(word.text)) {
    draft.service.source_rate = 0;
    return;
  }
  const std::size_t slash = std::min(word.text.find('/'), word.text.size());
  const auto visits = parse_integer(word.text.substr(0, slash));
  std::string_view interval = word.text.substr(std::min(slash + 1, word.text.size()));
  const char unit = interval.empty() ? '\0' : lower(interval.back());
  if (!interval.empty()) interval.remove_suffix(1);
  const std::int64_t scale = unit == 's' ? 1 : unit == 'm' ? 60 : unit == 'h' ? 3600 : 0;
  const auto count = interval.empty() ? std::optional<std::int64_t>(1) : parse_integer(interval);
  const bool is_valid = visits && *visits >= 1 && *visits <= kMostVisits && scale != 0 && count && *count >= 1 && *count <= kDay / scale;
  if (!is_valid) {
    return desk.refuse(draft, word.where, fmt::format("rate_per_source: `{}` is no number of visits in a time", printable(word.text, 60)),
                       "as in 100/m, 20/10s or 500/h; a day at most, UNLIMITED for no limit");
  }
  draft.service.source_rate = static_cast<std::uint32_t>(*visits);
  draft.service.source_rate_seconds = static_cast<std::uint32_t>(*count * scale);
}

void cps(Desk& desk, Draft& draft, const Assignment& assignment) {
  const auto rate = read_number(desk, draft, assignment, assignment.values[0], 0, INT32_MAX);
  const auto seconds = read_number(desk, draft, assignment, assignment.values[1], 0, INT32_MAX);
  if (!rate || !seconds) return;
  draft.service.cps_rate = static_cast<std::uint32_t>(*rate);
  draft.service.cps_wait_seconds = static_cast<std::uint32_t>(*seconds);
}

void cps_action(Desk& desk, Draft& draft, const Assignment& assignment) {
  static constexpr auto kWords = std::to_array<std::string_view>({"automatic", "shed", "close"});
  for (std::size_t i = 0; i < kWords.size(); ++i) {
    if (!equal_ignoring_case(value_of(assignment).text, kWords[i])) continue;
    draft.service.cps_action = static_cast<CpsAction>(i);
    return;
  }
  refuse_word(desk, draft, assignment, value_of(assignment), kWords);
}
static_assert(static_cast<int>(CpsAction::automatic) == 0 && static_cast<int>(CpsAction::close) == 2);

void max_load(Desk& desk, Draft& draft, const Assignment& assignment) {
  const Word& word = value_of(assignment);
  const std::optional<float> load = parse_decimal(word.text);
  if (!load || *load <= 0) {
    return desk.refuse(draft, word.where, fmt::format("max_load: `{}` is not a load above 0", printable(word.text, 60)), "as in 2.5");
  }
  draft.service.max_load = *load;
}

// "cpu:50 memory:10 io:80", each at most once; what is not named is not looked at.
void max_pressure(Desk& desk, Draft& draft, const Assignment& assignment) {
  Pressure pressure;
  for (const Word& word : assignment.values) {
    const std::size_t colon = std::min(word.text.find(':'), word.text.size());
    const std::string_view resource = word.text.substr(0, colon);
    float* const bound = equal_ignoring_case(resource, "cpu")      ? &pressure.cpu
                         : equal_ignoring_case(resource, "memory") ? &pressure.memory
                         : equal_ignoring_case(resource, "io")     ? &pressure.io
                                                                   : nullptr;
    const auto percent = parse_decimal(word.text.substr(std::min(colon + 1, word.text.size())));
    if (bound == nullptr || *bound > 0 || !percent || *percent <= 0 || *percent > 100) {
      return desk.refuse(draft, word.where, fmt::format("max_pressure: `{}` is no share of stalled time", printable(word.text, 60)),
                         "cpu, memory and io with a percentage above 0, as in cpu:60 memory:10");
    }
    *bound = *percent;
  }
  draft.max_pressure = pressure;
}

void deny_time(Desk& desk, Draft& draft, const Assignment& assignment) {
  const Word& word = value_of(assignment);
  if (equal_ignoring_case(word.text, "forever")) {
    draft.service.deny_minutes = kDenyForever;
  } else if (equal_ignoring_case(word.text, "never")) {
    draft.service.deny_minutes = 0;
  } else if (const std::optional<std::int64_t> minutes = parse_integer(word.text); minutes && *minutes >= 0 && *minutes <= INT32_MAX) {
    draft.service.deny_minutes = static_cast<std::int32_t>(*minutes);
  } else {
    desk.refuse(draft, word.where,
                fmt::format("deny_time: `{}` is neither a number of minutes nor FOREVER nor NEVER", printable(word.text, 60)));
  }
}

void udp_bans(Desk& desk, Draft& draft, const Assignment& assignment) {
  if (const std::optional<bool> value = read_yes_no(desk, draft, assignment)) draft.service.udp_bans = *value;
}

void source_prefix(Desk& desk, Draft& draft, const Assignment& assignment) {
  const auto v4 = read_number(desk, draft, assignment, assignment.values[0], 1, 32);
  const auto v6 = read_number(desk, draft, assignment, assignment.values[1], 1, 128);
  if (!v4 || !v6) return;
  draft.service.source_bits_v4 = static_cast<std::uint8_t>(*v4);
  draft.service.source_bits_v6 = static_cast<std::uint8_t>(*v6);
}

void libwrap(Desk& desk, Draft& draft, const Assignment& assignment) {
  draft.service.libwrap = desk.store.intern(value_of(assignment).text);
}

}  // namespace reeve::apply_attribute
