// What a UnitPair's two halves hold, and what is lost on the way.
#include "config/unit_pair.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "base/printable.h"
#include "config/unit_access.h"
#include "config/unit_words.h"
#include "config/values.h"

namespace reeve {
namespace {

constexpr std::size_t kMostListeners = 1000;

// A percent begins a specifier in a unit.
std::string listen_address(const Address& address, std::string_view scope, std::uint16_t port) {
  if (address.is_v4()) return fmt::format("{}:{}", to_text(address), port);
  return fmt::format("[{}{}{}]:{}", to_text(address), scope.empty() ? "" : "%%", scope, port);
}

}  // namespace

// ---------------------------------------------------------------- what cannot be said

void UnitPair::name_what_is_lost() {
  struct Lost {
    std::string_view attribute, text;
  };
  static constexpr auto kLost = std::to_array<Lost>({
      {"access_times", "access_times can't be said: the service is there at all times"},
      {"max_pressure", "max_pressure can't be said: clients are served under any pressure"},
      {"max_load", "max_load can't be said: clients are served under any load"},
      {"libwrap", "libwrap can't be said: systemd does not ask hosts.allow and hosts.deny"},
      {"banner", "banner can't be said: clients get none"},
      {"banner_success", "banner_success can't be said: clients get none"},
      {"banner_fail", "banner_fail can't be said: clients get none"},
      {"log_type", "log_type can't be said: systemd logs to the journal"},
      {"log_on_success", "log_on_success can't be said: the journal has starts and ends of the unit, without the client's address"},
      {"log_on_failure", "log_on_failure can't be said: systemd names no client that it refuses"},
      {"log_format", "log_format can't be said: systemd logs to the journal"},
      {"cps_action", "cps_action can't be said: over the limit systemd closes the socket for everybody"},
  });
  for (const Lost& one : kLost) {
    if (origin(one.attribute) != nullptr) lose(one.attribute, std::string(one.text));
  }
  name_names(service_.only_from, false);
  name_names(service_.no_access, true);
  const bool has_network = service_.unix_socket == nullptr;
  if (service_.flags.ucspi) lose("flags", "UCSPI can't be said: the program finds none of tcpserver's variables");
  if (!service_.wait && has_network) {
    tell(Severity::note, {}, "systemd sets REMOTE_ADDR and REMOTE_PORT, not REMOTE_HOST");
  }
  const bool passes_all = service_.launch->passenv_all;
  if (passes_all)
    tell(Severity::note, {}, "the daemon's environment is not passed on: systemd sets PATH, LANG and little else", "PassEnvironment=");
  const bool counts_addresses = service_.source_bits_v4 == 32 && service_.source_bits_v6 == 128;
  if (!service_.wait && what_.per_source != kUnlimited && !counts_addresses) {
    tell(Severity::warning, origin("source_prefix") != nullptr ? where("source_prefix") : where("per_source"),
         "source_prefix can't be said: systemd counts each address, also of one IPv6 network, by itself");
  }
}

void UnitPair::name_names(const AccessList* list, bool lets_in) {
  for (std::size_t each = 0; list != nullptr && each < list->entries.size(); ++each) {
    const AccessEntry& entry = list->entries[each];
    if (entry.name.empty()) continue;
    tell(Severity::warning, entry.where,
         fmt::format("the name `{}` can't be said: whoever has it is {}", printable(entry.name, 60), lets_in ? "let in" : "kept out"),
         "addresses and networks can");
  }
}

// ---------------------------------------------------------------- the .socket

void UnitPair::add_listeners() {
  const bool is_stream = service_.socket_type == SocketType::stream;
  const std::string_view key = is_stream                                   ? "ListenStream"
                               : service_.socket_type == SocketType::dgram ? "ListenDatagram"
                                                                           : "ListenSequentialPacket";
  constexpr std::uint8_t kSctp = 132;
  for (const Text bind : service_.binds) {
    // A dollar is nothing special here, a percent is.
    if (!bind.starts_with('/') && !bind.starts_with('@')) continue;
    std::string path;
    for (const char c : bind) path += c == '%' ? "%%" : std::string(1, c);
    listens_.push_back(fmt::format("{}={}", key, path));
  }
  std::size_t wanted = 0;
  for (const PortRange& range : service_.ports) wanted += range.last - range.first + std::size_t{1};
  if (wanted > kMostListeners) {
    (void)leave_out("port", fmt::format("its {} ports would be a line each", wanted));
    listens_.clear();
    return;
  }
  if (service_.on_unused_ports) {
    (void)leave_out("port", "systemd can't listen on the ports that nobody has");
    listens_.clear();
    return;
  }
  if (std::ranges::any_of(service_.ports, [](const PortRange& one) { return one.first == 0; })) {
    (void)leave_out("port", "systemd has no port 0");
    listens_.clear();
    return;
  }
  add_addresses(key);
  if (listens_.empty()) (void)leave_out("bind", "none of its addresses is there now");
  if (service_.protocol == kSctp && service_.unix_socket == nullptr) socket("SocketProtocol", "sctp");
}

void UnitPair::add_addresses(std::string_view key) {
  if (service_.ports.empty()) return;
  const auto each_port = [&](const auto& add) {
    for (const PortRange& range : service_.ports) {
      if (range.first != range.last) {
        tell(Severity::warning, where("port"),
             "a range leaves ports to whoever names them, and to programs that have them; a unit does not");
      }
      for (std::uint32_t port = range.first; port <= range.last; ++port) add(static_cast<std::uint16_t>(port));
    }
  };
  const auto add = [&](std::string value) { listens_.push_back(fmt::format("{}={}", key, std::move(value))); };
  const auto is_address = [](Text bind) { return parse_address(bind.substr(0, bind.find('%'))).has_value(); };
  const auto is_path = [](Text bind) { return bind.starts_with('/') || bind.starts_with('@'); };
  const auto addresses = static_cast<std::size_t>(std::ranges::count_if(service_.binds, is_address));
  const auto paths = static_cast<std::size_t>(std::ranges::count_if(service_.binds, is_path));
  const bool is_device =
      service_.binds.size() == 1 && addresses == 0 && paths == 0 && names_.find_interface(std::string(service_.binds[0]));
  if (service_.binds.empty() || is_device) {
    each_port([&](std::uint16_t port) {
      add(service_.family == Family::v4   ? fmt::format("0.0.0.0:{}", port)
          : service_.family == Family::v6 ? fmt::format("[::]:{}", port)
                                          : fmt::to_string(port));
    });
    if (service_.family != Family::v4) socket("BindIPv6Only", service_.v6only ? "ipv6-only" : "both");
    if (is_device) {
      socket("BindToDevice", service_.binds[0]);
      lose("bind", "bind means the interface's addresses; BindToDevice= means packets that come in by it");
    }
    return;
  }
  if (addresses + paths == service_.binds.size()) {
    for (const Text bind : service_.binds) {
      if (!is_address(bind)) continue;
      const std::size_t percent = std::min(bind.find('%'), bind.size());
      const Address address = *parse_address(bind.substr(0, percent));
      if (address.is_multicast()) lose("bind", "a multicast group can't be said: the socket is no member of it");
      each_port([&](std::uint16_t port) { add(listen_address(address, bind.substr(std::min(percent + 1, bind.size())), port)); });
    }
  } else {
    lose("bind", "names of hosts and of several interfaces can't be said: the addresses of this moment are taken");
    for (const Place& place : configuration_.places_of(service_)) {
      if (!place.is_unix() && place.scope == 0) add(listen_address(place.address, "", place.port));
    }
  }
  if (addresses + paths < service_.binds.size() || addresses > 0) socket("FreeBind", "yes");
  if (service_.v6only) socket("BindIPv6Only", "ipv6-only");
}

void UnitPair::add_limits() {
  socket("Accept", service_.wait ? "no" : "yes");
  if (!service_.wait) {
    socket("MaxConnections", fmt::to_string(service_.instances));  // without a limit: the largest number
    if (what_.per_source != kUnlimited) socket("MaxConnectionsPerSource", fmt::to_string(what_.per_source));
  }
  if (service_.cps_rate == 0) {
    socket("TriggerLimitIntervalSec", "0");
  } else {
    socket("TriggerLimitIntervalSec", "1s");
    socket("TriggerLimitBurst", fmt::to_string(service_.cps_rate));
    const bool is_given = origin("cps") != nullptr;
    tell(is_given ? Severity::warning : Severity::note, where("cps"),
         fmt::format(
             "over {} starts in a second systemd gives up the socket until somebody starts it again; cps's waiting time can't be said",
             service_.cps_rate),
         "systemd 255 and newer: PollLimitIntervalSec= and PollLimitBurst= only slow down");
  }
  if (service_.flags.nodelay) socket("NoDelay", "yes");
  if (service_.flags.keepalive) socket("KeepAlive", "yes");
  if (service_.flags.labeled) socket("SELinuxContextFromNet", "yes");
}

void UnitPair::add_access() {
  if (service_.only_from == nullptr && service_.no_access == nullptr) return;
  if (service_.unix_socket != nullptr && service_.ports.empty()) return;  // networks only
  const auto access = to_systemd(service_);
  const auto add = [&](std::string_view key, std::span<const Prefix> prefixes) {
    constexpr std::size_t kOnALine = 16;
    for (std::size_t at = 0; at < prefixes.size(); at += kOnALine) {
      std::string line;
      for (const Prefix& one : prefixes.subspan(at, std::min(kOnALine, prefixes.size() - at)))
        line += (line.empty() ? "" : " ") + to_text(one);
      socket(key, line);
    }
  };
  if (!access) {
    lose("no_access", fmt::format("only_from without no_access takes more than {} networks: nobody is let in", kMostAllowed));
    return socket("IPAddressDeny", "any");
  }
  if (access->denied.empty()) return;
  tell(Severity::note, {},
       "IPAddressDeny= needs control groups of version 2 and BPF; where systemd says that it lacks them, everybody is let in");
  add("IPAddressAllow", access->allowed);
  const std::array all{Prefix::of(Address::v4(0), 96), Prefix::of(Address{}, 0)};
  if (std::ranges::equal(access->denied, all)) return socket("IPAddressDeny", "any");
  add("IPAddressDeny", access->denied);
}

void UnitPair::add_unix_socket() {
  if (service_.unix_socket == nullptr) return;
  const auto word = [&](std::string_view attribute, std::uint32_t number) {
    const std::string given = written(attribute);
    return given.empty() ? fmt::to_string(number) : given;
  };
  socket("SocketMode", fmt::format("0{:03o}", service_.unix_socket->mode));
  if (service_.unix_socket->uid != 0 || origin("socket_user") != nullptr)
    socket("SocketUser", word("socket_user", service_.unix_socket->uid));
  if (service_.unix_socket->gid != 0 || origin("socket_group") != nullptr)
    socket("SocketGroup", word("socket_group", service_.unix_socket->gid));
}

// ---------------------------------------------------------------- the .service

void UnitPair::add_command() {
  const Launch& launch = *service_.launch;
  // The path is no place for variables, so a dollar in it is one.
  std::string line = service_.wait ? "" : "-";
  if (service_.flags.nameinargs) line += '@';
  const std::string path = unit_word(launch.server);
  if (path.starts_with('"')) {
    line = '"' + line + path.substr(1);
  } else {
    line += path;
  }
  const std::size_t first = service_.flags.nameinargs ? 0 : 1;
  for (std::size_t each = first; each < launch.arguments.size(); ++each) line += ' ' + unit_argument(launch.arguments[each]);
  program("ExecStart", line);
  if (service_.flags.listen_fds) return;
  program("StandardInput", "socket");
  program("StandardOutput", "socket");
  program("StandardError", service_.flags.ucspi ? "journal" : "socket");
}

void UnitPair::add_identity() {
  const Launch& launch = *service_.launch;
  if (!launch.set_ids) return;
  const std::string user = written("user"), group = written("group");
  const bool is_root = launch.uid == 0 && launch.groups.empty();
  if (!is_root) program("User", user.empty() ? fmt::to_string(launch.uid) : user);
  // A number means the group of the same number here, and that of the user's entry there.
  if (!group.empty() || (!is_root && parse_integer(user))) program("Group", group.empty() ? fmt::to_string(launch.gid) : group);
  if (is_root || !launch.groups.empty()) return;
  const std::vector<std::uint32_t> groups = names_.groups_of(user, launch.gid);
  if (std::ranges::any_of(groups, [&](std::uint32_t one) { return one != launch.gid; })) {
    lose("user", fmt::format("groups = no can't be said: the program has the other groups of user {}, too", printable(user, 60)),
         "a user of its own for the service");
  }
}

void UnitPair::add_surroundings() {
  const Launch& launch = *service_.launch;
  if (launch.umask) program("UMask", fmt::format("0{:03o}", *launch.umask));
  if (launch.nice != 0) program("Nice", fmt::to_string(int{launch.nice}));
  for (const Text one : launch.env) program("Environment", unit_word(one));
  if (!launch.passenv_all && !launch.passenv.empty()) {
    std::string names;
    for (const Text one : launch.passenv) names += (names.empty() ? "" : " ") + unit_word(one);
    program("PassEnvironment", names);
  }
  static constexpr std::array<std::string_view, 6> kLimits{"LimitAS", "LimitCPU", "LimitDATA", "LimitRSS", "LimitSTACK", "LimitNOFILE"};
  for (const ResourceLimit& limit : launch.limits) {
    program(kLimits[static_cast<std::size_t>(limit.resource)], limit.value == UINT64_MAX ? "infinity" : fmt::to_string(limit.value));
  }
}

}  // namespace reeve
