#include "cli/differences.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "base/address.h"
#include "config/attributes.h"
#include "policy/decide.h"

namespace reeve {
namespace {

class Search {
 public:
  explicit Search(const Configuration& configuration) : configuration_(configuration) {}

  std::vector<Diagnostic> run() {
    for (const Service& service : configuration_.services) {
      if (service.compat_xinetd) continue;
      look_at_lists(service);
      look_at_names(service);
      look_at_share(service);
      look_at_cps(service);
      look_at_v6only(service);
      look_at_place(service);
    }
    std::ranges::stable_sort(notes_, {}, [](const Diagnostic& one) { return std::pair{one.where.file, one.where}; });
    return std::move(notes_);
  }

 private:
  void note(const Service& service, Where where, std::string text, std::string hint) {
    if (!named_.insert({where, text}).second) return;
    notes_.push_back(
        {.severity = Severity::note, .where = where, .text = std::move(text), .hint = std::move(hint), .service = std::string{service.id}});
  }

  // Its own attribute or that of defaults; nullptr when nobody gave it.
  const Origin* origin(const Service& service, std::string_view attribute) const {
    const std::uint8_t index = find_attribute(attribute);
    for (const auto origins : {service.origins, configuration_.default_origins}) {
      const auto found = std::ranges::find(origins, index, &Origin::attribute);
      if (found != origins.end()) return &*found;
    }
    return nullptr;
  }

  void look_at_lists(const Service& service) {
    if (service.only_from == nullptr || service.no_access == nullptr) return;
    for (const AccessEntry& allowed : service.only_from->entries) {
      if (!allowed.name.empty()) continue;
      const auto denied = service.no_access->prefixes.longest_match(allowed.prefix.address);
      if (!denied || denied->prefix.bits >= allowed.prefix.bits) continue;
      note(service, allowed.where,
           fmt::format("{} is in no_access too ({}): the better match admits it, xinetd refuses it", to_text(allowed.prefix),
                       to_text(denied->prefix)),
           "compat = xinetd refuses it");
    }
  }

  // Addresses are better wherever they don't change.
  void look_at_names(const Service& service) {
    const auto first_name = [](const AccessList* list) -> const AccessEntry* {
      if (list == nullptr || !list->has_names) return nullptr;
      return &*std::ranges::find_if(list->entries, [](const AccessEntry& entry) { return !entry.name.empty(); });
    };
    if (const AccessEntry* entry = first_name(service.only_from)) {
      note(service, entry->where, fmt::format("`{}` lets in whose name leads back to his address, xinetd believes any name", entry->name),
           "an address needs no look-up for each visit");
    }
    if (const AccessEntry* entry = first_name(service.no_access)) {
      note(service, entry->where,
           fmt::format("`{}` keeps out those, too, whose name cannot be looked up in time, xinetd lets them in", entry->name),
           "an address needs no look-up for each visit");
    }
  }

  void look_at_share(const Service& service) {
    const std::uint32_t share = source_limit(service);
    if (service.per_source_given || share == kUnlimited) return;
    note(service, configuration_.where_of(service, "instances"),
         fmt::format("one source gets {} of {} instances at most, xinetd gives it all", share, service.instances),
         "per_source = UNLIMITED gives it all");
  }

  void look_at_cps(const Service& service) {
    const Origin* cps = origin(service, "cps");
    if (cps == nullptr || service.cps_rate == 0 || service.cps_action == CpsAction::close) return;
    note(service, cps->where, "over cps the source that comes too often is refused, xinetd closes the service for everybody",
         "cps_action = close is xinetd's way");
  }

  void look_at_v6only(const Service& service) {
    const Origin* v6only = origin(service, "v6only");
    if (v6only == nullptr || service.family == Family::v4) return;
    if (v6only->from_defaults && service.v6only) {
      note(service, v6only->where, "v6only holds for services without their own, xinetd ignores it in defaults", "");
    } else if (!v6only->from_defaults && !service.v6only) {
      note(service, v6only->where, "v6only = no lets IPv4 in, xinetd takes any value for yes", "v6only = yes keeps IPv4 out");
    }
  }

  // xinetd copies these when it reads a service, so those in front of defaults go without.
  void look_at_place(const Service& service) {
    for (const std::string_view attribute :
         {"only_from", "no_access", "access_times", "passenv", "banner", "banner_success", "banner_fail"}) {
      const Origin* given = origin(service, attribute);
      if (given == nullptr || !given->from_defaults) continue;
      if (given->where.file != service.where.file || given->where.line < service.where.line) continue;
      note(service, service.where,
           fmt::format("{} of defaults holds here too, xinetd ignores it for services in front of defaults", attribute), "");
    }
  }

  const Configuration& configuration_;
  std::vector<Diagnostic> notes_;
  std::set<std::pair<Where, std::string>> named_;
};

}  // namespace

std::vector<Diagnostic> differences(const Configuration& configuration) {
  return Search(configuration).run();
}

}  // namespace reeve
