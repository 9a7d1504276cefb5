#include "policy/decide.h"

#include <algorithm>
#include <span>
#include <string>

#include "base/host_name.h"
#include "config/source_filter.h"

namespace reeve {
namespace {

// The entry of `list` that matches best. Names take no part.
const AccessEntry* best_entry(const AccessList* list, const Address& source) noexcept {
  if (list == nullptr) return nullptr;
  const auto match = list->prefixes.longest_match(source);
  return match ? &list->entries[match->value] : nullptr;
}

// The first name of `list` that one of `names` matches.
template <class... Names>
const AccessEntry* named_entry(const AccessList& list, const Names&... names) noexcept {
  for (const AccessEntry& entry : list.entries) {
    if (entry.name.empty()) continue;
    const auto matches = [&](const std::string& name) { return !name.empty() && matches_host_pattern(name, entry.name); };
    if ((std::ranges::any_of(names, matches) || ...)) return &entry;
  }
  return nullptr;
}

Where first_name(const AccessList& list) noexcept {
  const auto entry = std::ranges::find_if(list.entries, [](const AccessEntry& one) { return !one.name.empty(); });
  return entry == list.entries.end() ? list.where : entry->where;
}

// The lists by name, for a source whose address neither let it in nor kept it out for good. To be refused any name is
// enough, to be admitted only a confirmed one.
Verdict judge_name(const Service& service, const HostName& name, bool admitted_by_address) {
  const std::span<const std::string> canonical(&name.name, 1);
  const bool is_denying = service.no_access != nullptr && service.no_access->has_names;
  if (is_denying) {
    if (const AccessEntry* entry = named_entry(*service.no_access, canonical, name.others, name.claims))
      return Refusal{Reason::address, entry->where};
  }
  const bool failed = name.state == HostName::State::failed;
  if (!admitted_by_address) {
    const bool confirmed = name.state == HostName::State::confirmed;
    if (!confirmed || named_entry(*service.only_from, canonical, name.others) == nullptr)
      return Refusal{failed ? Reason::name : Reason::address, service.only_from->where};
  }
  // Whoever can make the look-up of his own name fail must not escape from a list that way.
  if (is_denying && failed && !service.compat_xinetd) return Refusal{Reason::name, first_name(*service.no_access)};
  return Admitted{};
}

// Of an address on both lists the better match decides, between equals no_access. xinetd refuses it always.
// Who comes by a unix socket was let in by the file's mode: the lists are about networks.
Verdict judge_address(const Service& service, const Address& source, const HostName* name) {
  if (source.is_local()) return Admitted{};
  // The client of a wait = yes stream is not known; who is not welcome doesn't get as far as this.
  if (service.is_stream() && source == Address{} && checks_every_packet(service)) return Admitted{};
  const auto [denied, allowed] = match_access(service, source);
  if (denied != nullptr) {
    const bool outweighed = allowed != nullptr && !service.compat_xinetd && allowed->prefix.bits > denied->prefix.bits;
    if (!outweighed) return Refusal{Reason::address, denied->where};
  }
  const bool admitted = service.only_from == nullptr || allowed != nullptr;
  if (!admitted && !service.only_from->has_names) return Refusal{Reason::address, service.only_from->where};
  if (admitted && (service.no_access == nullptr || !service.no_access->has_names)) return Admitted{};
  if (name == nullptr || name->state == HostName::State::unasked) return Undecided{Undecided::Need::name};
  return judge_name(service, *name, admitted);
}

bool is_within(const TimeSpan& span, LocalMinute local) noexcept {
  const auto begins_on = [&](unsigned weekday) { return (span.weekdays >> weekday & 1) != 0; };
  const unsigned today = local.weekday, yesterday = (today + 6) % 7;
  if (span.from <= span.to) return begins_on(today) && local.minute_of_day >= span.from && local.minute_of_day <= span.to;
  return (begins_on(today) && local.minute_of_day >= span.from) || (begins_on(yesterday) && local.minute_of_day <= span.to);
}

}  // namespace

bool is_open(const Service& service, LocalMinute local) noexcept {
  return service.access_times.empty() ||
         std::ranges::any_of(service.access_times, [&](const TimeSpan& span) { return is_within(span, local); });
}

bool needs_user(const Service& service) noexcept {
  return service.flags.idonly && logs_user(service, false);
}

bool logs_user(const Service& service, bool refused) noexcept {
  return service.is_stream() && !service.wait && service.kind != Kind::sensor &&
         (refused ? service.log_on_failure.userid : service.log_on_success.userid);
}

AccessMatch match_access(const Service& service, const Address& source) noexcept {
  return {.denied = best_entry(service.no_access, source), .allowed = best_entry(service.only_from, source)};
}

// ---------------------------------------------------------------- the checks

namespace {

struct Case {
  const Configuration& configuration;
  const Service& service;
  const Address& source;
  const Facts& facts;

