#include "config/settle.h"

#include <array>
#include <utility>

#include <fmt/format.h>

#include "base/printable.h"
#include "config/settle_places.h"
#include "config/values.h"

namespace reeve {
namespace {

constexpr std::uint8_t kTcp = 6, kUdp = 17;

// Looked up once; a name that is not in the table would be kNoAttribute, which settle's tests would show.
const std::uint8_t kDenyTime = find_attribute("deny_time");
const std::uint8_t kFlags = find_attribute("flags");
const std::uint8_t kGroup = find_attribute("group");
const std::uint8_t kLogOnSuccess = find_attribute("log_on_success");
const std::uint8_t kNoAccess = find_attribute("no_access");
const std::uint8_t kOnlyFrom = find_attribute("only_from");
const std::uint8_t kProtocol = find_attribute("protocol");
const std::uint8_t kProxyFrom = find_attribute("proxy_from");
const std::uint8_t kProxyProtocol = find_attribute("proxy_protocol");
const std::uint8_t kRedirect = find_attribute("redirect");
const std::uint8_t kRedirectBalance = find_attribute("redirect_balance");
const std::uint8_t kRedirectTimeout = find_attribute("redirect_timeout");
const std::uint8_t kRpcNumber = find_attribute("rpc_number");
const std::uint8_t kRpcVersion = find_attribute("rpc_version");
const std::uint8_t kSensorReply = find_attribute("sensor_reply");
const std::uint8_t kServer = find_attribute("server");
const std::uint8_t kServerArgs = find_attribute("server_args");
const std::uint8_t kSocketType = find_attribute("socket_type");
const std::uint8_t kType = find_attribute("type");
const std::uint8_t kUser = find_attribute("user");
const std::uint8_t kV6only = find_attribute("v6only");
const std::uint8_t kWait = find_attribute("wait");

struct BuiltinName {
  std::string_view name;
  Builtin builtin;
};
constexpr auto kBuiltins = std::to_array<BuiltinName>({
    {"echo", Builtin::echo},
    {"discard", Builtin::discard},
    {"daytime", Builtin::daytime},
    {"time", Builtin::time},
    {"chargen", Builtin::chargen},
    {"tcpmux", Builtin::tcpmux},
});

// One entry on its way; the functions below are the steps of settle().
class Settlement {
 public:
  Settlement(Desk& desk, Draft& draft) : desk_(desk), draft_(draft), service_(draft.service) {}

  void run() {
    settle_kind();
    settle_socket();
    settle_places(desk_, draft_);
    settle_rpc();
    settle_v6only();
    settle_program();
    settle_convention();
    settle_relay();
    warn();
  }

 private:
  [[nodiscard]] bool has(std::uint8_t attribute) const noexcept { return draft_.has(attribute); }
  // Where to point: at the value, at the name of an attribute with many, at the entry when it was not given.
  [[nodiscard]] Where where(std::uint8_t attribute) const noexcept {
    if (!has(attribute)) return service_.where;
    return attributes()[attribute].most <= 2 ? draft_.value_where[attribute] : draft_.where[attribute];
  }
  [[nodiscard]] std::string name() const { return printable(service_.id, 60); }

  void refuse(Where where, std::string_view text, std::string hint = {}) {
    desk_.refuse(draft_, where, fmt::format("service {}: {}", name(), text), std::move(hint));
  }
  void warn(Where where, std::string_view text, std::string hint = {}) {
    desk_.report.warning(where, fmt::format("service {}: {}", name(), text), std::move(hint));
  }
  void require(std::uint8_t attribute) {
    if (!has(attribute)) refuse(service_.where, fmt::format("attribute {} is missing", attributes()[attribute].name));
  }

  void settle_kind() {
    if (service_.flags.sensor) {
      service_.kind = Kind::sensor;
    } else if (service_.types.internal) {
      settle_builtin();
    } else if (has(kRedirect)) {
      service_.kind = Kind::redirect;
    }
  }

  void settle_builtin() {
    service_.kind = Kind::builtin;
    for (const BuiltinName& one : kBuiltins) {
      if (equal_ignoring_case(one.name, service_.name)) service_.builtin = one.builtin;
    }
    if (service_.builtin == Builtin::tcpmux) service_.kind = Kind::tcpmux;
    if (service_.builtin == Builtin::none) {
      std::array<std::string_view, kBuiltins.size()> names;
      for (std::size_t i = 0; i < names.size(); ++i) names[i] = kBuiltins[i].name;
      refuse(where(kType), fmt::format("there is no internal service `{}`", printable(service_.name, 60)),
             did_you_mean(service_.name, names));
    }
    if (has(kRedirect)) refuse(where(kRedirect), "an internal service can't be redirected");
  }

