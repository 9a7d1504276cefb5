// ScenarioEntry: one entry of a scenario while it is read, for the attributes' functions. Used by simulate/scenario_parse.cc and
// simulate/scenario_attributes.cc only.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/lexer.h"
#include "config/report.h"
#include "simulate/scenario.h"

namespace reeve {

class ScenarioEntry {
 public:
  // `population`: nullptr for the entry `scenario`.
  ScenarioEntry(Scenario& scenario, Population* population, Report& report)
      : scenario_(scenario), population_(population), report_(report) {}

  // One line `name = values`.
  void apply(const Word& name, std::span<const Word> values);
  // At the closing brace: what is missing or does not go together.
  void settle();

  [[nodiscard]] bool is_population() const noexcept { return population_ != nullptr; }

  [[nodiscard]] Scenario& scenario() noexcept { return scenario_; }
  [[nodiscard]] Population& population() noexcept { return *population_; }

  // Each says what is wrong with the word and has no value then.
  [[nodiscard]] std::optional<std::uint64_t> number(const Word& word, std::uint64_t least, std::uint64_t most);
  [[nodiscard]] std::optional<double> real(const Word& word);
  [[nodiscard]] std::optional<std::chrono::nanoseconds> duration(const Word& word);
  [[nodiscard]] std::optional<std::size_t> choice(const Word& word, std::span<const std::string_view> words);
  void error(Where where, std::string text, std::string hint = {});

 private:
  [[nodiscard]] Where where_of(std::string_view attribute) const;
  [[nodiscard]] bool has(std::string_view attribute) const { return given_.contains(attribute); }
  void settle_times();

  Scenario& scenario_;
  Population* population_;
  Report& report_;
  std::map<std::string_view, Where, std::less<>> given_;
};

struct ScenarioAttribute {
  std::string_view name;
  bool of_population;
  std::size_t fewest, most;  // values
  void (*apply)(ScenarioEntry& entry, std::span<const Word> values);
};

[[nodiscard]] std::span<const ScenarioAttribute> scenario_attribute_table() noexcept;

}  // namespace reeve
