// The attributes of a scenario: one row each.
#include <array>
#include <limits>

#include <fmt/format.h>

#include "base/printable.h"
#include "config/address_forms.h"
#include "config/values.h"
#include "simulate/scenario_entry.h"
#include "simulate/scenario_values.h"

namespace reeve {
namespace {

using std::chrono::nanoseconds;
using Words = std::span<const Word>;

constexpr std::uint64_t kAny = std::numeric_limits<std::uint64_t>::max();
constexpr std::size_t kMostValues = 256;

std::string quoted(const Word& word) {
  return fmt::format("`{}`", printable(word.text, 60));
}

// ---------------------------------------------------------------- scenario

void apply_title(ScenarioEntry& entry, Words values) {
  constexpr std::size_t kMostBytes = 300;
  std::string title;
  for (const Word& word : values) title += (title.empty() ? "" : " ") + std::string(word.text);
  entry.scenario().title = printable(title, kMostBytes);
}

void apply_duration(ScenarioEntry& entry, Words values) {
  const auto value = entry.duration(values[0]);
  if (!value) return;
  if (value->count() == 0) return entry.error(values[0].where, "a scenario of no time");
  entry.scenario().duration = *value;
}

void apply_start(ScenarioEntry& entry, Words values) {
  const auto weekday = parse_weekday(values[0].text);
  if (!weekday) return entry.error(values[0].where, fmt::format("{} is no day of the week", quoted(values[0])), "write e.g. `Mon 09:00`");
  const auto minute = parse_time_of_day(values[1].text);
  if (!minute) return entry.error(values[1].where, fmt::format("{} is no time of day", quoted(values[1])), "write e.g. `Mon 09:00`");
  entry.scenario().start = {.minute_of_day = *minute, .weekday = *weekday};
}

void apply_seed(ScenarioEntry& entry, Words values) {
  if (const auto value = entry.number(values[0], 0, kAny)) entry.scenario().seed = *value;
}

void apply_process_limit(ScenarioEntry& entry, Words values) {
  if (const auto value = entry.number(values[0], 1, kUnlimited - 1)) entry.scenario().process_limit = static_cast<std::uint32_t>(*value);
}

template <double Machine::*Member>
void apply_machine(ScenarioEntry& entry, Words values) {
  if (const auto value = entry.real(values[0])) entry.scenario().machine.*Member = *value;
}

// ---------------------------------------------------------------- population: who

void apply_kind(ScenarioEntry& entry, Words values) {
  constexpr std::array<std::string_view, 2> kKinds{"honest", "attack"};
  if (const auto kind = entry.choice(values[0], kKinds)) entry.population().kind = static_cast<Population::Kind>(*kind);
}

template <std::uint32_t Population::*Member>
void apply_count(ScenarioEntry& entry, Words values) {
  if (const auto value = entry.number(values[0], 1, kMostAgents)) entry.population().*Member = static_cast<std::uint32_t>(*value);
}

void apply_addresses(ScenarioEntry& entry, Words values) {
  entry.population().prefixes.clear();
  for (const Word& word : values) {
    const Result<AddressForm> form = parse_address_form(word.text);
    if (!form) {
      entry.error(word.where, form.error().what);
    } else if (form->is_name) {
      entry.error(word.where, fmt::format("{} is a name", quoted(word)), "write an address or a prefix");
    } else {
      entry.population().prefixes.insert(entry.population().prefixes.end(), form->prefixes.begin(), form->prefixes.end());
    }
  }
}

void apply_network(ScenarioEntry& entry, Words values) {
  for (const Word& word : values) {
    Word bits = word;
    if (bits.text.starts_with('/')) bits = {bits.text.substr(1), behind(bits.where, 1)};
    const auto value = entry.number(bits, 1, 128);
    if (!value) continue;
    // Up to 32 it is a prefix length of IPv4, above one of IPv6.
    (*value <= 32 ? entry.population().network_bits_v4 : entry.population().network_bits_v6) = static_cast<std::uint8_t>(*value);
  }
}

void apply_hops(ScenarioEntry& entry, Words values) {
  constexpr std::array<std::string_view, 2> kWords{"no", "yes"};
  if (const auto value = entry.choice(values[0], kWords)) entry.population().hops = *value == 1;
}

// ---------------------------------------------------------------- population: where to

void apply_service(ScenarioEntry& entry, Words values) {
  entry.population().services.clear();
  for (const Word& word : values) {
    ServiceChoice choice{.name = std::string(word.text), .where = word.where};
    // "web*9": nine times as likely as one without a number.
    const std::size_t star = word.text.rfind('*');
    if (star != std::string_view::npos) {
      const auto weight = entry.number({word.text.substr(star + 1), behind(word.where, star + 1)}, 1, 1'000'000);
      if (!weight) continue;
      choice.name.resize(star);
      choice.weight = static_cast<std::uint32_t>(*weight);
    }
    entry.population().services.push_back(std::move(choice));
  }
}

void apply_ports(ScenarioEntry& entry, Words values) {
  entry.population().ports.clear();
  for (const Word& word : values) {
    const std::size_t dash = word.text.find('-');
    const auto first = entry.number({word.text.substr(0, dash), word.where}, 1, 65'535);
    if (!first) continue;
    std::optional<std::uint64_t> last = first;
    if (dash != std::string_view::npos) last = entry.number({word.text.substr(dash + 1), behind(word.where, dash + 1)}, *first, 65'535);
    if (last) entry.population().ports.push_back({static_cast<std::uint16_t>(*first), static_cast<std::uint16_t>(*last)});
  }
}

// ---------------------------------------------------------------- population: how

void apply_rate(ScenarioEntry& entry, Words values) {
  const auto interval = parse_rate(values[0].text);
  if (!interval)
    return entry.error(values[0].where, fmt::format("{} is no rate", quoted(values[0])), "write e.g. `2/m`: visits per s, m, h or d");
  entry.population().interval = *interval;
}

void apply_arrival(ScenarioEntry& entry, Words values) {
  constexpr std::array<std::string_view, 4> kForms{"poisson", "steady", "answers", "burst"};
  const auto form = entry.choice(values[0], kForms);
  if (!form) return;
  entry.population().arrival = static_cast<Population::Arrival>(*form);
  if (values.size() == 1) return;
  if (entry.population().arrival != Population::Arrival::answers && entry.population().arrival != Population::Arrival::burst)
    return entry.error(values[1].where, fmt::format("`{}` takes no time of its own", kForms[*form]), "`rate` says how often");
  if (const auto value = entry.duration(values[1])) entry.population().interval = *value;
}

template <nanoseconds Population::*Member>
void apply_time(ScenarioEntry& entry, Words values) {
  if (const auto value = entry.duration(values[0])) entry.population().*Member = *value;
}

template <std::optional<nanoseconds> Population::*Member>
void apply_optional_time(ScenarioEntry& entry, Words values) {
  const auto value = entry.duration(values[0]);
  if (!value) return;
  if (value->count() == 0) return entry.error(values[0].where, "must be more than no time");
  entry.population().*Member = *value;
}

void apply_round_trip(ScenarioEntry& entry, Words values) {
  const auto value = entry.duration(values[0]);
  if (!value) return;
  if (*value < std::chrono::milliseconds(1)) return entry.error(values[0].where, "an answer takes 1ms at least");
  entry.population().round_trip = *value;
}

void apply_visits(ScenarioEntry& entry, Words values) {
  if (const auto value = entry.number(values[0], 1, kUnlimited - 1)) entry.population().visits = static_cast<std::uint32_t>(*value);
}

void apply_takes(ScenarioEntry& entry, Words values) {
  constexpr std::array<std::string_view, 3> kForms{"fixed", "exponential", "log-normal"};
  const auto form = entry.choice(values[0], kForms);
  if (!form) return;
  Duration takes{.form = static_cast<Duration::Form>(*form)};
  const bool has_spread = takes.form == Duration::Form::log_normal;
  if (values.size() != (has_spread ? 3u : 2u)) {
    return entry.error(values.back().where, fmt::format("`{}` takes {}", kForms[*form], has_spread ? "a median and a spread" : "one time"),
                       has_spread ? "write e.g. `log-normal 10s 2.5`" : fmt::format("write e.g. `{} 10s`", kForms[*form]));
  }
  const auto typical = entry.duration(values[1]);
  if (!typical) return;
  takes.typical = *typical;
  if (has_spread) {
    const auto spread = entry.real(values[2]);
    if (!spread) return;
    if (*spread < 1 || *spread > 100) return entry.error(values[2].where, "a spread is a factor from 1 to 100");
    takes.spread = *spread;
  }
  entry.population().takes = takes;
}

void apply_bytes(ScenarioEntry& entry, Words values) {
  const auto size = parse_size(values[0].text);
  if (!size) return entry.error(values[0].where, fmt::format("{} is no size", quoted(values[0])), "write e.g. `40K` or `2M`");
  entry.population().bytes = *size;
}

void apply_refused(ScenarioEntry& entry, Words values) {
  constexpr std::array<std::string_view, 3> kForms{"go_on", "retry", "leave"};
  const auto form = entry.choice(values[0], kForms);
  if (!form) return;
  Population& population = entry.population();
  population.when_refused = static_cast<Population::WhenRefused>(*form);
  if (population.when_refused != Population::WhenRefused::retry) {
    if (values.size() > 1) entry.error(values[1].where, fmt::format("`{}` takes nothing more", kForms[*form]));
    return;
  }
  if (values.size() < 2) return entry.error(values[0].where, "after what time?", "write e.g. `retry 10s 3`");
  const auto after = entry.duration(values[1]);
  if (!after) return;
  if (*after < std::chrono::milliseconds(1)) return entry.error(values[1].where, "must be 1ms at least");
  population.retry_after = *after;
  if (values.size() == 3) {
    if (const auto times = entry.number(values[2], 1, UINT32_MAX - 1)) population.retries = static_cast<std::uint32_t>(*times);
  }
}

constexpr auto kTable = std::to_array<ScenarioAttribute>({
    {"title", false, 1, kMostValues, apply_title},
    {"duration", false, 1, 1, apply_duration},
    {"start", false, 2, 2, apply_start},
    {"seed", false, 1, 1, apply_seed},
    {"limit", false, 1, 1, apply_process_limit},
    {"idle_load", false, 1, 1, apply_machine<&Machine::idle_load>},
    {"load_per_instance", false, 1, 1, apply_machine<&Machine::load_per_instance>},
    {"processors", false, 1, 1, apply_machine<&Machine::processors>},
    {"kind", true, 1, 1, apply_kind},
    {"sources", true, 1, 1, apply_count<&Population::sources>},
    {"behind", true, 1, 1, apply_count<&Population::behind>},
    {"addresses", true, 1, kMostValues, apply_addresses},
    {"network", true, 1, 2, apply_network},
    {"per_network", true, 1, 1, apply_count<&Population::per_network>},
    {"hops", true, 1, 1, apply_hops},
    {"service", true, 1, kMostValues, apply_service},
    {"ports", true, 1, kMostValues, apply_ports},
    {"arrival", true, 1, 2, apply_arrival},
    {"rate", true, 1, 1, apply_rate},
    {"ramp", true, 1, 1, apply_time<&Population::ramp>},
    {"from", true, 1, 1, apply_time<&Population::from>},
    {"until", true, 1, 1, apply_optional_time<&Population::until>},
    {"visits", true, 1, 1, apply_visits},
    {"every", true, 1, 1, apply_optional_time<&Population::every>},
    {"round_trip", true, 1, 1, apply_round_trip},
    {"takes", true, 2, 3, apply_takes},
    {"patience", true, 1, 1, apply_optional_time<&Population::patience>},
    {"bytes", true, 1, 1, apply_bytes},
    {"refused", true, 1, 3, apply_refused},
});

}  // namespace

std::span<const ScenarioAttribute> scenario_attribute_table() noexcept {
  return kTable;
}

}  // namespace reeve