  void settle_socket() {
    if (!has(kSocketType) && !has(kProtocol)) {
      require(kSocketType);
      service_.protocol = kTcp;  // so that what follows has nothing to add
    } else if (!has(kProtocol)) {
      imply_protocol();
    } else if (!has(kSocketType)) {
      imply_socket_type();
    }
    const bool clash = (service_.socket_type == SocketType::stream && service_.protocol == kUdp) ||
                       (service_.socket_type == SocketType::dgram && service_.protocol == kTcp);
    if (clash) refuse(where(kProtocol), "protocol and socket_type do not go together", "stream goes with tcp, dgram with udp");
    require(kWait);
    const bool is_program = service_.kind == Kind::program;
    if (is_program && has(kWait) && !service_.wait && service_.socket_type == SocketType::dgram) {
      refuse(where(kWait), "wait = no is for streams", "a datagram program reads its socket by itself: wait = yes");
    }
    if (service_.kind == Kind::tcpmux && service_.socket_type != SocketType::stream)
      refuse(where(kSocketType), "tcpmux needs socket_type stream");
    if (!service_.listens()) settle_behind_tcpmux();
  }

  void settle_behind_tcpmux() {
    if (service_.protocol != kTcp || service_.socket_type != SocketType::stream) {
      refuse(where(kType), "a service behind tcpmux needs socket_type stream and protocol tcp");
    }
    if (service_.kind == Kind::tcpmux) refuse(where(kType), "tcpmux can't stand behind tcpmux");
    // xinetd serves such a service, and gives it the connection: there is no listener that it could wait for.
    if (service_.wait) warn(where(kWait), "wait = yes has no effect behind tcpmux");
    service_.wait = false;
  }

  void imply_protocol() {
    if (service_.socket_type == SocketType::stream) {
      service_.protocol = kTcp;
      draft_.protocol = "tcp";
    } else if (service_.socket_type == SocketType::dgram) {
      service_.protocol = kUdp;
      draft_.protocol = "udp";
    } else {
      require(kProtocol);
    }
  }

  void imply_socket_type() {
    if (service_.protocol == kTcp) {
      service_.socket_type = SocketType::stream;
    } else if (service_.protocol == kUdp) {
      service_.socket_type = SocketType::dgram;
    } else {
      require(kSocketType);
    }
  }

  void settle_rpc() {
    if (!service_.types.rpc) {
      if (has(kRpcVersion) || has(kRpcNumber)) warn(where(has(kRpcVersion) ? kRpcVersion : kRpcNumber), "has no effect without type = RPC");
      return;
    }
    require(kRpcVersion);
    if (has(kProtocol) && service_.protocol != kTcp && service_.protocol != kUdp) refuse(where(kProtocol), "RPC services need tcp or udp");
    if (service_.types.unlisted) return require(kRpcNumber);
    const auto listed = desk_.names.names().find_rpc(std::string(service_.name));
    if (listed) {
      draft_.rpc.number = *listed;
    } else {
      refuse(service_.where, fmt::format("`{}` is not in rpc(5)", printable(service_.name, 60)), "type = RPC UNLISTED and rpc_number");
    }
  }

  // xinetd looks whether the attribute is there, not at its value, and not in defaults at all.
  void settle_v6only() {
    if (service_.compat_xinetd) service_.v6only = has(kV6only);
  }

  void settle_program() {
    if (service_.kind != Kind::program && service_.kind != Kind::redirect) {
      if (service_.flags.labeled) refuse(where(kFlags), "LABELED is for tcp programs with wait = no");
      return;
    }
    require(kUser);
    settle_ids();
    if (service_.kind == Kind::redirect) {
      if (has(kServer)) warn(where(kServer), "server has no effect with redirect");
      return;
    }
    require(kServer);
    if (has(kServer)) {
      const Text path = draft_.launch.server;
      if (!path.starts_with('/')) {
        refuse(where(kServer), fmt::format("server {}: the path is not absolute", printable(path)));
      } else if (!desk_.names.is_executable(path)) {
        refuse(where(kServer), fmt::format("server {}: no such program", printable(path)), "a file that may be executed");
      }
    }
    if (service_.flags.nameinargs && !has(kServerArgs))
      refuse(where(kFlags), "NAMEINARGS needs server_args", "its first word is the program's name");
    const bool can_be_labeled = service_.protocol == kTcp && service_.socket_type == SocketType::stream && !service_.wait;
    if (service_.flags.labeled && !can_be_labeled) refuse(where(kFlags), "LABELED is for tcp programs with wait = no");
    if (service_.flags.labeled && has_proxies())
      refuse(where(kFlags), "LABELED can't be used with proxy_from", "the label of the connection is the proxy's");
  }