  [[nodiscard]] Verdict access() const {
    return judge_address(service, source, facts.identity != nullptr ? &facts.identity->name : nullptr);
  }
  [[nodiscard]] bool is_overloaded() const noexcept { return service.max_load > 0 && facts.load >= static_cast<double>(service.max_load); }
  [[nodiscard]] bool is_stalled() const noexcept {
    if (service.max_pressure == nullptr) return false;
    const Pressure &most = *service.max_pressure, &now = facts.pressure;
    return (most.cpu > 0 && now.cpu >= most.cpu) || (most.memory > 0 && now.memory >= most.memory) || (most.io > 0 && now.io >= most.io);
  }
  [[nodiscard]] bool is_over_per_source() const noexcept { return facts.running_from_source >= source_limit(service); }
  // Only programs are processes: what the engine serves itself costs none of -limit.
  [[nodiscard]] bool is_over_process_limit() const noexcept {
    return service.kind == Kind::program && facts.processes >= facts.process_limit;
  }
  [[nodiscard]] Verdict user() const noexcept {
    if (!needs_user(service)) return Admitted{};
    const RemoteUser::State state = facts.identity == nullptr ? RemoteUser::State::unasked : facts.identity->user.state;
    if (state == RemoteUser::State::unasked) return Undecided{Undecided::Need::user};
    if (state == RemoteUser::State::unknown) return by(Reason::user, "flags");
    return Admitted{};
  }
  [[nodiscard]] Refusal by(Reason reason, std::string_view attribute) const noexcept {
    return {reason, configuration.where_of(service, attribute)};
  }
};

// The one list of checks. Whether each refuses goes through `settles`: true where that is the verdict.
template <class Settles>
Verdict walk(const Case& one, Settles settles) {
  const auto& [configuration, service, source, facts] = one;
  if (settles(Check::stopped, facts.stopped)) return Refusal{Reason::stopped, {}};
  if (settles(Check::ban, facts.banned)) return Refusal{Reason::ban, {}};
  const Verdict access = one.access();
  if (settles(Check::access, std::holds_alternative<Refusal>(access))) return access;
  if (settles(Check::time, !is_open(service, facts.local))) return one.by(Reason::time, "access_times");
  if (settles(Check::load, one.is_overloaded())) return one.by(Reason::load, "max_load");
  if (settles(Check::pressure, one.is_stalled())) return one.by(Reason::pressure, "max_pressure");
  // Before cps: who comes too often by himself is not to use up what the service has for all.
  if (settles(Check::source_rate, facts.over_source_rate)) return one.by(Reason::source_rate, "rate_per_source");
  if (settles(Check::cps, facts.rate == RateState::shed)) return one.by(Reason::cps, "cps");
  if (settles(Check::instances, facts.running >= service.instances)) return one.by(Reason::instances, "instances");
  if (settles(Check::per_source, one.is_over_per_source())) {
    return one.by(Reason::per_source, service.per_source_given ? "per_source" : "instances");
  }
  if (settles(Check::process_limit, one.is_over_process_limit())) return Refusal{Reason::process_limit, {}};
  // Nobody is asked for his user before his name let him in.
  if (std::holds_alternative<Undecided>(access)) return access;
  return one.user();
}

}  // namespace

Verdict decide(const Configuration& configuration, const Service& service, const Address& source, const Facts& facts) {
  return walk({configuration, service, source, facts}, [](Check, bool refuses) { return refuses; });
}

// What each check says is found by walks on which its word alone counts.
Trace trace(const Configuration& configuration, const Service& service, const Address& source, const Facts& facts) {
  const Case one{configuration, service, source, facts};
  Trace trace{.said = {}, .verdict = decide(configuration, service, source, facts)};
  for (std::size_t each = 0; each < kChecks; ++each) {
    bool refused = false;
    const Verdict end = walk(one, [&](Check check, bool refuses) {
      if (static_cast<std::size_t>(check) == each) refused = refuses;
      return refused;
    });
    if (refused) trace.said[each] = end;
  }
  const auto said = [&](Check check) -> Verdict& { return trace.said[static_cast<std::size_t>(check)]; };
  said(Check::access) = one.access();
  said(Check::user) = std::holds_alternative<Undecided>(said(Check::access)) ? said(Check::access) : one.user();
  return trace;
}

Verdict decide_again(const Configuration& configuration, const Service& service, const Address& source, LocalMinute local,
                     const HostName* name) {
  const Verdict access = judge_address(service, source, name);
  if (std::holds_alternative<Refusal>(access)) return access;
  if (!is_open(service, local)) return Refusal{Reason::time, configuration.where_of(service, "access_times")};
  return access;
}

std::uint32_t source_limit(const Service& service) noexcept {
  constexpr std::uint32_t kFewestToReserveFrom = 8;
  if (service.per_source_given) return service.per_source;
  if (service.compat_xinetd || service.instances == kUnlimited || service.instances < kFewestToReserveFrom) return kUnlimited;
  return service.instances - service.instances / 4;
}

Prefix source_prefix(const Service& service, const Address& source) noexcept {
  if (source.is_local()) return Prefix::host(source);
  return Prefix::of(source, source.is_v4() ? 96u + service.source_bits_v4 : service.source_bits_v6);
}

}  // namespace reeve
