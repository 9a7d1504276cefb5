#include "config/plan.h"

#include <algorithm>
#include <functional>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

namespace reeve {
namespace {

constexpr std::uint8_t kTcp = 6, kUdp = 17, kSctp = 132;

// Not seed ^ value: an id mostly equals its name, and all such services would have one hash.
std::size_t mixed(std::size_t seed, std::size_t value) noexcept {
  return seed * 0x9e3779b97f4a7c15ULL + value;
}

struct KeyHash {
  std::size_t operator()(const ListenerKey& key) const noexcept {
    const auto& bytes = key.address.bytes();
    const std::string_view address{reinterpret_cast<const char*>(bytes.data()), bytes.size()};
    const std::size_t rest = key.port | static_cast<std::size_t>(key.socket_type) << 16 | static_cast<std::size_t>(key.protocol) << 24 |
                             static_cast<std::size_t>(key.family) << 32 | static_cast<std::size_t>(key.v6only) << 40;
    return mixed(std::hash<std::string_view>{}(address), rest);
  }
};

// What makes a service the same one after a reload. Ids need not be unique, so equal ones are counted.
using Identity = std::tuple<Text, Text, std::uint32_t>;  // id, name, occurrence

struct IdentityHash {
  std::size_t operator()(const Identity& identity) const noexcept {
    const std::hash<std::string_view> hash;
    return mixed(mixed(hash(std::get<0>(identity)), hash(std::get<1>(identity))), std::get<2>(identity));
  }
};

std::vector<Identity> identities(const Configuration& configuration) {
  std::unordered_map<Identity, std::uint32_t, IdentityHash> seen;
  std::vector<Identity> all;
  all.reserve(configuration.services.size());
  for (const Service& service : configuration.services) {
    const std::uint32_t occurrence = seen[{service.id, service.name, 0}]++;
    all.emplace_back(service.id, service.name, occurrence);
  }
  return all;
}

// Equality of what services mean; positions in files do not count. --------------------------------

template <class T, class Equal>
bool same_pointee(const T* left, const T* right, Equal equal) {
  if (left == nullptr || right == nullptr) return left == right;
  return equal(*left, *right);
}

bool same(const ServiceFlags& a, const ServiceFlags& b) {
  return a.intercept == b.intercept && a.noretry == b.noretry && a.idonly == b.idonly && a.nameinargs == b.nameinargs &&
         a.nodelay == b.nodelay && a.keepalive == b.keepalive && a.nolibwrap == b.nolibwrap && a.sensor == b.sensor &&
         a.labeled == b.labeled;
}

bool same(const ServiceTypes& a, const ServiceTypes& b) {
  return a.rpc == b.rpc && a.internal == b.internal && a.unlisted == b.unlisted && a.special == b.special && a.tcpmux == b.tcpmux &&
         a.tcpmuxplus == b.tcpmuxplus;
}

bool same(const SuccessFields& a, const SuccessFields& b) {
  return a.pid == b.pid && a.host == b.host && a.userid == b.userid && a.exit == b.exit && a.duration == b.duration &&
         a.traffic == b.traffic;
}

bool same(const FailureFields& a, const FailureFields& b) {
  return a.host == b.host && a.userid == b.userid && a.attempt == b.attempt;
}

bool same(const AccessList& a, const AccessList& b) {
  return std::ranges::equal(a.entries, b.entries,
                            [](const AccessEntry& x, const AccessEntry& y) { return x.prefix == y.prefix && x.name == y.name; });
}

bool same(const TimeSpan& a, const TimeSpan& b) {
  return a.from == b.from && a.to == b.to && a.weekdays == b.weekdays;
}

bool same(const ResourceLimit& a, const ResourceLimit& b) {
  return a.resource == b.resource && a.value == b.value;
}

bool same(const Launch& a, const Launch& b) {
  return a.server == b.server && std::ranges::equal(a.arguments, b.arguments) && a.uid == b.uid && a.gid == b.gid &&
         std::ranges::equal(a.groups, b.groups) && a.set_ids == b.set_ids && a.umask == b.umask && a.nice == b.nice &&
         std::ranges::equal(a.env, b.env) && a.passenv_all == b.passenv_all && std::ranges::equal(a.passenv, b.passenv) &&
         std::ranges::is_permutation(a.limits, b.limits, [](const ResourceLimit& x, const ResourceLimit& y) { return same(x, y); });
}

bool same(const Banners& a, const Banners& b) {
  return a.always == b.always && a.success == b.success && a.fail == b.fail;
}

bool same(const Redirect& a, const Redirect& b) {
  return a.host == b.host && a.port == b.port;
}

bool same(const RpcProgram& a, const RpcProgram& b) {
  return a.number == b.number && a.first_version == b.first_version && a.last_version == b.last_version;
}

bool same(const LogTarget& a, const LogTarget& b) {
  return a == b;
}

template <class T>
bool same(const T* left, const T* right) {
  return same_pointee(left, right, [](const T& a, const T& b) { return same(a, b); });
}

bool same_socket_and_kind(const Service& a, const Service& b) {
  return a.kind == b.kind && a.builtin == b.builtin && a.socket_type == b.socket_type && a.family == b.family && a.v6only == b.v6only &&
         a.wait == b.wait && a.protocol == b.protocol && a.port == b.port && a.has_bind == b.has_bind && a.bind == b.bind &&
         same(a.types, b.types) && same(a.flags, b.flags);
}

bool same_limits(const Service& a, const Service& b) {
  return a.instances == b.instances && a.per_source == b.per_source && a.per_source_given == b.per_source_given &&
         a.source_bits_v4 == b.source_bits_v4 && a.source_bits_v6 == b.source_bits_v6 && a.cps_rate == b.cps_rate &&
         a.cps_wait_seconds == b.cps_wait_seconds && a.cps_action == b.cps_action && !(a.max_load < b.max_load) &&
         !(b.max_load < a.max_load) && a.deny_minutes == b.deny_minutes && a.udp_bans == b.udp_bans && a.compat_xinetd == b.compat_xinetd;
}

bool same_access(const Service& a, const Service& b) {
  return same(a.only_from, b.only_from) && same(a.no_access, b.no_access) && a.libwrap == b.libwrap &&
         std::ranges::equal(a.access_times, b.access_times, [](const TimeSpan& x, const TimeSpan& y) { return same(x, y); });
}

bool same_meaning(const Service& a, const Service& b) {
  return same_socket_and_kind(a, b) && same_limits(a, b) && same_access(a, b) && same(a.log_on_success, b.log_on_success) &&
         same(a.log_on_failure, b.log_on_failure) && same(a.log, b.log) && same(a.launch, b.launch) && same(a.banners, b.banners) &&
         same(a.redirect, b.redirect) && same(a.rpc, b.rpc);
}

// ------------------------------------------------------------------------------------------------

void find_continued(const Configuration& current, const Configuration& wanted, Plan& plan, std::vector<bool>& goes_on) {
  std::unordered_map<Identity, std::uint32_t, IdentityHash> index;
  const std::vector<Identity> old_ones = identities(current);
  for (std::uint32_t old = 0; old < old_ones.size(); ++old) index.emplace(old_ones[old], old);
  const std::vector<Identity> new_ones = identities(wanted);
  for (std::uint32_t fresh = 0; fresh < new_ones.size(); ++fresh) {
    const auto found = index.find(new_ones[fresh]);
    if (found == index.end()) {
      ++plan.added;
      continue;
    }
    plan.continues[fresh] = found->second;
    goes_on[found->second] = true;
    if (!same_meaning(current.services[found->second], wanted.services[fresh])) ++plan.changed;
  }
}

void find_inherited(const Configuration& current, const Configuration& wanted, Plan& plan) {
  std::vector<bool> taken(current.services.size());
  // The continued service's own socket first, or another service with an equal key could take it away.
  for (std::uint32_t fresh = 0; fresh < wanted.services.size(); ++fresh) {
    const std::uint32_t old = plan.continues[fresh];
    if (old == Plan::kNone || !wanted.services[fresh].listens() || !current.services[old].listens()) continue;
    if (listener_key(current.services[old]) != listener_key(wanted.services[fresh])) continue;
    plan.inherits[fresh] = old;
    taken[old] = true;
  }
  // Port 0 means "any free one" (RPC): such a socket is nobody else's.
  std::unordered_multimap<ListenerKey, std::uint32_t, KeyHash> free_listeners;
  for (std::uint32_t old = 0; old < current.services.size(); ++old) {
    const Service& service = current.services[old];
    if (service.listens() && !taken[old] && service.port != 0) free_listeners.emplace(listener_key(service), old);
  }
  for (std::uint32_t fresh = 0; fresh < wanted.services.size(); ++fresh) {
    const Service& service = wanted.services[fresh];
    if (!service.listens()) continue;
    if (plan.inherits[fresh] == Plan::kNone) {
      const auto found = free_listeners.find(listener_key(service));
      if (found != free_listeners.end()) {
        plan.inherits[fresh] = found->second;
        taken[found->second] = true;
        free_listeners.erase(found);
      }
    }
    ++(plan.inherits[fresh] == Plan::kNone ? plan.opened : plan.kept);
  }
  for (std::uint32_t old = 0; old < current.services.size(); ++old) {
    if (current.services[old].listens() && !taken[old]) ++plan.closed;
  }
}

}  // namespace

ListenerKey listener_key(const Service& service) noexcept {
  ListenerKey key{.port = service.port,
                  .socket_type = service.socket_type,
                  .protocol = service.protocol,
                  .family = service.family,
                  .v6only = service.v6only};
  if (service.has_bind) {
    key.address = service.bind;
    key.family = service.bind.is_v4() ? Family::v4 : Family::any;
  }
  // The same socket said in two ways must give the same key, or a reload would bind its address twice.
  if (key.family == Family::v4) {
    key.v6only = false;
    if (key.address == Address::v4(0)) key.address = Address{};
  } else if (key.family == Family::v6) {
    key.family = Family::any;
  }
  return key;
}

std::string to_text(const ListenerKey& key) {
  const bool every_v4 = key.family == Family::v4 && key.address == Address{};
  const std::string where = to_text(Endpoint{every_v4 ? Address::v4(0) : key.address, key.port});
  switch (key.protocol) {
    case kTcp:
      return fmt::format("tcp {}", where);
    case kUdp:
      return fmt::format("udp {}", where);
    case kSctp:
      return fmt::format("sctp {}", where);
    default:
      return fmt::format("protocol {} {}", key.protocol, where);
  }
}

std::string Plan::summary() const {
  return fmt::format("{} service{} added, {} removed, {} changed; {} listener{} opened, {} closed, {} kept", added, added == 1 ? "" : "s",
                     removed.size(), changed, opened, opened == 1 ? "" : "s", closed, kept);
}

Plan diff(const Configuration& current, const Configuration& wanted) {
  Plan plan;
  plan.inherits.assign(wanted.services.size(), Plan::kNone);
  plan.continues.assign(wanted.services.size(), Plan::kNone);
  std::vector<bool> goes_on(current.services.size());
  find_continued(current, wanted, plan, goes_on);
  for (std::uint32_t old = 0; old < current.services.size(); ++old) {
    if (!goes_on[old]) plan.removed.push_back(old);
  }
  find_inherited(current, wanted, plan);
  return plan;
}

}  // namespace reeve
