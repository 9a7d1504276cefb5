#include "engine/wrappers.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "engine/arrival.h"
#include "engine/wrap_banners.h"
#include "sys/clock.h"

namespace reeve {
namespace {

using OptionKind = WrapOption::Kind;

constexpr std::chrono::seconds kBannerDeadline{10};
constexpr std::uint8_t kInfo = 6, kOwnFacility = 255;

// Cut, and with what a shell might take for more than a name replaced: the monitor takes nothing else.
template <std::size_t size>
void put_harmless(std::array<char, size>& out, const std::string& text) {
  const std::size_t length = std::min(text.size(), size - 1);
  std::transform(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(length), out.begin(),
                 [](char byte) { return is_harmless_in_expansion(byte) ? byte : '_'; });
}

}  // namespace

struct Wrappers::Asked {
  Visit visit;
  WrapTableRef table;
  WrapRequest request;
  WrapPass pass;
  std::uint8_t facility = kOwnFacility, priority = kInfo;
  std::chrono::seconds ident_time{0};  // of the option rfc931
  // Among those for whom something is found out. Crowded out: there was none, so nothing is known for sure.
  std::optional<Inquiries::Place> place;
  bool crowded_out = false;

  [[nodiscard]] const Service& service() const noexcept { return visit.post->service(); }

  void look_up_server() {
    if (request.has_server) return;
    request.has_server = true;
    request.server = visit.server;
    if (!request.server && visit.connection >= 0) request.server = local_endpoint(visit.connection);
  }

  [[nodiscard]] WrapFacts facts() const {
    WrapFacts facts;
    facts.daemon = request.daemon;
    if (request.client) facts.client_address = to_text(request.client->address);
    if (request.client) facts.client_port = request.client->port;
    if (request.server) facts.server_address = to_text(request.server->address);
    if (request.server) facts.server_port = request.server->port;
    facts.client_name = request.client_name.value_or("");
    facts.server_name = request.server_name.value_or("");
    facts.client_user = request.client_user.value_or("");
    return facts;
  }

  [[nodiscard]] WrapMessage message(std::size_t rule, std::uint32_t option) const {
    WrapMessage message;
    message.rules = table->number;
    message.generation = visit.post->generation;
    message.service = visit.post->index;
    message.rule = static_cast<std::uint32_t>(rule);
    message.option = option;
    if (request.client) message.client = to_wire(*request.client);
    if (request.server) message.server = to_wire(*request.server);
    put_harmless(message.client_name, request.client_name.value_or(""));
    put_harmless(message.server_name, request.server_name.value_or(""));
    put_harmless(message.client_user, request.client_user.value_or(""));
    return message;
  }
};

// Its end is the monitor's to bring about: it kills a command that takes too long.
class Wrappers::Running {
 public:
  Running(Wrappers& wrappers, InstanceId id) : wrappers_(wrappers), id_(id) { wrappers_.commands_.emplace(id, this); }
  ~Running() { wrappers_.commands_.erase(id_); }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

  [[nodiscard]] bool await_ready() const noexcept { return ended_.has_value(); }
  void await_suspend(std::coroutine_handle<> waiter) noexcept { waiter_ = waiter; }
  // Did it run, and end with status 0?
  [[nodiscard]] bool await_resume() const noexcept {
    return ended_ && ended_->ran != 0 && WIFEXITED(ended_->wait_status) && WEXITSTATUS(ended_->wait_status) == 0;
  }
  void end(const CommandEndedMessage& message) {
    ended_ = message;
    if (waiter_) std::exchange(waiter_, {}).resume();
  }

