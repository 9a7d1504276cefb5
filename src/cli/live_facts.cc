#include "cli/live_facts.h"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

namespace reeve {
namespace {

constexpr std::chrono::milliseconds kPatience{10'000};

std::uint32_t count_of(const boost::json::object& object, std::string_view field, std::uint32_t otherwise = 0) {
  if (!has_value(object, field)) return otherwise;
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(number_of(object, field), 0, kUnlimited));
}

std::string ban_text_of(const boost::json::object& last) {
  const std::string why = text_of(last, "ban_reason");
  const std::string because = why.empty() ? "" : ", because of " + why;
  if (!has_value(last, "ban_left_s")) return "for ever" + because;
  return fmt::format("for {} s more{}", number_of(last, "ban_left_s"), because);
}

double decimal_of(const boost::json::object& last, std::string_view field) {
  const auto* value = last.if_contains(field);
  if (value == nullptr || !value->is_number()) return 0;
  return value->is_double() ? value->get_double() : static_cast<double>(number_of(last, field));
}

std::string penalty_text_of(const boost::json::object& last) {
  if (!has_value(last, "penalty_limit")) return {};
  std::string text = fmt::format("{} of {}", number_of(last, "penalty_score"), number_of(last, "penalty_limit"));
  if (has_value(last, "penalties")) text += " (" + text_of(last, "penalties") + ")";
  return text;
}

}  // namespace

void LiveFacts::complete(const Service& service, KnownFacts& known) const {
  const auto take = [](FactOrigin& origin) {
    if (origin != FactOrigin::assumed) return false;
    origin = FactOrigin::daemon;
    return true;
  };
  if (take(known.ban)) {
    known.facts.banned = banned;
    known.ban_text = ban_text;
  }
  if (take(known.load)) known.facts.load = load;
  if (take(known.pressure)) known.facts.pressure = pressure;
  known.never_banned = never_banned;
  known.penalty_text = penalty_text;
  if (take(known.processes)) {
    known.facts.processes = processes;
    known.facts.process_limit = process_limit;
  }
  const auto found = services.find(service.id);
  if (found == services.end()) return;
  const OfService& of = found->second;
  if (take(known.stopped)) known.facts.stopped = of.is_stopped;
  if (take(known.running)) known.facts.running = of.running;
  if (take(known.running_from)) known.facts.running_from_source = of.running_from;
  if (take(known.rate)) known.facts.rate = of.over_cps || of.is_resting ? RateState::shed : RateState::free;
  if (take(known.source_rate)) known.facts.over_source_rate = of.over_source_rate;
}

std::expected<LiveFacts, ControlTrouble> ask_facts(const std::string& socket, const Address& source) {
  auto client = ControlClient::connect(socket);
  if (!client) return std::unexpected(client.error());
  ControlRequest request("facts");
  request.with("source", to_text(source));
  const auto reply = client->ask(request, kPatience);
  if (!reply) return std::unexpected(reply.error());
  LiveFacts live;
  live.configuration = text_of(reply->last, "configuration");
  live.banned = flag_of(reply->last, "banned");
  if (live.banned) live.ban_text = ban_text_of(reply->last);
  live.load = decimal_of(reply->last, "load");
  live.pressure = {.cpu = static_cast<float>(decimal_of(reply->last, "pressure_cpu")),
                   .memory = static_cast<float>(decimal_of(reply->last, "pressure_memory")),
                   .io = static_cast<float>(decimal_of(reply->last, "pressure_io"))};
  live.never_banned = text_of(reply->last, "never_banned");
  live.penalty_text = penalty_text_of(reply->last);
  live.processes = count_of(reply->last, "processes");
  live.process_limit = count_of(reply->last, "process_limit", kUnlimited);
  for (const boost::json::object& item : reply->items) {
    live.services[text_of(item, "service")] = {.running = count_of(item, "running"),
                                               .running_from = count_of(item, "running_from"),
                                               .over_cps = flag_of(item, "over_cps"),
                                               .over_source_rate = flag_of(item, "over_source_rate"),
                                               .is_resting = flag_of(item, "resting"),
                                               .is_stopped = flag_of(item, "stopped")};
  }
  return live;
}

}  // namespace reeve
