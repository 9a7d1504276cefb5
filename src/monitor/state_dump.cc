#include "monitor/state_dump.h"

#include <algorithm>
#include <iterator>
#include <vector>

#include <fmt/format.h>

namespace reeve {

namespace {

constexpr std::size_t kMostEntries = 100;

using Out = std::back_insert_iterator<std::string>;

std::string limit_text(std::uint32_t limit) {
  return limit == kUnlimited ? "UNLIMITED" : std::to_string(limit);
}

void write_access(Out out, std::string_view name, const AccessList* list) {
  if (list == nullptr) return;
  fmt::format_to(out, "    {} =", name);
  for (std::size_t each = 0; each < list->entries.size() && each < kMostEntries; ++each) {
    const AccessEntry& entry = list->entries[each];
    fmt::format_to(out, " {}", entry.name.empty() ? to_text(entry.prefix) : std::string(entry.name));
  }
  if (list->entries.size() > kMostEntries) fmt::format_to(out, " (and {} more)", list->entries.size() - kMostEntries);
  fmt::format_to(out, "\n");
}

std::string listening_text(const Generation& generation, const Service& service) {
  std::size_t open = 0, resting = 0;
  for (std::size_t place = service.first_place; place < std::size_t{service.first_place} + service.place_count; ++place) {
    const ListenerRef& listener = generation.listeners[place];
    if (listener) ++(listener->resting ? resting : open);
  }
  if (open + resting == 0) return "without a listener";
  const std::string text = open == 0 ? "resting" : "listening";
  return service.place_count == 1 ? text : fmt::format("{} at {} of {} places", text, open == 0 ? resting : open, service.place_count);
}

std::string source_text(const WireEndpoint& source) {
  return source.known != 0 ? to_text(Address(source.address)) : "an unknown address";
}

}  // namespace

std::string state_dump(const Generation& generation, ProcessTable& processes, const RunsOld& runs_old, Instant now) {
  std::string text;
  const Out out = std::back_inserter(text);
  std::vector<std::vector<const Process*>> running(generation.configuration->services.size() + 1);
  processes.for_each([&](const Process& one) { running[std::min<std::size_t>(one.service, running.size() - 1)].push_back(&one); });
  const auto write_instances = [&](const std::vector<const Process*>& list, const Service* service) {
    for (const Process* one : list) {
      const auto age = std::chrono::floor<std::chrono::seconds>(now - one->started).count();
      const bool is_old = service != nullptr && service->launch != nullptr && runs_old(*one, service->launch->server.data());
      fmt::format_to(out, "    pid {} for {}, {} s{}\n", one->pid, source_text(one->source), age, is_old ? ", old program" : "");
    }
  };

  fmt::format_to(out, "monitor: configuration {}, {} services, {} running servers\n", generation.number,
                 generation.configuration->services.size(), processes.size());
  for (std::size_t index = 0; index < generation.configuration->services.size(); ++index) {
    const Service& service = generation.configuration->services[index];
    fmt::format_to(out, "service {} (id {}): {} port {}, {}\n", service.name, service.id, to_text(service.socket_type), service.port,
                   listening_text(generation, service));
    fmt::format_to(out, "    instances {} of {}, per_source {}, cps {} {}\n", running[index].size(), limit_text(service.instances),
                   limit_text(service.per_source), service.cps_rate, service.cps_wait_seconds);
    write_access(out, "only_from", service.only_from);
    write_access(out, "no_access", service.no_access);
    write_instances(running[index], &service);
  }
  if (!running.back().empty()) fmt::format_to(out, "servers of services that are gone:\n");
  write_instances(running.back(), nullptr);
  return text;
}

}  // namespace reeve