 private:
  Wrappers& wrappers_;
  InstanceId id_;
  std::coroutine_handle<> waiter_;
  std::optional<CommandEndedMessage> ended_;
};

struct Wrappers::Outcome {
  bool refused = false;
  bool unmatched = false;  // an aclexec said no: the rest of the file is left out
};

void Wrappers::take(const CommandEndedMessage& message) {
  const auto found = commands_.find(message.instance);
  if (found != commands_.end()) found->second->end(message);
}

Wrappers::Glance Wrappers::glance(const Service& service) {
  if (!is_wrapped(service)) return {.asks_nobody = true};
  const WrapTable* const table = book_.if_current();
  return {.asks_nobody = table != nullptr && table->rules.rules.empty(), .table = table};
}

bool Wrappers::admits(const Glance& glance, const Service& service, const std::optional<Endpoint>& source) {
  if (glance.asks_nobody) return true;
  if (glance.table == nullptr) return false;
  const WrapRules& rules = glance.table->rules;
  const WrapRequest request{.daemon = wrap_daemon_name(service), .client = source};
  const WrapFound found = find_wrap_rule(rules, glance.table->bundle, request);
  if (std::holds_alternative<WrapUnmatched>(found)) return true;
  const auto* const matched = std::get_if<WrapMatched>(&found);
  if (matched == nullptr) return false;
  const WrapRule& rule = rules.rules[matched->rule];
  const bool is_plain = rule.options.empty() || (rule.options.size() == 1 && rule.options.front().kind == OptionKind::allow);
  return is_plain && effect_of(rule) == WrapEffect::admits;
}

Task<> Wrappers::find_out(WrapNeed need, Asked& asked) {
  WrapRequest& request = asked.request;
  if (need != WrapNeed::server_address && !asked.place && !asked.crowded_out) {
    auto place = parts_.questions.enter(request.client ? request.client->address : Address());
    if (place) asked.place.emplace(std::move(*place));
    asked.crowded_out = !place;
  }
  if (asked.crowded_out) {
    // Refused in the end; until then as if nobody had answered.
    if (!request.client_name) request.client_name = "unknown";
    if (!request.server_name) request.server_name = "unknown";
    if (!request.client_user) request.client_user = "unknown";
    co_return;
  }
  switch (need) {
    case WrapNeed::server_address:
      asked.look_up_server();
      break;
    case WrapNeed::client_name: {
      const std::optional<Endpoint> client = request.client;
      request.client_name = co_await parts_.questions.name_of(client);
      break;
    }
    case WrapNeed::server_name: {
      asked.look_up_server();
      const std::optional<Endpoint> server = request.server;
      request.server_name = co_await parts_.questions.name_of(server);
      break;
    }
    case WrapNeed::client_user: {
      const int connection = asked.visit.connection;
      const std::chrono::seconds time = asked.ident_time;
      request.client_user = co_await parts_.questions.user_of(connection, time);
      break;
    }
  }
}

Task<> Wrappers::find_out_all(WrapNeeds needs, Asked& asked) {
  if (needs.server_address) asked.look_up_server();
  if (needs.client_name && !asked.request.client_name) {
    co_await find_out(WrapNeed::client_name, asked);
  }
  if (needs.server_name && !asked.request.server_name) {
    co_await find_out(WrapNeed::server_name, asked);
  }
  if (needs.client_user && !asked.request.client_user) {
    co_await find_out(WrapNeed::client_user, asked);
  }
}

void Wrappers::refuse(const Asked& asked, Where where, std::string_view why) {
  const Service& service = asked.service();
  const std::string& path = asked.table ? asked.table->bundle.files[where.file].path : std::string();
  const std::string from = asked.visit.source ? to_text(asked.visit.source->address) : "<no address>";
  std::string text = fmt::format("libwrap refused connection to {} (libwrap={}) from {}", service.id, asked.request.daemon, from);
  if (!why.empty()) text += fmt::format(": {}", why);
  if (!path.empty() && where.line != 0) text += fmt::format(" [file={}] [line={}]", path, where.line);
  parts_.journal.say_as(asked.facility, asked.priority, wall_now(), text);
  parts_.recorder.refused_by_wrappers(*asked.visit.post, asked.visit.source, path, where);
}

Task<bool> Wrappers::send_banner(const WrapOption& option, Asked& asked) {
  auto text = read_wrap_banner(option.text, std::string(asked.request.daemon));
  if (!text) {
    parts_.journal.say(Level::warning, wall_now(), text.error().text());
    co_return true;
  }
  const WrapNeeds needs = expansion_needs(*text);
  co_await find_out_all(needs, asked);
  const auto expanded = expand_wrap_text(*text, asked.facts());
  if (!expanded) co_return false;
  std::string bytes = with_network_newlines(*expanded);
  const Instant deadline = instant_now() + kBannerDeadline;
  const int connection = asked.visit.connection;
  asked.pass.was_greeted = true;
  const bool sent = co_await send_all(parts_.loop, connection, std::move(bytes), deadline);
  co_return sent;
}

Task<Wrappers::Outcome> Wrappers::carry_out(std::size_t number, Asked& asked) {
  const WrapRule& rule = asked.table->rules.rules[number];
  const WrapEffect effect = effect_of(rule);
  const bool is_stream = asked.visit.connection >= 0;
  const bool is_decided =
      !rule.options.empty() && (rule.options.back().kind == OptionKind::allow || rule.options.back().kind == OptionKind::deny);
  bool changes_start = effect == WrapEffect::twists;
  bool said_yes = true;
  for (std::size_t each = 0; each < rule.options.size(); ++each) {
    const WrapOption& option = rule.options[each];
    switch (option.kind) {
      case OptionKind::allow:
      case OptionKind::deny:
      case OptionKind::wrong:
        break;
      case OptionKind::severity:
        asked.facility = static_cast<std::uint8_t>(option.number / 8);
        asked.priority = static_cast<std::uint8_t>(option.number % 8);
        break;
      case OptionKind::keepalive: {
        const int on = 1;
        if (is_stream) (void)::setsockopt(asked.visit.connection, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
        break;
      }
      case OptionKind::linger: {
        const linger time{1, option.number};
        if (is_stream) (void)::setsockopt(asked.visit.connection, SOL_SOCKET, SO_LINGER, &time, sizeof time);
        break;
      }
      case OptionKind::rfc931:
        asked.ident_time = std::chrono::seconds(option.number);
        if (is_stream && !asked.request.client_user) {
          co_await find_out(WrapNeed::client_user, asked);
        }
        break;
      case OptionKind::banners:
        if (is_stream) {
          const bool heard = co_await send_banner(option, asked);
          if (!heard) co_return Outcome{.refused = true};
        }
        break;
      case OptionKind::spawn:
      case OptionKind::aclexec: {
        const WrapNeeds needs = expansion_needs(option.text);
        co_await find_out_all(needs, asked);
        WrapMessage message = asked.message(number, static_cast<std::uint32_t>(each));
        message.instance = parts_.instances.next_id();
        parts_.monitor.send(message, {});
        if (effect == WrapEffect::refuses && option.kind == OptionKind::spawn) break;
        Running running(*this, message.instance);
        const bool good = co_await running;
        if (option.kind == OptionKind::aclexec) said_yes = good;
        break;
      }
      case OptionKind::setenv:
      case OptionKind::twist: {
        const WrapNeeds needs = expansion_needs(option.text);
        co_await find_out_all(needs, asked);
        changes_start = true;
        break;
      }
      case OptionKind::nice:
      case OptionKind::umask:
      case OptionKind::user:
      case OptionKind::group:
        changes_start = true;
        break;
    }
  }
  if (!said_yes && !is_decided && effect != WrapEffect::is_wrong && effect != WrapEffect::twists) co_return Outcome{.unmatched = true};
  if (changes_start && effect != WrapEffect::refuses && effect != WrapEffect::is_wrong) {
    asked.pass.start = std::make_unique<WrapMessage>(asked.message(number, kWrapForStart));
    asked.pass.is_twisted = effect == WrapEffect::twists;
  }
  co_return Outcome{.refused = effect == WrapEffect::refuses || effect == WrapEffect::is_wrong};
}

Task<WrapPass> Wrappers::pass(Visit visit) {
  Asked asked;
  asked.visit = std::move(visit);
  const ConfigurationRef configuration = asked.visit.post->configuration;  // the name below points into it
  asked.request.daemon = wrap_daemon_name(asked.service());
  asked.request.client = asked.visit.source;
  if (asked.visit.has_no_user) asked.request.client_user = "unknown";
  asked.table = co_await book_.current();
  if (!asked.table) {
    refuse(asked, {}, "there are no rules to be had");
    asked.pass.admitted = false;
    co_return std::move(asked.pass);
  }
  const WrapRules& rules = asked.table->rules;
  std::size_t first = 0;
  for (;;) {
    const WrapFound found = find_wrap_rule(rules, asked.table->bundle, asked.request, first);
    if (asked.crowded_out) {
      refuse(asked, {}, "too many names and users are being asked for");
      asked.pass.admitted = false;
      break;
    }
    if (std::holds_alternative<WrapUnmatched>(found)) break;
    if (const auto* need = std::get_if<WrapNeed>(&found)) {
      const WrapNeed wanted = *need;
      co_await find_out(wanted, asked);
      continue;
    }
    if (const auto* unreadable = std::get_if<WrapUnreadable>(&found)) {
      refuse(asked, rules.rules[unreadable->rule].where, "a file of patterns can't be read");
      asked.pass.admitted = false;
      break;
    }
    const std::size_t number = std::get<WrapMatched>(found).rule;
    const Outcome outcome = co_await carry_out(number, asked);
    if (outcome.unmatched && number < rules.first_deny) {
      first = rules.first_deny;
      continue;
    }
    if (outcome.refused) {
      const WrapRule& rule = rules.rules[number];
      const bool is_wrong = effect_of(rule) == WrapEffect::is_wrong;
      refuse(asked, rule.where, is_wrong ? std::string_view(rule.options.back().text) : std::string_view());
      asked.pass.admitted = false;
    }
    break;
  }
  co_return std::move(asked.pass);
}

}  // namespace reeve
