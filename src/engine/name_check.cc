#include "engine/name_check.h"

#include <set>
#include <string>
#include <vector>

#include "base/host_name.h"
#include "sys/clock.h"

namespace reeve {
namespace {

struct Mention {
  const Service* service;
  const AccessEntry* entry;
};

// The first mention of each host name; a .domain has no address of its own.
std::vector<Mention> mentions(const Configuration& configuration) {
  std::vector<Mention> found;
  std::set<std::string> seen;
  for (const Service& service : configuration.services) {
    for (const AccessList* list : {service.only_from, service.no_access}) {
      if (list == nullptr || !list->has_names) continue;
      for (const AccessEntry& entry : list->entries) {
        if (found.size() >= NameCheck::kMaxNames) return found;
        if (entry.name.empty() || entry.name.front() == '.') continue;
        if (seen.insert(folded_host_name(entry.name)).second) found.push_back({&service, &entry});
      }
    }
  }
  return found;
}

}  // namespace

void NameCheck::begin(const ConfigurationRef& configuration) {
  ++turn_;
  for (const Service& service : configuration->services) {
    const auto has_names = [](const AccessList* list) { return list != nullptr && list->has_names; };
    if (has_names(service.only_from) || has_names(service.no_access)) return loop_.start(check(configuration, turn_));
  }
}

Task<> NameCheck::check(ConfigurationRef configuration, std::uint32_t turn) {
  const std::vector<Mention> all = mentions(*configuration);
  Resolver& resolver = inquiries_.resolver();
  int failures = 0;
  for (std::size_t each = 0; each < all.size() && failures < kMaxFailures; ++each) {
    std::string name(all[each].entry->name);
    const HostAddresses found = co_await resolver.addresses_of(std::move(name));
    if (turn != turn_) co_return;
    if (found.status == DnsAnswer::Status::none) say_missing(*configuration, *all[each].service, *all[each].entry);
    if (found.status == DnsAnswer::Status::failed) ++failures;
  }
  if (failures == 0) co_return;
  journal_.say(Level::warning, wall_now(),
               "host names in only_from or no_access cannot be looked up: no name server answers; who could come in by name is refused");
}

void NameCheck::say_missing(const Configuration& configuration, const Service& service, const AccessEntry& entry) {
  journal_.say(Level::warning, wall_now(),
               std::string(configuration.files[entry.where.file]) + ":" + std::to_string(entry.where.line) + ":" +
                   std::to_string(entry.where.column) + ": service " + std::string(service.id) + ": there is no host `" +
                   std::string(entry.name) + "`: it matches nobody until there is one");
}

}  // namespace reeve
