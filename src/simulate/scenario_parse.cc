#include "simulate/scenario_parse.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/printable.h"
#include "config/bundle.h"
#include "config/lexer.h"
#include "config/report.h"
#include "config/values.h"
#include "simulate/scenario_entry.h"
#include "simulate/scenario_values.h"
#include "simulate/source_addresses.h"

namespace reeve {
namespace {

std::string quoted(std::string_view text) {
  return fmt::format("`{}`", printable(text, 60));
}

// Where no address is given: anywhere in IPv4, without the private, the looped back and the multicast.
const std::vector<Prefix>& anywhere() {
  static const std::vector<Prefix> kAnywhere{Prefix::of(Address::v4(0x10000000), 96 + 4), Prefix::of(Address::v4(0x20000000), 96 + 3),
                                             Prefix::of(Address::v4(0x40000000), 96 + 3), Prefix::of(Address::v4(0x80000000), 96 + 3)};
  return kAnywhere;
}

class Reader {
 public:
  Reader(std::string_view text, std::uint16_t file) : lexer_(text, file) {}

  ParsedScenario read() {
    while (lexer_.next(line_)) {
      if (is_damaged()) continue;
      words_.clear();
      split(line_.text, line_.where, words_);
      if (entry_ == State::outside) {
        read_head();
      } else {
        read_inside();
      }
    }
    if (entry_ != State::outside) {
      report_.error(Scope::configuration, begin_, "the entry has no closing brace", "write `}` on a line of its own");
      close();
    }
    settle();
    return {std::move(scenario_), report_.take()};
  }

 private:
  enum class State : std::uint8_t { outside, before_brace, inside };

  void error(Where where, std::string text, std::string hint = {}) {
    report_.error(Scope::configuration, where, std::move(text), std::move(hint));
  }

  bool is_damaged() {
    switch (line_.damage) {
      case Line::Damage::none:
        return false;
      case Line::Damage::too_long:
        error(line_.damaged_at, fmt::format("the line is longer than {} bytes", kMaxLineBytes));
        break;
      case Line::Damage::nul_byte:
        error(line_.damaged_at, "a NUL byte");
        break;
      case Line::Damage::not_utf8:
        error(line_.damaged_at, "not UTF-8");
        break;
    }
    return true;
  }

  void read_head() {
    const bool has_brace = words_.size() > 1 && words_.back().text == "{";
    if (has_brace) words_.pop_back();
    const Word& first = words_.front();
    begin_ = first.where;
    bool known = true;
    if (equal_ignoring_case(first.text, "scenario")) {
      if (std::exchange(has_scenario_, true)) error(first.where, "there is an entry `scenario` already");
      if (words_.size() > 1) error(words_[1].where, fmt::format("{} is too much", quoted(words_[1].text)));
      current_.emplace(scenario_, nullptr, report_);
    } else if (equal_ignoring_case(first.text, "population")) {
      begin_population();
    } else {
      known = false;
    }
    if (!known) {
      if (!std::exchange(stray_, true))
        error(first.where, fmt::format("{} belongs to no entry", quoted(first.text)), "expected `scenario` or `population NAME`");
      return;
    }
    stray_ = false;
    entry_ = has_brace ? State::inside : State::before_brace;
  }

  void begin_population() {
    population_ = Population{.where = begin_};
    if (words_.size() < 2) {
      error(begin_, "a population without a name", "write `population NAME`");
    } else {
      population_.name = printable(words_[1].text, 40);
      if (words_.size() > 2) error(words_[2].where, fmt::format("{} is too much", quoted(words_[2].text)), "a name is one word");
      if (std::ranges::find(scenario_.populations, population_.name, &Population::name) != scenario_.populations.end()) {
        error(words_[1].where, fmt::format("there is a population {} already", quoted(population_.name)));
      }
    }
    if (scenario_.populations.size() >= kMostPopulations) error(begin_, fmt::format("more than {} populations", kMostPopulations));
    current_.emplace(scenario_, &population_, report_);
  }

