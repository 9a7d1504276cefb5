#include "cli/top_sample.h"

#include <algorithm>
#include <utility>

namespace reeve {

namespace {

std::uint64_t count_of(const boost::json::object& object, std::string_view field) noexcept {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(number_of(object, field), 0));
}

}  // namespace

Counts counts_of(const ControlReply& reply, bool with_services) {
  const boost::json::object& last = reply.last;
  Counts counts;
  counts.at = std::chrono::milliseconds(number_of(last, "at_ms"));
  counts.version = text_of(last, "version");
  counts.may_act = text_of(last, "role") == "operator";
  counts.engine_pid = number_of(last, "engine_pid");
  counts.uptime_s = number_of(last, "uptime_s");
  counts.services = count_of(last, "services");
  counts.running = count_of(last, "running");
  counts.admitted = count_of(last, "admitted");
  counts.refused = count_of(last, "refused");
  counts.bans = count_of(last, "bans");
  const auto* const load = last.if_contains("load");
  if (load != nullptr && load->is_double()) counts.load = load->get_double();
  if (!with_services) return counts;
  std::vector<ServiceCount> services;
  services.reserve(reply.items.size());
  for (const boost::json::object& item : reply.items) {
    services.push_back({text_of(item, "id"), text_of(item, "state"), count_of(item, "running"), count_of(item, "admitted"),
                        count_of(item, "refused"), text_of(item, "last_refusal")});
  }
  counts.items = std::move(services);
  return counts;
}

Happenings happenings_of(const ControlReply& reply) {
  Happenings found;
  found.next = count_of(reply.last, "next");
  for (const boost::json::object& item : reply.items) {
    if (has_value(item, "lost")) continue;
    ++found.records;
    const std::string event = text_of(item, "event");
    const bool is_refusal = event == "fail" || event == "noid";
    if ((!is_refusal && event != "start") || !has_value(item, "source")) continue;
    std::string reason = is_refusal ? text_of(item, "reason") : std::string();
    if (is_refusal && reason.empty()) reason = "?";
    found.visits.push_back({text_of(item, "source"), text_of(item, "service"), std::move(reason)});
  }
  return found;
}

BanPage ban_page_of(const ControlReply& reply) {
  BanPage page;
  for (const boost::json::object& item : reply.items) {
    page.bans.push_back({text_of(item, "prefix"), text_of(item, "reason"),
                         has_value(item, "left_s") ? std::optional(number_of(item, "left_s")) : std::nullopt, number_of(item, "age_s"),
                         count_of(item, "hits")});
  }
  page.all = std::max<std::uint64_t>(count_of(reply.last, "all"), page.bans.size());
  return page;
}

}  // namespace reeve
