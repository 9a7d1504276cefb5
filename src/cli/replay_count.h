// ReplayCount: what a replay adds up to: by rule, by source, by service, over time.
//
// Bounds: rules and services by the configurations; sources kMaxSources, the visits of further ones are counted together in
// `others`; moments kMaxMoments, at which two neighbours become one.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "cli/replay_world.h"

namespace reeve {

// One visit's fate, before and now: by the log or the old configuration, and by the new one.
struct ReplayVisit {
  std::uint32_t service = 0;  // in the new configuration
  Address source;
  WallTime wall;
  ReplayOutcome before, now;
};

struct ReplayTally {
  std::uint64_t visits = 0;
  std::uint64_t admitted_before = 0, admitted_now = 0;
  std::uint64_t refused_before = 0, refused_now = 0;
  std::uint64_t undecided_before = 0, undecided_now = 0;
  std::uint64_t newly_refused = 0, newly_admitted = 0;  // admitted before and refused now, and the other way round
};

class ReplayCount {
 public:
  static constexpr std::size_t kMaxSources = 262'144;
  static constexpr std::size_t kMaxMoments = 4'096;

  struct Rule {
    std::uint32_t service = 0;
    Reason reason = Reason::address;
    Where where;
    bool unheard = false;
    friend auto operator<=>(const Rule&, const Rule&) = default;
  };
  struct OfRule {
    std::uint64_t visits = 0, newly_refused = 0;
  };
  struct OfSource {
    ReplayTally tally;
    std::optional<Rule> rule;  // that refused one of its visits now; newly refused ones first
    bool is_rule_new = false;
  };
  // Visits of one stretch of time.
  struct Moment {
    std::uint64_t served = 0, newly_refused = 0, refused = 0, newly_admitted = 0;
  };
  struct Timeline {
    std::int64_t begin = 0;  // seconds since 1970
    std::int64_t step = 1;   // seconds a moment
    std::vector<Moment> moments;
  };

  void add(const ReplayVisit& visit);
  // A visit of a service that one of the configurations doesn't have.
  void add_unserved(std::string_view service);

  [[nodiscard]] const ReplayTally& all() const noexcept { return all_; }
  [[nodiscard]] const std::map<Rule, OfRule>& rules() const noexcept { return rules_; }
  [[nodiscard]] const std::map<std::uint32_t, ReplayTally>& services() const noexcept { return services_; }
  [[nodiscard]] const std::map<std::string, std::uint64_t, std::less<>>& unserved() const noexcept { return unserved_; }
  [[nodiscard]] std::uint64_t unserved_visits() const noexcept { return unserved_visits_; }
  // Visits that both refuse, for another reason.
  [[nodiscard]] std::uint64_t refused_otherwise() const noexcept { return refused_otherwise_; }
  [[nodiscard]] std::size_t source_count() const noexcept { return sources_.size(); }
  [[nodiscard]] const ReplayTally& others() const noexcept { return others_; }
  [[nodiscard]] const Timeline& timeline() const noexcept { return timeline_; }
  [[nodiscard]] std::optional<WallTime> first() const noexcept { return first_; }
  [[nodiscard]] WallTime last() const noexcept { return last_; }

  // The `most` sources for which the most changes, then those that are refused the most.
  struct Ranked {
    Address source;
    OfSource of;
  };
  [[nodiscard]] std::vector<Ranked> top_sources(std::size_t most) const;

 private:
  struct HashOfAddress {
    std::size_t operator()(const Address& address) const noexcept;
  };

  void note_time(const ReplayVisit& visit);
  static constexpr std::size_t kMaxUnserved = 1'000;  // names; further ones are counted only

  ReplayTally all_, others_;
  std::map<Rule, OfRule> rules_;
  std::map<std::uint32_t, ReplayTally> services_;
  std::map<std::string, std::uint64_t, std::less<>> unserved_;
  std::uint64_t unserved_visits_ = 0, refused_otherwise_ = 0;
  boost::unordered_flat_map<Address, OfSource, HashOfAddress> sources_;
  Timeline timeline_;
  std::optional<WallTime> first_;
  WallTime last_ = WallTime::min();
};

}  // namespace reeve