  void read_inside() {
    const Word& first = words_.front();
    if (entry_ == State::before_brace) {
      entry_ = State::inside;
      if (first.text == "{" && words_.size() == 1) return;
      if (first.text != "{") {
        error(first.where, "expected `{`");
      } else {
        words_.erase(words_.begin());
      }
    }
    if (words_.front().text == "}") {
      if (words_.size() > 1) error(words_[1].where, fmt::format("{} behind the closing brace", quoted(words_[1].text)));
      return close();
    }
    read_assignment();
  }

  // "name = values", with blanks around the sign or without.
  void read_assignment() {
    const Word& first = words_.front();
    Word name = first;
    std::vector<Word> values(words_.begin() + 1, words_.end());
    const std::size_t sign = first.text.find('=');
    if (sign != std::string_view::npos) {
      name.text = first.text.substr(0, sign);
      if (sign + 1 < first.text.size()) values.insert(values.begin(), {first.text.substr(sign + 1), behind(first.where, sign + 1)});
    } else if (!values.empty() && values.front().text.starts_with('=')) {
      Word& value = values.front();
      if (value.text.size() == 1) {
        values.erase(values.begin());
      } else {
        value = {value.text.substr(1), behind(value.where, 1)};
      }
    } else {
      return error(first.where, fmt::format("expected `=` behind {}", quoted(first.text)), "one `ATTRIBUTE = VALUE` on each line");
    }
    if (name.text.empty()) return error(first.where, "no attribute in front of `=`");
    current_->apply(name, values);
  }

  void close() {
    current_->settle();
    if (current_->is_population() && scenario_.populations.size() < kMostPopulations)
      scenario_.populations.push_back(std::move(population_));
    current_.reset();
    entry_ = State::outside;
  }

  void settle() {
    if (scenario_.populations.empty()) error(lexer_.here(), "nobody comes: the scenario has no population");
    std::uint64_t agents = 0;
    for (const Population& population : scenario_.populations) {
      agents += population.agents();
      if (agents > kMostAgents)
        return error(population.where, fmt::format("more than {} agents in all", kMostAgents), "`sources` times `behind`, added up");
      if (population.from >= scenario_.duration)
        error(population.where, fmt::format("{} come when the scenario is over", quoted(population.name)),
              "`duration` of the scenario says how long it is");
    }
  }

