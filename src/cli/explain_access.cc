#include "cli/explain_access.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/printable.h"

namespace reeve {
namespace {

// The entry by name that stands there; nullptr: none does.
const AccessEntry* entry_at(const AccessList* list, Where where) noexcept {
  if (list == nullptr) return nullptr;
  const auto entry = std::ranges::find_if(list->entries, [&](const AccessEntry& one) { return !one.name.empty() && one.where == where; });
  return entry == list->entries.end() ? nullptr : &*entry;
}

std::string name_text(const HostName& name) {
  switch (name.state) {
    case HostName::State::confirmed:
      return "its name is " + printable(name.name, 255);
    case HostName::State::none:
      return "it has no name";
    case HostName::State::unconfirmed:
      return "its name does not lead back to it";
    case HostName::State::failed:
      return "its name can't be found";
    case HostName::State::unasked:
      break;
  }
  return "its name is not known";
}

std::string by_address(const Service& service, const AccessMatch& match) {
  const auto in = [](const AccessEntry& entry, std::string_view list) { return fmt::format("in {} of {}", to_text(entry.prefix), list); };
  if (match.denied != nullptr && match.allowed != nullptr) {
    const bool outweighed = !service.compat_xinetd && match.allowed->prefix.bits > match.denied->prefix.bits;
    const std::string denied = in(*match.denied, "no_access"), allowed = in(*match.allowed, "only_from");
    return outweighed ? fmt::format("{}, which is closer than {}", allowed, to_text(match.denied->prefix))
                      : fmt::format("{}, which outweighs {}", denied, to_text(match.allowed->prefix));
  }
  if (match.denied != nullptr) return in(*match.denied, "no_access");
  if (match.allowed != nullptr) return in(*match.allowed, "only_from");
  if (service.only_from != nullptr) return "in no address of only_from";
  return service.no_access != nullptr ? "in no address of no_access" : "neither only_from nor no_access: everybody may come";
}

}  // namespace

ExplainStep explain_access(const Configuration& configuration, const Service& service, const Address& source, const HostName& name,
                           const Verdict& said) {
  ExplainStep step{.gate = "address"};
  if (source.is_local()) {
    step.compared = "a user of this machine: these lists are about networks";
    return step;
  }
  const AccessMatch match = match_access(service, source);
  step.compared = by_address(service, match);
  const std::string who = to_text(source);
  if (std::holds_alternative<Undecided>(said)) {
    step.compared += "; its name decides, which is not known: --name";
    return step;
  }
  const auto* refusal = std::get_if<Refusal>(&said);
  if (refusal == nullptr) {
    const AccessEntry* by = match.allowed != nullptr ? match.allowed : match.denied;
    if (by != nullptr) step.place = place_text(configuration, by->where);
    if (by == nullptr && service.only_from != nullptr) {
      step.compared += "; " + name_text(name);
      step.place = place_text(configuration, service.only_from->where);
    }
    step.change = match.allowed != nullptr
                      ? fmt::format("{} is taken out of only_from, or {} comes into no_access", to_text(match.allowed->prefix), who)
                      : fmt::format("{} comes into no_access", who);
    return step;
  }
  if (const AccessEntry* named = entry_at(service.no_access, refusal->where)) {
    step.compared += refusal->reason == Reason::name ? fmt::format("; {}, and {} of no_access may be meant", name_text(name), named->name)
                                                     : fmt::format("; it is called {}, as no_access says", named->name);
    step.change = fmt::format("{} is taken out of no_access", named->name);
  } else if (match.denied != nullptr && match.denied->where == refusal->where) {
    const std::string prefix = to_text(match.denied->prefix);
    step.change = fmt::format("{} is taken out of no_access", prefix);
    if (!service.compat_xinetd && match.denied->prefix.bits < 128) step.change += fmt::format(", or {} comes into only_from", who);
  } else {
    const bool by_name = service.only_from != nullptr && service.only_from->has_names;
    if (by_name) step.compared += "; " + name_text(name);
    step.change = fmt::format("{} comes into only_from{}", who, by_name ? ", or a name of it that leads back to it" : "");
  }
  return step;
}

}  // namespace reeve
