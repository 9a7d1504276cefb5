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
  const AccessEntry* denied = best_entry(service.no_access, source);
  const AccessEntry* allowed = best_entry(service.only_from, source);
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

std::string_view fail_word(Reason reason) noexcept {
  switch (reason) {
    case Reason::ban:
    case Reason::address:
    case Reason::sensor:
    case Reason::name:
    case Reason::user:
    case Reason::inquiries:
      return "address";
    case Reason::time:
      return "time";
    case Reason::load:
      return "load";
    case Reason::cps:
      return "connections per second";
    case Reason::instances:
      return "service_limit";
    case Reason::per_source:
    case Reason::source_rate:
      return "per_source_limit";
    case Reason::process_limit:
      return "process_limit";
    case Reason::fork:
      return "fork";
    case Reason::exec:
      return "exec";
    case Reason::proxy:
      return "proxy";
    case Reason::target:
      return "target";
    case Reason::libwrap:
      return "libwrap";
    case Reason::stopped:
      return "stopped";
  }
  return "address";
}

std::string_view to_text(Reason reason) noexcept {
  switch (reason) {
    case Reason::ban:
      return "ban";
    case Reason::address:
      return "address";
    case Reason::time:
      return "time";
    case Reason::load:
      return "load";
    case Reason::cps:
      return "cps";
    case Reason::instances:
      return "instances";
    case Reason::per_source:
      return "per_source";
    case Reason::source_rate:
      return "rate_per_source";
    case Reason::process_limit:
      return "process_limit";
    case Reason::sensor:
      return "sensor";
    case Reason::fork:
      return "fork";
    case Reason::exec:
      return "exec";
    case Reason::name:
      return "name";
    case Reason::user:
      return "user";
    case Reason::inquiries:
      return "inquiries";
    case Reason::proxy:
      return "proxy";
    case Reason::target:
      return "target";
    case Reason::libwrap:
      return "libwrap";
    case Reason::stopped:
      return "stopped";
  }
  return "address";
}

bool needs_user(const Service& service) noexcept {
  return service.flags.idonly && logs_user(service, false);
}

bool logs_user(const Service& service, bool refused) noexcept {
  return service.is_stream() && !service.wait && service.kind != Kind::sensor &&
         (refused ? service.log_on_failure.userid : service.log_on_success.userid);
}

Verdict decide(const Configuration& configuration, const Service& service, const Address& source, const Facts& facts) {
  const auto refusal = [&](Reason reason, std::string_view attribute) {
    return Refusal{reason, configuration.where_of(service, attribute)};
  };

  if (facts.stopped) return Refusal{Reason::stopped, {}};
  if (facts.banned) return Refusal{Reason::ban, {}};
  const Identity* identity = facts.identity;
  const Verdict access = decide_again(configuration, service, source, facts.local, identity != nullptr ? &identity->name : nullptr);
  if (std::holds_alternative<Refusal>(access)) return access;
  if (service.max_load > 0 && facts.load >= static_cast<double>(service.max_load)) return refusal(Reason::load, "max_load");
  // Before cps: who comes too often by himself is not to use up what the service has for all.
  if (facts.over_source_rate) return refusal(Reason::source_rate, "rate_per_source");
  if (facts.rate == RateState::shed) return refusal(Reason::cps, "cps");
  if (facts.running >= service.instances) return refusal(Reason::instances, "instances");
  if (facts.running_from_source >= source_limit(service)) {
    return refusal(Reason::per_source, service.per_source_given ? "per_source" : "instances");
  }
  // Only programs are processes: what the engine serves itself costs none of -limit.
  if (service.kind == Kind::program && facts.processes >= facts.process_limit) return Refusal{Reason::process_limit, {}};
  if (std::holds_alternative<Undecided>(access) || !needs_user(service)) return access;
  if (identity == nullptr || identity->user.state == RemoteUser::State::unasked) return Undecided{Undecided::Need::user};
  if (identity->user.state == RemoteUser::State::unknown) return refusal(Reason::user, "flags");
  return Admitted{};
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
