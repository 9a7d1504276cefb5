#include "config/settle_places.h"

#include <algorithm>
#include <bitset>
#include <utility>

#include <fmt/format.h>

#include "base/printable.h"

namespace reeve {
namespace {

const std::uint8_t kBind = find_attribute("bind");
const std::uint8_t kFlags = find_attribute("flags");
const std::uint8_t kPort = find_attribute("port");
const std::uint8_t kSocketGroup = find_attribute("socket_group");
const std::uint8_t kSocketMode = find_attribute("socket_mode");
const std::uint8_t kSocketUser = find_attribute("socket_user");

class Placement {
 public:
  Placement(Desk& desk, Draft& draft) : desk_(desk), draft_(draft), service_(draft.service) {}

  void run() {
    if (!service_.listens()) {
      if (draft_.has(kPort)) warn(draft_.where[kPort], "port has no effect behind tcpmux");
      return;
    }
    settle_family();
    if (service_.on_unused_ports) return settle_unused();
    settle_paths();
    if (draft_.binds.empty() || has_address()) {
      settle_ports();
      settle_addresses();
      spread();
    } else if (draft_.has(kPort)) {
      warn(draft_.where[kPort], "port has no effect for unix sockets");
    }
  }

 private:
  using Ports = std::bitset<UINT16_MAX + 1>;
  struct Base {  // a place without its port
    Address address;
    std::uint32_t scope = 0;
    Family family = Family::any;
  };

  void refuse(Where where, std::string_view text, std::string hint = {}) {
    desk_.refuse(draft_, where, fmt::format("service {}: {}", printable(service_.id, 60), text), std::move(hint));
  }
  void warn(Where where, std::string_view text, std::string hint = {}) {
    desk_.report.warning(where, fmt::format("service {}: {}", printable(service_.id, 60), text), std::move(hint));
  }

  [[nodiscard]] std::optional<std::uint16_t> listed(Text name) {
    return desk_.names.names().find_port(std::string(name), std::string(draft_.protocol));
  }

  void settle_ports() {
    if (service_.types.rpc) {
      // Any free one unless it is said; the port mapper tells the clients.
      take_written();
      if (draft_.ranges.empty()) draft_.ranges.push_back({});
      return;
    }
    if (draft_.protocol.empty()) return;  // told already
    if (service_.types.unlisted) {
      if (!draft_.has(kPort)) return refuse(service_.where, "attribute port is missing");
      return take_written();
    }
    const auto port = listed(service_.name);
    if (!port) {
      return refuse(service_.where, fmt::format("`{}` is not in services(5) for {}", printable(service_.name, 60), draft_.protocol),
                    "type = UNLISTED and a port");
    }
    take_written();
    for (const PortRange& range : draft_.ranges) {
      if (range == PortRange{*port, *port}) continue;
      return refuse(draft_.value_where[kPort],
                    fmt::format("port {} contradicts services(5), which has {}/{} for `{}`", range.first, *port, draft_.protocol,
                                printable(service_.name, 60)),
                    "type = UNLISTED");
    }
    if (draft_.ranges.empty()) draft_.ranges.push_back({*port, *port});
  }

  void take_written() {
    for (const PortWord& word : draft_.ports) {
      if (word.name.empty()) {
        draft_.ranges.push_back(word.range);
      } else if (const auto port = listed(word.name)) {
        draft_.ranges.push_back({*port, *port});
      } else {
        refuse(word.where,
               fmt::format("port: `{}` is neither a number nor in services(5) for {}", printable(word.name, 60), draft_.protocol));
      }
    }
    const bool has_zero = std::ranges::any_of(draft_.ranges, [](const PortRange& range) { return range.first == 0; });
    if (has_zero && draft_.ranges.size() > 1) refuse(draft_.where[kPort], "port 0 means any free one and stands alone");
  }

  // One listener, at a port that the kernel chooses: the firewall sends to it what comes to ports that nobody has.
  void settle_unused() {
    const Where where = draft_.where[kPort];
    const bool is_tcp = service_.socket_type == SocketType::stream && draft_.protocol == "tcp";
    if (service_.kind != Kind::sensor) refuse(where, "port = UNUSED is for sensors", "flags = SENSOR, or the number of a port");
    if (!is_tcp)
      refuse(where, "port = UNUSED is for tcp", "socket_type = stream and protocol = tcp; datagrams are written down by it, too");
    if (draft_.has(kBind)) refuse(draft_.where[kBind], "port = UNUSED means all addresses of the machine", "no bind");
    if (service_.types.rpc) refuse(where, "an RPC service has ports of its own, not UNUSED ones");
    if (!desk_.options.running_as_root) warn(where, "port = UNUSED: only root can change the packet filter", "reeved started as root");
    draft_.binds.clear();  // of defaults
    draft_.ranges = {PortRange{}};
    bases_.push_back({.family = service_.family});
    spread();
  }

  void settle_family() {
    if (draft_.flag_v4) service_.family = Family::v4;
    if (draft_.flag_v6) service_.family = Family::v6;  // both: xinetd takes IPv6
  }

  [[nodiscard]] static bool is_path(Text word) noexcept { return word.starts_with('/') || word.starts_with('@'); }
  [[nodiscard]] bool has_address() const {
    return std::ranges::any_of(draft_.binds, [](const BindWord& word) { return !is_path(word.text); });
  }

