#include "policy/decide.h"

#include <algorithm>
#include <optional>

namespace reeve {
namespace {

// The entry of `list` that matches best. Names take no part.
const AccessEntry* best_entry(const AccessList* list, const Address& source) noexcept {
  if (list == nullptr) return nullptr;
  const auto match = list->prefixes.longest_match(source);
  return match ? &list->entries[match->value] : nullptr;
}

// Of an address on both lists the better match decides, between equals no_access. xinetd refuses it always.
std::optional<Refusal> refused_by_address(const Service& service, const Address& source) noexcept {
  const AccessEntry* denied = best_entry(service.no_access, source);
  const AccessEntry* allowed = best_entry(service.only_from, source);
  if (service.only_from != nullptr && allowed == nullptr) {
    return Refusal{Reason::address, denied != nullptr ? denied->where : service.only_from->where};
  }
  if (denied == nullptr) return std::nullopt;
  if (allowed != nullptr && !service.compat_xinetd && allowed->prefix.bits > denied->prefix.bits) return std::nullopt;
  return Refusal{Reason::address, denied->where};
}

bool is_within(const TimeSpan& span, LocalMinute local) noexcept {
  const auto begins_on = [&](unsigned weekday) { return (span.weekdays >> weekday & 1) != 0; };
  const unsigned today = local.weekday, yesterday = (today + 6) % 7;
  if (span.from <= span.to) return begins_on(today) && local.minute_of_day >= span.from && local.minute_of_day <= span.to;
  return (begins_on(today) && local.minute_of_day >= span.from) || (begins_on(yesterday) && local.minute_of_day <= span.to);
}

bool is_open(const Service& service, LocalMinute local) noexcept {
  return service.access_times.empty() ||
         std::ranges::any_of(service.access_times, [&](const TimeSpan& span) { return is_within(span, local); });
}

}  // namespace

std::string_view fail_word(Reason reason) noexcept {
  switch (reason) {
    case Reason::ban:
    case Reason::address:
    case Reason::sensor:
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
      return "per_source_limit";
    case Reason::process_limit:
      return "process_limit";
    case Reason::fork:
      return "fork";
    case Reason::exec:
      return "exec";
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
    case Reason::process_limit:
      return "process_limit";
    case Reason::sensor:
      return "sensor";
    case Reason::fork:
      return "fork";
    case Reason::exec:
      return "exec";
  }
  return "address";
}

Verdict decide(const Configuration& configuration, const Service& service, const Address& source, const Facts& facts) {
  const auto refusal = [&](Reason reason, std::string_view attribute) {
    return Refusal{reason, configuration.where_of(service, attribute)};
  };

  if (facts.banned) return Refusal{Reason::ban, {}};
  if (const Verdict verdict = decide_again(configuration, service, source, facts.local); std::holds_alternative<Refusal>(verdict))
    return verdict;
  if (service.max_load > 0 && facts.load >= static_cast<double>(service.max_load)) return refusal(Reason::load, "max_load");
  if (facts.rate == RateState::shed) return refusal(Reason::cps, "cps");
  if (facts.running >= service.instances) return refusal(Reason::instances, "instances");
  if (facts.running_from_source >= source_limit(service)) {
    return refusal(Reason::per_source, service.per_source_given ? "per_source" : "instances");
  }
  // Only programs are processes: what the engine serves itself costs none of -limit.
  if (service.kind == Kind::program && facts.processes >= facts.process_limit) return Refusal{Reason::process_limit, {}};
  return Admitted{};
}

Verdict decide_again(const Configuration& configuration, const Service& service, const Address& source, LocalMinute local) {
  if (const auto refusal = refused_by_address(service, source)) return *refusal;
  if (!is_open(service, local)) return Refusal{Reason::time, configuration.where_of(service, "access_times")};
  return Admitted{};
}

std::uint32_t source_limit(const Service& service) noexcept {
  constexpr std::uint32_t kFewestToReserveFrom = 8;
  if (service.per_source_given) return service.per_source;
  if (service.compat_xinetd || service.instances == kUnlimited || service.instances < kFewestToReserveFrom) return kUnlimited;
  return service.instances - service.instances / 4;
}

Prefix source_prefix(const Service& service, const Address& source) noexcept {
  return Prefix::of(source, source.is_v4() ? 96u + service.source_bits_v4 : service.source_bits_v6);
}

}  // namespace reeve