  // How the program finds its socket, and what it is told of its client.
  void settle_convention() {
    const ServiceFlags& flags = service_.flags;
    if (flags.resolve && !flags.ucspi) warn(where(kFlags), "RESOLVE has no effect without UCSPI");
    if (!flags.listen_fds && !flags.ucspi && !flags.remote_addr) return;
    if (service_.kind != Kind::program)
      return warn(where(kFlags), "LISTEN_FDS, UCSPI and REMOTE_ADDR are for programs, they have no effect");
    if (flags.listen_fds && flags.ucspi) refuse(where(kFlags), "LISTEN_FDS and UCSPI want the socket at different descriptors");
    if (flags.ucspi && service_.wait) refuse(where(kFlags), "UCSPI needs wait = no", "wait = yes goes with LISTEN_FDS");
    if (flags.remote_addr && service_.wait) warn(where(kFlags), "REMOTE_ADDR has no effect with wait = yes: the program accepts by itself");
  }

  [[nodiscard]] bool has_proxies() const { return draft_.proxy_from.own || service_.proxy_from != nullptr; }

  void settle_ids() {
    Launch& launch = draft_.launch;
    if (draft_.group) launch.gid = *draft_.group;
    launch.set_ids = desk_.options.running_as_root;
    if (!launch.set_ids) {
      const bool differs = (has(kUser) && launch.uid != desk_.options.own_uid) || (has(kGroup) && launch.gid != desk_.options.own_gid);
      if (differs) warn(where(has(kUser) ? kUser : kGroup), "user and group have no effect, only root can change them");
      return;
    }
    if (draft_.wants_groups && has(kUser)) launch.groups = desk_.names.groups_of(draft_.user, launch.gid);
  }

  void settle_relay() {
    if (has(kProxyFrom) && (!service_.is_stream() || service_.wait || !service_.listens())) {
      refuse(where(kProxyFrom), "proxy_from is for streams with wait = no and a port of their own");
    }
    if (service_.kind != Kind::redirect) {
      for (const std::uint8_t one : {kProxyProtocol, kRedirectBalance, kRedirectTimeout}) {
        if (has(one)) warn(where(one), fmt::format("{} has no effect without redirect", attributes()[one].name));
      }
      return;
    }
    if (service_.protocol != kTcp || service_.socket_type != SocketType::stream) refuse(where(kRedirect), "redirect is for tcp");
    if (service_.wait) refuse(where(kWait), "redirect needs wait = no");
    if (service_.flags.nameinargs) refuse(where(kFlags), "NAMEINARGS can't be used with redirect");
    if (service_.flags.labeled) refuse(where(kFlags), "LABELED can't be used with redirect");
  }

  // Allowed, and probably not meant.
  void warn() {
    if (service_.log_on_success.traffic && service_.kind != Kind::redirect) {
      if (has(kLogOnSuccess)) warn(where(kLogOnSuccess), "TRAFFIC is only counted for redirected services");
      service_.log_on_success.traffic = false;
    }
    const bool is_sensor = service_.kind == Kind::sensor;
    if (has(kDenyTime) && !is_sensor) warn(where(kDenyTime), "deny_time has no effect without the flag SENSOR");
    if (has(kSensorReply) && !is_sensor) warn(where(kSensorReply), "sensor_reply has no effect without the flag SENSOR");
    if (has(kSensorReply) && is_sensor && !service_.is_stream()) {
      warn(where(kSensorReply), "sensor_reply has no effect on datagrams", "they are never answered: their source can be forged");
    }
    if (is_sensor && service_.socket_type == SocketType::dgram && service_.deny_minutes != 0 && service_.udp_bans) {
      warn(where(kDenyTime), "a datagram with a forged source can ban anybody", "udp_bans = no only logs");
    }
    if (service_.flags.idonly && (!service_.log_on_success.userid || service_.wait || !service_.is_stream())) {
      warn(where(kFlags), "IDONLY has no effect here", "it is for stream services with wait = no that log USERID on success");
    }
    const bool asks_users = service_.log_on_success.userid || service_.log_on_failure.userid;
    if (has_proxies() && asks_users && service_.is_stream() && !service_.wait) {
      warn(where(has(kProxyFrom) ? kProxyFrom : kLogOnSuccess), "who comes through a proxy of proxy_from is not asked for his user",
           service_.flags.idonly ? "IDONLY refuses him" : "");
    }
    const bool has_lists = draft_.only_from.own || draft_.no_access.own || service_.only_from != nullptr || service_.no_access != nullptr;
    const bool is_old_way = service_.compat_xinetd && !service_.flags.intercept;
    if (service_.wait && service_.is_stream() && has_lists && service_.kind == Kind::program && is_old_way) {
      warn(where(has(kOnlyFrom) ? kOnlyFrom : kNoAccess),
           "the program accepts by itself (wait = yes), so only_from and no_access refuse everybody", "flags = INTERCEPT");
    }
  }

  Desk& desk_;
  Draft& draft_;
  Service& service_;
};

}  // namespace

bool settle(Desk& desk, Draft& draft) {
  Settlement(desk, draft).run();
  return !draft.failed;
}

}  // namespace reeve