  Lexer lexer_;
  Report report_;
  Scenario scenario_;
  Population population_;
  std::optional<ScenarioEntry> current_;
  State entry_ = State::outside;
  Where begin_;
  bool has_scenario_ = false, stray_ = false;
  Line line_;
  std::vector<Word> words_;
};

}  // namespace

// ---------------------------------------------------------------- ScenarioEntry

void ScenarioEntry::error(Where where, std::string text, std::string hint) {
  report_.error(Scope::configuration, where, std::move(text), std::move(hint));
}

std::optional<std::uint64_t> ScenarioEntry::number(const Word& word, std::uint64_t least, std::uint64_t most) {
  std::uint64_t value = 0;
  const auto [end, wrong] = std::from_chars(word.text.data(), word.text.data() + word.text.size(), value);
  if (wrong != std::errc() || end != word.text.data() + word.text.size()) {
    error(word.where, fmt::format("{} is no whole number", quoted(word.text)));
    return std::nullopt;
  }
  if (value < least || value > most) {
    error(word.where, fmt::format("must be from {} to {}", least, most));
    return std::nullopt;
  }
  return value;
}

std::optional<double> ScenarioEntry::real(const Word& word) {
  constexpr double kMost = 1e9;
  const std::optional<double> value = parse_real(word.text);
  if (value && *value <= kMost) return value;
  error(word.where, fmt::format("{} is no number", quoted(word.text)), "write e.g. `0.25`");
  return std::nullopt;
}

std::optional<std::chrono::nanoseconds> ScenarioEntry::duration(const Word& word) {
  const auto value = parse_duration(word.text);
  if (!value) error(word.where, fmt::format("{} is no time", quoted(word.text)), "write e.g. `250ms`, `30s`, `10m`, `24h` or `7d`");
  return value;
}

std::optional<std::size_t> ScenarioEntry::choice(const Word& word, std::span<const std::string_view> words) {
  const auto found = std::ranges::find_if(words, [&](std::string_view one) { return equal_ignoring_case(one, word.text); });
  if (found != words.end()) return static_cast<std::size_t>(found - words.begin());
  error(word.where, fmt::format("{} is none of: {}", quoted(word.text), fmt::join(words, ", ")), did_you_mean(word.text, words));
  return std::nullopt;
}

void ScenarioEntry::apply(const Word& name, std::span<const Word> values) {
  const auto table = scenario_attribute_table();
  const auto is_named = [&](const ScenarioAttribute& one) { return equal_ignoring_case(one.name, name.text); };
  const auto found = std::ranges::find_if(table, is_named);
  if (found == table.end()) {
    std::vector<std::string_view> names;
    for (const ScenarioAttribute& one : table) {
      if (one.of_population == is_population()) names.push_back(one.name);
    }
    return error(name.where, fmt::format("there is no attribute {}", quoted(name.text)), did_you_mean(name.text, names));
  }
  if (found->of_population != is_population()) {
    return error(name.where, fmt::format("{} belongs into {}", quoted(name.text), is_population() ? "`scenario`" : "a `population`"));
  }
  if (!given_.try_emplace(found->name, name.where).second) return error(name.where, fmt::format("{} is given twice", quoted(name.text)));
  if (values.size() < found->fewest)
    return error(name.where, fmt::format("{} has {}", quoted(name.text), values.empty() ? "no value" : "too few values"));
  if (values.size() > found->most) return error(values[found->most].where, fmt::format("{} has too many values", quoted(name.text)));
  found->apply(*this, values);
}

Where ScenarioEntry::where_of(std::string_view attribute) const {
  const auto found = given_.find(attribute);
  return found != given_.end() ? found->second : population_->where;
}

void ScenarioEntry::settle() {
  if (!is_population()) return;
  Population& population = *population_;
  if (!has("kind")) error(population.where, "is it `kind = honest` or `kind = attack`?");
  if (has("service") == has("ports")) {
    error(has("ports") ? where_of("ports") : population.where,
          has("ports") ? "`service` and `ports` say the same" : "where do they go? `service` or `ports` is missing");
  }
  if (!has("addresses")) population.prefixes = anywhere();
  if (!population.prefixes.empty() && SourceAddresses::capacity(population) < population.sources) {
    const std::uint64_t room = SourceAddresses::capacity(population);
    error(
        where_of("sources"),
        room == 0 ? "`per_network` is more than a network holds" : fmt::format("{} different sources at most fit into the addresses", room),
        "`addresses`, `network` and `per_network` say where they are");
  }
  settle_times();
}

void ScenarioEntry::settle_times() {
  Population& population = *population_;
  const bool is_by_rate = population.arrival == Population::Arrival::poisson || population.arrival == Population::Arrival::steady;
  if (is_by_rate && !has("rate")) error(where_of("arrival"), "how often does each of them come? `rate` is missing");
  if (!is_by_rate && has("rate")) error(where_of("rate"), "`rate` is for `arrival = poisson` and `arrival = steady`");
  if (population.until && *population.until <= population.from) error(where_of("until"), "`until` is not behind `from`");
  if (has("ramp") && population.arrival == Population::Arrival::burst) error(where_of("ramp"), "a burst has its own time");
  if (population.arrival == Population::Arrival::burst) population.visits = 1;
  if (has("every") && population.visits == kUnlimited) error(where_of("every"), "without `visits` the first session never ends");
}

std::vector<std::string_view> scenario_attributes() {
  std::vector<std::string_view> names;
  for (const ScenarioAttribute& one : scenario_attribute_table()) names.push_back(one.name);
  return names;
}

ParsedScenario parse_scenario(std::string_view text, std::uint16_t file) {
  return Reader(text, file).read();
}

}  // namespace reeve