  void settle_paths() {
    constexpr std::size_t kLongest = 107;  // unix(7), without the NUL
    bool has_path = false;
    for (const BindWord& word : draft_.binds) {
      if (!is_path(word.text)) continue;
      has_path = true;
      if (word.text.size() > kLongest) refuse(word.where, fmt::format("bind: the path has more than {} bytes", kLongest));
      const auto same = [&](const Place& one) { return one.path == word.text; };
      if (std::ranges::none_of(draft_.places, same)) draft_.places.push_back({.path = word.text});
    }
    if (!has_path) return warn_of_unused();
    const Where where = draft_.has(kBind) ? draft_.where[kBind] : service_.where;
    if (service_.kind == Kind::sensor) refuse(where, "flags: a sensor needs a network: there is nobody to ban at a unix socket");
    if (service_.socket_type == SocketType::raw) refuse(where, "there are no raw unix sockets");
    if (service_.socket_type == SocketType::dgram && service_.kind != Kind::program)
      refuse(where, "datagrams of a unix socket need a program with wait = yes");
    if (service_.types.rpc) refuse(where, "an RPC service can't be told where a unix socket is");
    if (!draft_.has(kSocketUser)) draft_.unix_socket.uid = desk_.options.own_uid;
    if (!draft_.has(kSocketGroup)) draft_.unix_socket.gid = desk_.options.own_gid;
  }

  void warn_of_unused() {
    for (const std::uint8_t one : {kSocketMode, kSocketUser, kSocketGroup}) {
      if (draft_.has(one))
        warn(draft_.where[one], fmt::format("{} has no effect without a unix socket", attributes()[one].name), "bind = /PATH");
    }
  }

  void settle_addresses() {
    if (draft_.binds.empty()) bases_.push_back({.family = service_.family});
    for (const BindWord& word : draft_.binds) {
      if (!is_path(word.text)) settle_address(word);
    }
    const auto differs = [&](const Base& base) { return base.family != bases_.front().family; };
    if (!draft_.binds.empty() && !bases_.empty())
      service_.family = std::ranges::any_of(bases_, differs) ? Family::any : bases_.front().family;
  }

  void settle_address(const BindWord& word) {
    const std::size_t percent = std::min(word.text.find('%'), word.text.size());
    const std::string name(word.text.substr(std::min(percent + 1, word.text.size())));
    Names& names = desk_.names.names();
    if (const auto address = parse_address(word.text.substr(0, percent))) {
      const auto scope = name.empty() ? std::optional(0u) : names.find_interface(name);
      if (scope) return add_address(word, *address, *scope);
      return warn(word.where, fmt::format("bind: there is no interface `{}` yet; the service waits for it", printable(name, 60)));
    }
    // An interface may have lost its addresses, and get others; a host's are those of the moment.
    const std::string whole(word.text);
    const auto of_interface = names.addresses_of_interface(whole);
    for (const ScopedAddress& one : of_interface) {
      if (service_.family == Family::any || one.address.is_v4() == (service_.family == Family::v4))
        add_address(word, one.address, one.scope);
    }
    if (!of_interface.empty() || names.find_interface(whole)) return;
    const auto of_host = names.addresses_of_host(whole);
    for (const Address& one : of_host) {
      if (service_.family == Family::any || one.is_v4() == (service_.family == Family::v4)) add_address(word, one, 0);
    }
    if (of_host.empty()) {
      warn(word.where,
           fmt::format("bind: there is no interface `{0}` yet, nor a host `{0}` in hosts(5); the service waits for the interface",
                       printable(whole, 60)));
    }
  }

  void add_address(const BindWord& word, const Address& address, std::uint32_t scope) {
    const Family family = address.is_v4() ? Family::v4 : Family::v6;
    if (service_.family != Family::any && service_.family != family && !std::exchange(told_family_, true)) {
      warn(draft_.has(kBind) ? word.where : draft_.where[kFlags], "the address of bind decides, not the flag");
    }
    const auto same = [&](const Base& base) { return base.address == address && base.scope == scope; };
    if (std::ranges::none_of(bases_, same)) bases_.push_back({address, scope, family});
  }

  // Every port at every address.
  void spread() {
    if (draft_.ranges.empty()) return;
    service_.port = draft_.ranges.front().first;
    if (draft_.ranges.size() == 1 && draft_.ranges.front().first == draft_.ranges.front().last) {
      for (const Base& base : bases_) add_place(base, service_.port, false);
      return;
    }
    Ports named, ranged;
    for (const PortRange& range : draft_.ranges) {
      const bool is_one = range.first == range.last;
      for (std::size_t port = range.first; port <= range.last; ++port) (is_one ? named : ranged).set(port);
    }
    if ((named | ranged).count() * bases_.size() > kMaxPlaces)
      return refuse(draft_.where[kPort], fmt::format("more than {} ports at all its addresses", kMaxPlaces));
    for (const Base& base : bases_) {
      for (std::size_t port = 0; port < named.size(); ++port) {
        if (named.test(port) || ranged.test(port)) add_place(base, static_cast<std::uint16_t>(port), !named.test(port));
      }
    }
  }

  void add_place(const Base& base, std::uint16_t port, bool yields) {
    draft_.places.push_back({.address = base.address, .scope = base.scope, .port = port, .family = base.family, .yields = yields});
  }

  Desk& desk_;
  Draft& draft_;
  Service& service_;
  std::vector<Base> bases_;
  bool told_family_ = false;
};

}  // namespace

void settle_places(Desk& desk, Draft& draft) {
  Placement(desk, draft).run();
}

const Service* other_on_unused_ports(std::span<const Service> services, const Service& service) {
  const auto is_v6_alone = [](const Service& one) { return one.family == Family::v6 || (one.v6only && one.family == Family::any); };
  const auto is_in_the_way = [&](const Service& other) {
    if (!other.on_unused_ports || !service.on_unused_ports) return false;
    return !(is_v6_alone(service) && other.family == Family::v4) && !(is_v6_alone(other) && service.family == Family::v4);
  };
  const auto found = std::ranges::find_if(services, is_in_the_way);
  return found == services.end() ? nullptr : &*found;
}

}  // namespace reeve
