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
                             static_cast<std::size_t>(key.scope) << 32;
    return mixed(mixed(std::hash<std::string_view>{}(address), rest), key.path.empty() ? 0 : std::hash<std::string_view>{}(key.path));
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
         a.labeled == b.labeled && a.listen_fds == b.listen_fds && a.ucspi == b.ucspi && a.resolve == b.resolve &&
         a.remote_addr == b.remote_addr;
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
  return std::ranges::equal(a.targets, b.targets) && a.balance == b.balance && a.proxy_protocol == b.proxy_protocol &&
         a.connect_seconds == b.connect_seconds && a.idle_seconds == b.idle_seconds;
}

bool same(const SensorReply& a, const SensorReply& b) {
  return a.kind == b.kind && a.banner == b.banner && a.most_bytes == b.most_bytes;
}

bool same(const RpcProgram& a, const RpcProgram& b) {
  return a.number == b.number && a.first_version == b.first_version && a.last_version == b.last_version;
}

bool same(const LogTarget& a, const LogTarget& b) {
  return a == b;
}

bool same(const UnixSocket& a, const UnixSocket& b) {
  return a.mode == b.mode && a.uid == b.uid && a.gid == b.gid;
}

bool same(const Pressure& a, const Pressure& b) {
  const auto equal = [](float x, float y) { return !(x < y) && !(y < x); };
  return equal(a.cpu, b.cpu) && equal(a.memory, b.memory) && equal(a.io, b.io);
}

template <class T>
bool same(const T* left, const T* right) {
  return same_pointee(left, right, [](const T& a, const T& b) { return same(a, b); });
}

bool same_socket_and_kind(const Service& a, const Service& b) {
  return a.kind == b.kind && a.builtin == b.builtin && a.socket_type == b.socket_type && a.family == b.family && a.v6only == b.v6only &&
         a.wait == b.wait && a.protocol == b.protocol && a.port == b.port && a.on_unused_ports == b.on_unused_ports &&
         std::ranges::equal(a.ports, b.ports) && std::ranges::equal(a.binds, b.binds) && same(a.unix_socket, b.unix_socket) &&
         same(a.types, b.types) && same(a.flags, b.flags);
}

bool same_limits(const Service& a, const Service& b) {
  return a.instances == b.instances && a.per_source == b.per_source && a.per_source_given == b.per_source_given &&
         a.source_bits_v4 == b.source_bits_v4 && a.source_bits_v6 == b.source_bits_v6 && a.cps_rate == b.cps_rate &&
         a.source_rate == b.source_rate && a.source_rate_seconds == b.source_rate_seconds && a.cps_wait_seconds == b.cps_wait_seconds &&
         a.cps_action == b.cps_action && !(a.max_load < b.max_load) && !(b.max_load < a.max_load) && a.deny_minutes == b.deny_minutes &&
         same(a.max_pressure, b.max_pressure) && a.udp_bans == b.udp_bans && a.compat_xinetd == b.compat_xinetd;
}

bool same_access(const Service& a, const Service& b) {
  return same(a.only_from, b.only_from) && same(a.no_access, b.no_access) && same(a.proxy_from, b.proxy_from) && a.libwrap == b.libwrap &&
         std::ranges::equal(a.access_times, b.access_times, [](const TimeSpan& x, const TimeSpan& y) { return same(x, y); });
}

bool same_meaning(const Service& a, const Service& b) {
  return same_socket_and_kind(a, b) && same_limits(a, b) && same_access(a, b) && same(a.log_on_success, b.log_on_success) &&
         same(a.log_on_failure, b.log_on_failure) && same(a.log, b.log) && same(a.launch, b.launch) && same(a.banners, b.banners) &&
         same(a.redirect, b.redirect) && same(a.rpc, b.rpc) && same(a.sensor_reply, b.sensor_reply);
}

// ------------------------------------------------------------------------------------------------

