#include "cli/replay_count.h"

#include <algorithm>
#include <cstring>
#include <tuple>

namespace reeve {
namespace {

using What = ReplayOutcome::What;

bool is_newly_refused(const ReplayVisit& visit) noexcept {
  return visit.before.what == What::admitted && visit.now.what == What::refused;
}

bool is_newly_admitted(const ReplayVisit& visit) noexcept {
  return visit.before.what == What::refused && visit.now.what == What::admitted;
}

void count(ReplayTally& tally, const ReplayVisit& visit) noexcept {
  ++tally.visits;
  tally.admitted_before += visit.before.what == What::admitted ? 1U : 0U;
  tally.admitted_now += visit.now.what == What::admitted ? 1U : 0U;
  tally.newly_refused += is_newly_refused(visit) ? 1U : 0U;
  tally.newly_admitted += is_newly_admitted(visit) ? 1U : 0U;
  tally.refused_before += visit.before.what == What::refused ? 1U : 0U;
  tally.refused_now += visit.now.what == What::refused ? 1U : 0U;
  tally.undecided_before += visit.before.what == What::undecided ? 1U : 0U;
  tally.undecided_now += visit.now.what == What::undecided ? 1U : 0U;
}

}  // namespace

std::size_t ReplayCount::HashOfAddress::operator()(const Address& address) const noexcept {
  std::uint64_t high = 0, low = 0;
  std::memcpy(&high, address.bytes().data(), sizeof high);
  std::memcpy(&low, address.bytes().data() + sizeof high, sizeof low);
  std::uint64_t hash = (high * 0x9e3779b97f4a7c15U ^ low) * 0xbf58476d1ce4e5b9U;
  hash = (hash ^ hash >> 32) * 0x94d049bb133111ebU;
  return hash ^ hash >> 29;
}

void ReplayCount::add(const ReplayVisit& visit) {
  count(all_, visit);
  count(services_[visit.service], visit);
  const bool is_refused = visit.now.what == What::refused;
  const Rule rule{.service = visit.service, .reason = visit.now.reason, .where = visit.now.where, .unheard = visit.now.unheard};
  if (is_refused) {
    OfRule& of_rule = rules_[rule];
    ++of_rule.visits;
    of_rule.newly_refused += is_newly_refused(visit) ? 1U : 0U;
    refused_otherwise_ += visit.before.what == What::refused && visit.before.reason != visit.now.reason ? 1U : 0U;
  }
  auto source = sources_.find(visit.source);
  if (source == sources_.end() && sources_.size() < kMaxSources) source = sources_.emplace(visit.source, OfSource()).first;
  if (source == sources_.end()) {
    count(others_, visit);
  } else {
    OfSource& of_source = source->second;
    count(of_source.tally, visit);
    if (is_refused && (!of_source.rule || (is_newly_refused(visit) && !of_source.is_rule_new))) {
      of_source.rule = rule;
      of_source.is_rule_new = is_newly_refused(visit);
    }
  }
  note_time(visit);
}

void ReplayCount::add_unserved(std::string_view service) {
  ++unserved_visits_;
  const auto known = unserved_.find(service);
  if (known != unserved_.end()) {
    ++known->second;
  } else if (unserved_.size() < kMaxUnserved) {
    unserved_.emplace(service, 1);
  }
}

void ReplayCount::note_time(const ReplayVisit& visit) {
  if (!first_) first_ = visit.wall;
  last_ = std::max(last_, visit.wall);
  const std::int64_t second = std::chrono::floor<std::chrono::seconds>(visit.wall).time_since_epoch().count();
  if (timeline_.moments.empty()) timeline_.begin = second;
  std::int64_t place = std::max<std::int64_t>(second - timeline_.begin, 0) / timeline_.step;
  while (place >= static_cast<std::int64_t>(kMaxMoments)) {
    std::vector<Moment>& moments = timeline_.moments;
    for (std::size_t each = 0; each < moments.size(); each += 2) {
      Moment sum = moments[each];
      if (each + 1 < moments.size()) {
        const Moment& next = moments[each + 1];
        sum = {sum.served + next.served, sum.newly_refused + next.newly_refused, sum.refused + next.refused,
               sum.newly_admitted + next.newly_admitted};
      }
      moments[each / 2] = sum;
    }
    moments.resize((moments.size() + 1) / 2);
    timeline_.step *= 2;
    place = (second - timeline_.begin) / timeline_.step;
  }
  if (timeline_.moments.size() <= static_cast<std::size_t>(place)) timeline_.moments.resize(static_cast<std::size_t>(place) + 1);
  Moment& moment = timeline_.moments[static_cast<std::size_t>(place)];
  if (is_newly_refused(visit)) {
    ++moment.newly_refused;
  } else if (is_newly_admitted(visit)) {
    ++moment.newly_admitted;
  } else if (visit.now.what == What::admitted) {
    ++moment.served;
  } else {
    ++moment.refused;
  }
}

std::vector<ReplayCount::Ranked> ReplayCount::top_sources(std::size_t most) const {
  const auto weight = [](const OfSource& of) {
    const ReplayTally& tally = of.tally;
    return std::tuple(tally.newly_refused + tally.newly_admitted, tally.visits - tally.admitted_now, tally.visits);
  };
  std::vector<Ranked> all;
  all.reserve(sources_.size());
  for (const auto& [source, of] : sources_) all.push_back({source, of});
  const std::size_t count = std::min(most, all.size());
  std::partial_sort(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(count), all.end(), [&](const Ranked& one, const Ranked& other) {
    const auto left = weight(one.of), right = weight(other.of);
    return left != right ? left > right : one.source < other.source;
  });
  all.resize(count);
  return all;
}

}  // namespace reeve
