#include "cli/explain_service.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/printable.h"
#include "cli/values_as_text.h"
#include "cli/wrap_answer.h"
#include "policy/wrap_match.h"

namespace reeve {
namespace {

using Says = ExplainStep::Says;

void say_rule(const WrapRule& rule, ExplainStep& step) {
  const bool has_command =
      std::ranges::any_of(rule.options, [](const WrapOption& option) { return option.kind == WrapOption::Kind::aclexec; });
  switch (effect_of(rule)) {
    case WrapEffect::admits:
      step.compared = has_command ? "the rule admits it, if its aclexec ends with 0" : "the rule admits it";
      break;
    case WrapEffect::refuses:
      step.says = Says::refuses;
      step.compared = rule.refuses_all ? "the rest of the file can't be read: nobody is admitted" : "the rule refuses it";
      break;
    case WrapEffect::twists:
      step.compared = "the rule's command takes the service's place";
      break;
    case WrapEffect::is_wrong:
      step.says = Says::refuses;
      step.compared = "the rule matches, and an option is wrong: " + printable(rule.options.back().text, 200);
      break;
  }
  step.change = step.says == Says::refuses ? "a line before this one admits it" : "a line before this one refuses it";
}

}  // namespace

std::optional<ExplainStep> explain_proxy(const Configuration& configuration, const Service& service, const Address& source) {
  if (service.proxy_from == nullptr) return std::nullopt;
  const auto match = service.proxy_from->prefixes.longest_match(source);
  if (!match) return std::nullopt;
  const AccessEntry& entry = service.proxy_from->entries[match->value];
  return ExplainStep{.gate = "proxy_from",
                     .says = Says::note,
                     .compared = fmt::format("in {}: it has to say for whom it comes, and that client is judged. Below: as if for itself",
                                             to_text(entry.prefix)),
                     .place = place_text(configuration, entry.where)};
}

ExplainStep explain_wrap(const Service& service, const Address& source, const Identity& identity, const WrapFiles* files) {
  ExplainStep step{.gate = "tcp wrappers"};
  if (!is_wrapped(service)) {
    step.compared = service.flags.nolibwrap ? "not asked: NOLIBWRAP" : "not asked for streams of RPC services";
    return step;
  }
  if (files == nullptr || files->rules.rules.empty()) {
    step.compared = "no rules";
    return step;
  }
  const WrapFound found = ask_wrap_files(*files, service, source, identity);
  if (std::holds_alternative<WrapNeed>(found)) {
    step.says = Says::unknown;
    step.compared = "a rule asks for its name, which is not known: --name";
  } else if (const auto* unreadable = std::get_if<WrapUnreadable>(&found)) {
    step.says = Says::refuses;
    step.compared = "a file of patterns can't be read";
    step.place = wrap_place(*files, files->rules.rules[unreadable->rule].where);
  } else if (const auto* matched = std::get_if<WrapMatched>(&found)) {
    const WrapRule& rule = files->rules.rules[matched->rule];
    step.place = wrap_place(*files, rule.where);
    say_rule(rule, step);
  } else {
    step.compared = fmt::format("no rule speaks of {} as a client of {}", to_text(source), printable(wrap_daemon_name(service), 60));
    step.change = "a line of hosts.deny matches";
  }
  return step;
}

ExplainStep explain_sensor(const Configuration& configuration, const Service& service) {
  ExplainStep step{.gate = "sensor", .says = Says::refuses, .place = place_text(configuration, service.where)};
  if (service.deny_minutes == 0 || (!service.is_stream() && !service.udp_bans)) {
    step.compared = "a sensor: the visit is written down, nobody is banned";
  } else if (service.deny_minutes == kDenyForever) {
    step.compared = "a sensor: who touches it is banned for ever";
  } else {
    step.compared = fmt::format("a sensor: who touches it is banned for {} minutes", service.deny_minutes);
  }
  step.change = "SENSOR is taken out of flags";
  return step;
}

std::vector<ExplainStep> explain_service(const Configuration& configuration, const Service& service, bool refused) {
  std::vector<ExplainStep> steps;
  if (service.banners != nullptr) {
    const Banners& banners = *service.banners;
    std::string shown(banners.always);
    const Text second = refused ? banners.fail : banners.success;
    if (!second.empty()) shown += (shown.empty() ? "" : ", ") + std::string(second);
    if (!shown.empty()) steps.push_back({.gate = "banner", .says = Says::note, .compared = "it is shown " + printable(shown)});
  }
  if (refused) return steps;
  ExplainStep step{.gate = "start", .says = Says::note};
  switch (service.kind) {
    case Kind::program: {
      const Launch& launch = *service.launch;
      const std::string words = arguments(service);
      step.compared = fmt::format("{}{}{}", printable(launch.server), words.empty() ? "" : " ", printable(words));
      step.compared += launch.set_ids ? fmt::format(", as uid {}, gid {}", launch.uid, launch.gid) : ", as whoever runs reeved";
      if (service.wait) step.compared += "; it gets the listener (wait = yes)";
      step.place = place_text(configuration, configuration.where_of(service, "server"));
      break;
    }
    case Kind::builtin:
      step.compared = "served by the engine itself";
      break;
    case Kind::redirect:
      step.compared = "relayed to " + printable(targets(*service.redirect));
      step.place = place_text(configuration, configuration.where_of(service, "redirect"));
      break;
    case Kind::tcpmux:
      step.compared = "asked which service it wants; that one's gates follow";
      break;
    case Kind::sensor:
      return steps;
  }
  steps.push_back(std::move(step));
  return steps;
}

}  // namespace reeve
