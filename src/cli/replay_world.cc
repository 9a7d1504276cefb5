#include "cli/replay_world.h"

#include <cstring>
#include <utility>

namespace reeve {
namespace {

constexpr std::chrono::hours kLongest{24 * 365};

}  // namespace

std::size_t ReplayWorld::HashOfKey::operator()(const Key& key) const noexcept {
  std::uint64_t high = 0, low = 0;
  std::memcpy(&high, key.source.address.bytes().data(), sizeof high);
  std::memcpy(&low, key.source.address.bytes().data() + sizeof high, sizeof low);
  std::uint64_t hash = high * 0x9e3779b97f4a7c15U ^ low;
  hash = (hash ^ hash >> 29) * 0xbf58476d1ce4e5b9U + key.source.port;
  hash = (hash ^ hash >> 32) * 0x94d049bb133111ebU + key.service;
  hash = (hash ^ hash >> 31) * 0x9e3779b97f4a7c15U + static_cast<std::uint32_t>(key.pid);
  hash *= 0xbf58476d1ce4e5b9U;
  return hash ^ hash >> 32;
}

ReplayWorld::ReplayWorld(ConfigurationRef configuration, const Assumptions& assumptions)
    : assumptions_(assumptions), gate_(std::move(configuration), assumptions.process_limit) {
  const std::vector<Service>& services = gate_.configuration().services;
  of_services_.resize(services.size());
  for (std::uint32_t each = 0; each < services.size(); ++each) services_.emplace(services[each].id, each);
  for (std::uint32_t each = 0; each < services.size(); ++each) services_.emplace(services[each].name, each);
}

std::optional<std::uint32_t> ReplayWorld::find(std::string_view service) const {
  const auto found = services_.find(service);
  return found == services_.end() ? std::nullopt : std::optional(found->second);
}

void ReplayWorld::expect_ends(std::string_view service) {
  if (const auto number = find(service)) of_services_[*number].ends = true;
}

ReplayWorld::Key ReplayWorld::key_of(std::uint32_t service, const LogLine& line) noexcept {
  if (line.pid != 0) return {.source = {}, .service = service, .pid = line.pid};
  if (line.source && line.source->port != 0) return {.source = *line.source, .service = service, .pid = 0};
  return {.source = {}, .service = service, .pid = 0};
}

std::chrono::nanoseconds ReplayWorld::usual_duration(const OfService& service) const noexcept {
  if (service.durations == 0) return assumptions_.duration;
  return service.total / static_cast<std::int64_t>(service.durations);
}

ReplayOutcome ReplayWorld::arrive(std::uint32_t service, const Address& source, const LogLine& line, Instant now, LocalMinute local) {
  using What = ReplayOutcome::What;
  end_until(now);
  VirtualGate::Answer answer =
      gate_.visit({.service = service, .source = source, .now = now, .local = local, .load = assumptions_.load, .identity = nullptr});
  if (const Refusal* refusal = answer.refusal()) {
    return {.what = What::refused, .reason = refusal->reason, .where = refusal->where, .unheard = answer.unheard};
  }
  if (answer.undecided() != nullptr) return {.what = What::undecided};
  const bool was_refused =
      line.event == LogLine::Event::refused && (line.reason == Reason::libwrap || line.word == fail_word(Reason::libwrap));
  const ReplayOutcome said = ask_wrappers(gate_.configuration().services[service], source, was_refused);
  if (said.what != What::admitted) return said;  // it leaves at once
  if (answer.ticket) enter(service, line, std::move(answer.ticket), now);
  return {.what = What::admitted};
}

ReplayOutcome ReplayWorld::ask_wrappers(const Service& service, const Address& source, bool was_refused) const {
  using What = ReplayOutcome::What;
  const ReplayOutcome refused{.what = What::refused, .reason = Reason::libwrap, .where = {}, .unheard = false};
  // Without the files, what they said then is all that is known.
  if (assumptions_.wrap == nullptr) return was_refused ? refused : ReplayOutcome{};
  if (!is_wrapped(service)) return {};
  Identity identity;
  complete_identity(identity, source);
  const WrapFound found = ask_wrap_files(*assumptions_.wrap, service, source, identity);
  const auto& rules = assumptions_.wrap->rules.rules;
  const auto by = [&](std::size_t rule) {
    ReplayOutcome outcome = refused;
    outcome.where = rules[rule].where;
    return outcome;
  };
  // The log knows what the name said then.
  if (std::holds_alternative<WrapNeed>(found)) return was_refused ? refused : ReplayOutcome{.what = What::undecided};
  if (const auto* unreadable = std::get_if<WrapUnreadable>(&found)) return by(unreadable->rule);
  const auto* const matched = std::get_if<WrapMatched>(&found);
  if (matched == nullptr) return {};
  const WrapEffect effect = effect_of(rules[matched->rule]);
  return effect == WrapEffect::refuses || effect == WrapEffect::is_wrong ? by(matched->rule) : ReplayOutcome{};
}

void ReplayWorld::enter(std::uint32_t service, const LogLine& line, Ticket ticket, Instant now) {
  const Key key = key_of(service, line);
  const bool is_started = line.event == LogLine::Event::start;
  const bool is_keyed = is_started && (key.pid != 0 || key.source.port != 0);
  if (is_keyed) {
    // The number is in use again, so its visit of before has ended, although nothing said so.
    if (const auto old = by_key_.find(key); old != by_key_.end()) release(old->second);
  }
  if (cells_.size() - free_.size() >= kMostInside) {
    ++crowded_out_;
    return;
  }
  Index index = static_cast<Index>(cells_.size());
  if (free_.empty()) {
    cells_.emplace_back();
  } else {
    index = free_.back();
    free_.pop_back();
  }
  Inside& cell = cells_[index];
  cell.ticket = std::move(ticket);
  cell.key = key;
  cell.is_keyed = is_keyed;
  cell.awaits_exit = is_started;
  if (is_keyed) by_key_.emplace(key, index);
  OfService& of_service = of_services_[service];
  if (is_started && !is_keyed) {
    auto& unkeyed = of_service.unkeyed;
    while (!unkeyed.empty() && cells_[unkeyed.front().first].serial != unkeyed.front().second) unkeyed.pop_front();
    unkeyed.emplace_back(index, cell.serial);
  }
  ends_.push({now + usual_duration(of_service), index, cell.serial});
}

void ReplayWorld::release(Index index) {
  Inside& cell = cells_[index];
  cell.ticket = Ticket();
  ++cell.serial;
  if (cell.is_keyed) by_key_.erase(cell.key);
  free_.push_back(index);
}

void ReplayWorld::leave(std::uint32_t service, const LogLine& line, Instant now) {
  end_until(now);
  OfService& of_service = of_services_[service];
  of_service.ends = true;
  if (line.duration_ms >= 0 && line.duration_ms < std::chrono::milliseconds(kLongest).count()) {
    ++of_service.durations;
    of_service.total += std::chrono::milliseconds(line.duration_ms);
  }
  const Key key = key_of(service, line);
  if (key.pid != 0 || key.source.port != 0) {
    if (const auto found = by_key_.find(key); found != by_key_.end()) release(found->second);
    return;
  }
  while (!of_service.unkeyed.empty()) {
    const auto [index, serial] = of_service.unkeyed.front();
    of_service.unkeyed.pop_front();
    if (cells_[index].serial != serial) continue;  // ended already
    release(index);
    return;
  }
}

// Whoever has stayed as long as is assumed leaves, but not those of whose end the log will tell.
void ReplayWorld::end_until(Instant now) {
  while (!ends_.empty() && ends_.top().at <= now) {
    const End end = ends_.top();
    ends_.pop();
    const Inside& cell = cells_[end.cell];
    if (cell.serial != end.serial) continue;
    if (cell.awaits_exit && of_services_[cell.key.service].ends) continue;
    ++assumed_ends_;
    release(end.cell);
  }
}

}  // namespace reeve
