// For programs: one document with all figures.
#include <iterator>
#include <string>

#include <fmt/format.h>

#include "base/printable.h"
#include "cli/simulated.h"

namespace reeve {
namespace {

double seconds(std::chrono::nanoseconds duration) {
  return static_cast<double>(duration.count()) / 1e9;
}

std::string_view word(Population::Kind kind) {
  return kind == Population::Kind::honest ? "honest" : "attack";
}

std::string text(const VisitCounts& counts) {
  return fmt::format("\"visits\": {}, \"served\": {}, \"slow\": {}, \"lost\": {}, \"refused_attempts\": {}, \"bytes\": {}", counts.visits(),
                     counts.served, counts.slow, counts.lost, counts.refused, counts.bytes);
}

template <class Items, class Text>
std::string array(const Items& items, Text item_text) {
  std::string out = "[";
  std::size_t index = 0;
  for (const auto& item : items) {
    out += index == 0 ? "\n    " : ",\n    ";
    out += item_text(item, index++);
  }
  return out + "]";
}

template <class Value>
std::string samples(const Outcome& outcome, std::string_view name, Value value) {
  std::string out = fmt::format("\"{}\": [", name);
  bool is_first = true;
  for (const OutcomeSample& sample : outcome.over_time) {
    out += is_first ? "" : ",";
    out += fmt::format("{}", value(sample));
    is_first = false;
  }
  return out + "]";
}

std::string text(const Simulated& simulated, const SimulatedRun& run) {
  const Outcome& outcome = run.outcome;
  const auto& populations = simulated.scenario.populations;
  std::string out =
      fmt::format("  {{\"file\": {}, \"instances_at_most\": {}, \"load_at_most\": {:.3f}, \"bans_made\": {}, \"bans_at_end\": {},\n",
                  json_string(run.path), outcome.peak_instances, outcome.peak_load, outcome.bans, outcome.bans_left);
  for (const auto kind : {Population::Kind::honest, Population::Kind::attack})
    out += fmt::format("   \"{}\": {{{}}},\n", word(kind), text(outcome.counts(simulated.scenario, kind)));
  out += "   \"populations\": " + array(outcome.populations, [&](const PopulationOutcome& one, std::size_t index) {
           std::string line =
               fmt::format("{{\"name\": {}, \"kind\": \"{}\", {}, \"bans\": {}, \"at_closed_ports\": {}",
                           json_string(populations[index].name), word(populations[index].kind), text(one.counts), one.bans, one.closed);
           if (one.worst)
             line += fmt::format(", \"worst\": {{\"source\": \"{}\", \"served\": {}, \"refused\": {}}}", to_text(one.worst->address),
                                 one.worst->served, one.worst->refused);
           return line + "}";
         });
  out += ",\n   \"services\": " + array(outcome.services, [&](const ServiceOutcome& one, std::size_t) {
           return fmt::format("{{\"service\": {}, \"instances_at_most\": {}, \"honest\": {{{}}}, \"attack\": {{{}}}}}",
                              json_string(run.loaded.parsed.configuration->services[one.service].id), one.peak, text(one.honest),
                              text(one.attack));
         });
  out += ",\n   \"rules\": " + array(outcome.rules, [&](const RuleOutcome& one, std::size_t) {
           std::string line = fmt::format("{{\"reason\": \"{}\"", to_text(one.reason));
           if (one.where.line != 0)
             line += fmt::format(", \"file\": {}, \"line\": {}", json_string(run.loaded.bundle.files[one.where.file].path), one.where.line);
           return line + fmt::format(", \"honest\": {}, \"attack\": {}}}", one.honest, one.attack);
         });
  out += fmt::format(",\n   \"over_time\": {{\"step_seconds\": {}", seconds(outcome.step));
  const auto add = [&](std::string_view name, auto value) { out += ",\n    " + samples(outcome, name, value); };
  add("honest_served", [](const OutcomeSample& one) { return one.honest_served; });
  add("honest_slow", [](const OutcomeSample& one) { return one.honest_slow; });
  add("honest_lost", [](const OutcomeSample& one) { return one.honest_lost; });
  add("attack_served", [](const OutcomeSample& one) { return one.attack_served; });
  add("attack_refused", [](const OutcomeSample& one) { return one.attack_refused; });
  add("instances", [](const OutcomeSample& one) { return one.instances; });
  add("load", [](const OutcomeSample& one) { return fmt::format("{:.3f}", one.load); });
  return out + "}}";
}

}  // namespace

std::string simulated_json(const Simulated& simulated) {
  std::string out = fmt::format("{{\"scenario\": {}, \"title\": {}, \"seed\": {}, \"duration_seconds\": {},\n \"configurations\": [\n",
                                json_string(simulated.path), json_string(simulated.scenario.title), simulated.scenario.seed,
                                seconds(simulated.scenario.duration));
  for (std::size_t i = 0; i < simulated.runs.size(); ++i) out += (i == 0 ? "" : ",\n") + text(simulated, simulated.runs[i]);
  return out + "]}\n";
}

}  // namespace reeve
