// Scenario: who comes, how often, and what he does; the world that `reeve simulate` puts a configuration into.
//
// Made from a text by parse_scenario() (simulate/scenario_parse.h), used by the simulation. docs/simulate.md has the language.
// An agent is one person or program; an address is a source: several agents stand behind one where it is a NAT.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/time.h"
#include "config/service.h"
#include "simulate/random.h"

namespace reeve {

// Bounds of a scenario; the parser refuses what is over them.
constexpr std::uint64_t kMostAgents = 4'000'000;  // of all populations
constexpr std::size_t kMostPopulations = 64;
constexpr std::chrono::nanoseconds kLongestScenario = std::chrono::hours(24 * 366);

struct ServiceChoice {
  std::string name;  // id or name
  std::uint32_t weight = 1;
  Where where;
};

struct Population {
  enum class Kind : std::uint8_t { honest, attack } kind = Kind::honest;
  enum class Arrival : std::uint8_t {
    poisson,  // at random, `interval` apart on average
    steady,   // exactly `interval` apart, each agent beginning anywhere in the first one
    answers,  // the next visit `interval` (maybe 0) after the one before has ended
    burst,    // one visit each, anywhere in the first `interval`
  };
  enum class WhenRefused : std::uint8_t {
    go_on,  // that visit is lost, the next one comes as planned
    retry,  // the same visit again after `retry_after`, `retries` times at most; then it is lost
    leave,  // lost, and no more visits (until the next session)
  };

  std::string name;
  Where where;
  std::uint32_t sources = 1;  // addresses
  std::uint32_t behind = 1;   // agents behind each
  std::vector<Prefix> prefixes;
  std::uint8_t network_bits_v4 = 32, network_bits_v6 = 64;  // how near sources are to each other:
  std::uint32_t per_network = 1;                            // so many in one network of that size
  bool hops = false;                                        // each visit from another address of the source's network

  std::vector<ServiceChoice> services;  // one of them at random each time
  std::vector<PortRange> ports;         // instead: from the first to the last, over and over

  Arrival arrival = Arrival::poisson;
  std::chrono::nanoseconds interval{};
  std::chrono::nanoseconds ramp{};  // agents join one after another over so long
  std::chrono::nanoseconds from{};  // since the scenario's begin
  std::optional<std::chrono::nanoseconds> until;
  std::uint32_t visits = kUnlimited;              // of an agent in one session
  std::optional<std::chrono::nanoseconds> every;  // sessions begin so far apart; nullopt: there is one
  std::chrono::nanoseconds round_trip = std::chrono::milliseconds(50);
  Duration takes{.typical = std::chrono::seconds(1)};
  std::optional<std::chrono::nanoseconds> patience;  // a visit that takes longer is broken off, and lost
  std::uint64_t bytes = 0;                           // what a served visit is sent

  WhenRefused when_refused = WhenRefused::go_on;
  std::chrono::nanoseconds retry_after{};
  std::uint32_t retries = kUnlimited;

  [[nodiscard]] std::uint64_t agents() const noexcept { return std::uint64_t{sources} * behind; }
};

// What running instances do to the machine.
struct Machine {
  double idle_load = 0;          // with no instance
  double load_per_instance = 0;  // what each adds to it
  double processors = 0;         // above a load of so many, all take longer in proportion; 0: never
};

struct Scenario {
  std::string title;
  std::chrono::nanoseconds duration = std::chrono::minutes(10);
  LocalMinute start{.minute_of_day = 12 * 60, .weekday = 1};
  std::uint64_t seed = 1;
  std::uint32_t process_limit = kUnlimited;  // reeved's -limit
  Machine machine;
  std::vector<Population> populations;
};

}  // namespace reeve
