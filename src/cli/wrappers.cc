#include "cli/wrappers.h"

#include <string_view>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "base/printable.h"
#include "config/wrap_rules.h"
#include "policy/wrap_match.h"

namespace reeve {
namespace {

struct Host {
  std::optional<Endpoint> endpoint;
  std::string name = "unknown";
};

Host host_of(std::string_view text) {
  Host host;
  if (const auto address = parse_address(text)) {
    host.endpoint = Endpoint{*address, 0};
  } else {
    host.name = text;
  }
  return host;
}

// "a@b" into its parts; the first "@" that isn't the first character counts.
std::pair<std::string_view, std::string_view> split_at_sign(std::string_view text) noexcept {
  const std::size_t at = text.find('@', 1);
  if (at == std::string_view::npos) return {text, {}};
  return {text.substr(0, at), text.substr(at + 1)};
}

struct Judged {
  bool granted = true;
  std::string why;
};

std::string place(const Bundle& bundle, Where where) {
  return where.line == 0 ? bundle.files[where.file].path : fmt::format("{}:{}", bundle.files[where.file].path, where.line);
}

Judged judge(const WrapRules& rules, const Bundle& bundle, const WrapFound& found) {
  if (const auto* unreadable = std::get_if<WrapUnreadable>(&found)) {
    return {false, fmt::format("{}: a file of patterns can't be read", place(bundle, rules.rules[unreadable->rule].where))};
  }
  const auto* matched = std::get_if<WrapMatched>(&found);
  if (matched == nullptr) return {true, "no rule speaks of it"};
  const WrapRule& rule = rules.rules[matched->rule];
  Judged judged{false, place(bundle, rule.where)};
  switch (effect_of(rule)) {
    case WrapEffect::admits:
      judged.granted = true;
      break;
    case WrapEffect::refuses:
      break;
    case WrapEffect::twists:
      judged.why += ": a command takes the service's place";
      judged.granted = true;
      break;
    case WrapEffect::is_wrong:
      judged.why += ": " + printable(rule.options.back().text);
      break;
  }
  return judged;
}

}  // namespace

Answer explain_wrappers(const WrappersRequest& request, FileReader& files, Names& names) {
  const Bundle bundle = gather_wrap_rules(request.paths, files);
  const WrapRules rules = parse_wrap_rules(bundle, names);

  const auto [daemon, server_text] = split_at_sign(request.daemon);
  const auto [before, behind] = split_at_sign(request.client);
  Host client = host_of(behind.empty() ? before : behind);
  if (!request.client_name.empty()) client.name = request.client_name;
  const Host server = host_of(server_text.empty() ? "unknown" : server_text);
  const WrapRequest asked{.daemon = daemon,
                          .client = client.endpoint,
                          .server = server.endpoint,
                          .client_name = client.name,
                          .server_name = server.name,
                          .client_user = behind.empty() ? "unknown" : std::string(before),
                          .has_server = true};
  const Judged judged = judge(rules, bundle, find_wrap_rule(rules, bundle, asked));

  Answer answer;
  answer.err = caret_text(rules.diagnostics, bundle, request.colour);
  answer.out = fmt::format("client:  {} {}\ndaemon:  {}\nby:      {}\naccess:  {}\n",
                           client.endpoint ? to_text(client.endpoint->address) : "unknown", printable(client.name), printable(daemon),
                           judged.why, judged.granted ? "granted" : "denied");
  answer.exit_code = judged.granted ? kClean : kDoubtful;
  return answer;
}

}  // namespace reeve