void find_inherited(const Configuration& current, const Configuration& wanted, Plan& plan) {
  std::vector<bool> taken(current.places.size());
  const auto key_of = [](const Configuration& configuration, const Place& place) {
    return listener_key(configuration.services[place.service], place);
  };
  const auto take = [&](std::uint32_t fresh, std::uint32_t old) {
    plan.inherits[fresh] = old;
    taken[old] = true;
  };
  // The continued service's own sockets first, or another service with an equal key could take them away. Where it is
  // one of many, it is mostly still at the same position.
  for (std::uint32_t index = 0; index < wanted.services.size(); ++index) {
    if (plan.continues[index] == Plan::kNone) continue;
    const Service& fresh = wanted.services[index];
    const Service& old = current.services[plan.continues[index]];
    for (std::uint32_t each = 0; each < std::min(fresh.place_count, old.place_count); ++each) {
      if (key_of(current, current.places[old.first_place + each]) != key_of(wanted, wanted.places[fresh.first_place + each])) continue;
      take(fresh.first_place + each, old.first_place + each);
    }
  }
  // Port 0 means "any free one" (RPC): such a socket is nobody else's.
  std::unordered_multimap<ListenerKey, std::uint32_t, KeyHash> free_listeners;
  for (std::uint32_t old = 0; old < current.places.size(); ++old) {
    const Place& place = current.places[old];
    if (!taken[old] && (place.port != 0 || place.is_unix())) free_listeners.emplace(key_of(current, place), old);
  }
  for (std::uint32_t fresh = 0; fresh < wanted.places.size(); ++fresh) {
    if (plan.inherits[fresh] == Plan::kNone) {
      const auto found = free_listeners.find(key_of(wanted, wanted.places[fresh]));
      if (found != free_listeners.end()) {
        take(fresh, found->second);
        free_listeners.erase(found);
      }
    }
    ++(plan.inherits[fresh] == Plan::kNone ? plan.opened : plan.kept);
  }
  for (std::uint32_t old = 0; old < current.places.size(); ++old) {
    if (!taken[old]) ++plan.closed;
  }
}

}  // namespace

std::vector<std::uint32_t> continued_services(const Configuration& current, const Configuration& wanted) {
  std::unordered_map<Identity, std::uint32_t, IdentityHash> index;
  const std::vector<Identity> old_ones = identities(current);
  for (std::uint32_t old = 0; old < old_ones.size(); ++old) index.emplace(old_ones[old], old);
  std::vector<std::uint32_t> continues;
  continues.reserve(wanted.services.size());
  for (const Identity& fresh : identities(wanted)) {
    const auto found = index.find(fresh);
    continues.push_back(found == index.end() ? Plan::kNone : found->second);
  }
  return continues;
}

ListenerKey listener_key(const Service& service, const Place& place) noexcept {
  ListenerKey key{.address = place.address,
                  .path = place.path,
                  .scope = place.scope,
                  .port = place.port,
                  .socket_type = service.socket_type,
                  .protocol = service.protocol,
                  .family = place.family,
                  .v6only = service.v6only};
  // The same socket said in two ways must give the same key, or a reload would bind its address twice.
  if (place.is_unix()) {
    key.protocol = 0;
    key.v6only = false;
  } else if (key.family == Family::v4) {
    key.v6only = false;
    if (key.address == Address::v4(0)) key.address = Address{};
  } else if (key.family == Family::v6) {
    key.family = Family::any;
    key.v6only = true;
  }
  return key;
}

std::string to_text(const ListenerKey& key) {
  if (!key.path.empty()) return fmt::format("unix {}", key.path);
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
  plan.inherits.assign(wanted.places.size(), Plan::kNone);
  plan.continues = continued_services(current, wanted);
  std::vector<bool> goes_on(current.services.size());
  for (std::uint32_t fresh = 0; fresh < wanted.services.size(); ++fresh) {
    const std::uint32_t old = plan.continues[fresh];
    if (old == Plan::kNone) {
      ++plan.added;
      continue;
    }
    goes_on[old] = true;
    if (same_meaning(current.services[old], wanted.services[fresh])) continue;
    ++plan.changed;
    plan.altered.push_back(fresh);
  }
  for (std::uint32_t old = 0; old < current.services.size(); ++old) {
    if (!goes_on[old]) plan.removed.push_back(old);
  }
  find_inherited(current, wanted, plan);
  return plan;
}

}  // namespace reeve
