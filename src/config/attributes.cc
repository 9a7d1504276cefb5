#include "config/attributes.h"

#include <algorithm>
#include <array>

#include "config/apply.h"

namespace reeve {
namespace {

namespace set = apply_attribute;
using Op = Attribute::Operators;
using Place = Attribute::Place;
constexpr std::uint16_t kMany = Attribute::kMany;

// clang-format off
constexpr auto kAttributes = std::to_array<Attribute>({
  {.name = "access_times", .values = "[DAYS/]HH:MM-HH:MM ...", .most = kMany, .place = Place::both, .restricts = true, .apply = set::access_times,
   .help = "when the service may be used, bounds included; 22:00-6:00 goes over midnight, Mon-Fri/9:00-24:00 names the days on which a span begins"},
  {.name = "alert_command", .values = "PATH [WORD ...]", .most = kMany, .operators = Op::extend, .place = Place::defaults, .apply = set::alert_command,
   .help = "a program that is started for each event, which it finds in its environment (reeve's own)"},
  {.name = "alert_file", .values = "FORMAT PATH", .most = kMany, .operators = Op::extend, .place = Place::defaults, .apply = set::alert_file,
   .help = "a file to which each event is appended as a line: json, idmef, idmef2, cef, plain or custom (reeve's own)"},
  {.name = "alert_form", .values = "PATH", .place = Place::defaults, .apply = set::alert_form,
   .help = "the text that the format custom fills in: {source}, {service}, ... (reeve's own)"},
  {.name = "alert_http", .values = "FORMAT URL", .most = kMany, .operators = Op::extend, .place = Place::defaults, .apply = set::alert_http,
   .help = "an address of the web to which each event is sent by POST (reeve's own)"},
  {.name = "alert_rate", .values = "NUMBER", .place = Place::defaults, .apply = set::alert_rate,
   .help = "how many events a minute are told; 600 unless set (reeve's own)"},
  {.name = "alert_syslog", .values = "FORMAT FACILITY [LEVEL]", .most = kMany, .operators = Op::extend, .place = Place::defaults, .apply = set::alert_syslog,
   .help = "each event as a message to the system's logger (reeve's own)"},
  {.name = "ban_growth", .values = "FACTOR", .place = Place::defaults, .apply = set::ban_growth,
   .help = "each further ban of the same source is this many times as long as the one before; 1 unless set (reeve's own)"},
  {.name = "ban_list", .values = "PATH|URL ...", .most = kMany, .operators = Op::extend, .place = Place::defaults, .apply = set::ban_list,
   .help = "lists of networks that are shut out of all services, as others collect them (reeve's own)"},
  {.name = "ban_list_refresh", .values = "MINUTES", .place = Place::defaults, .apply = set::ban_list_refresh,
   .help = "how often these lists are read anew; 60 unless set (reeve's own)"},
  {.name = "ban_max", .values = "MINUTES", .place = Place::defaults, .apply = set::ban_max,
   .help = "no ban that grew is longer; ten years unless set (reeve's own)"},
  {.name = "ban_memory", .values = "MINUTES", .place = Place::defaults, .apply = set::ban_memory,
   .help = "for how long a former ban is remembered, so that the next one grows; 43200, which is thirty days, unless set (reeve's own)"},
  {.name = "ban_prefix", .values = "BITS4 BITS6", .fewest = 2, .most = 2, .place = Place::defaults, .apply = set::ban_prefix,
   .help = "how much of an IPv4 and an IPv6 address is banned with whoever touches a sensor; 32 64 unless set (reeve's own)"},
  {.name = "ban_scope", .values = "services|host", .place = Place::defaults, .apply = set::ban_scope,
   .help = "kernel_bans: guard the ports of the services only, or all ports of the host (reeve's own)"},
  {.name = "banner", .values = "PATH", .place = Place::both, .apply = set::banner,
   .help = "a file sent to everybody who connects"},
  {.name = "banner_fail", .values = "PATH", .place = Place::both, .apply = set::banner_fail,
   .help = "a file sent to whoever is refused"},
  {.name = "banner_success", .values = "PATH", .place = Place::both, .apply = set::banner_success,
   .help = "a file sent to whoever is admitted"},
  {.name = "bind", .values = "ADDRESS[%INTERFACE]|INTERFACE|HOST|/PATH|@NAME ...", .most = kMany, .place = Place::both, .restricts = true, .apply = set::bind,
   .help = "the local addresses, interfaces, hosts or unix sockets to listen on; all addresses without it"},
  {.name = "compat", .values = "xinetd|no", .place = Place::both, .apply = set::compat,
   .help = "xinetd: the old result wherever the two differ (reeve's own)"},
  {.name = "control", .values = "PATH|no", .place = Place::defaults, .apply = set::control,
   .help = "the socket that the command reeve talks to; no for none (reeve's own)"},
  {.name = "control_read", .values = "GROUP ...|everybody", .most = kMany, .place = Place::defaults, .restricts = true, .apply = set::control_read,
   .help = "who, besides root and the group reeve, may look by it; nobody without it (reeve's own)"},
  {.name = "cps", .values = "RATE SECONDS", .fewest = 2, .most = 2, .place = Place::both, .restricts = true, .limits_anyway = true, .apply = set::cps,
   .help = "connections per second, and for how long whoever exceeds them is refused; 50 10 unless set, rate 0 for no limit"},
  {.name = "cps_action", .values = "automatic|shed|close", .place = Place::both, .apply = set::cps_action,
   .help = "over cps: refuse the heaviest source, or close the service as xinetd does (reeve's own)"},
  {.name = "deny_time", .values = "MINUTES|FOREVER|NEVER", .restricts = true, .apply = set::deny_time,
   .help = "for how long a sensor bans whoever touches it; NEVER only logs"},
  {.name = "disable", .values = "yes|no", .restricts = true, .apply = set::disable,
   .help = "yes: the service is off"},
  {.name = "disabled", .values = "ID ...", .fewest = 0, .most = kMany, .operators = Op::set, .place = Place::defaults, .apply = set::disabled,
   .help = "services that are off"},
  {.name = "enabled", .values = "ID ...", .fewest = 0, .most = kMany, .operators = Op::set, .place = Place::defaults, .apply = set::enabled,
   .help = "only these services are on"},
  {.name = "env", .values = "NAME=VALUE ...", .fewest = 0, .most = kMany, .operators = Op::extend, .apply = set::env,
   .help = "variables added to the program's environment"},
  {.name = "flags", .values = "IDONLY INTERCEPT IPv4 IPv6 KEEPALIVE LABELED LISTEN_FDS NAMEINARGS NODELAY NOLIBWRAP NORETRY REMOTE_ADDR RESOLVE REUSE SENSOR UCSPI", .most = kMany,
   .apply = set::flags,
   .help = "any combination of these words"},
  {.name = "fleet", .values = "HOST [PORT]|/PATH", .most = 2, .place = Place::defaults, .apply = set::fleet,
   .help = "the Redis server by which machines share their bans (reeve's own)"},
  {.name = "fleet_key_file", .values = "PATH", .place = Place::defaults, .apply = set::fleet_key_file,
   .help = "the key that records of the fleet are signed with, the same for all of its nodes (reeve's own)"},
  {.name = "fleet_name", .values = "NAME", .place = Place::defaults, .apply = set::fleet_name,
   .help = "what the fleet's keys in the store begin with; reeve unless set (reeve's own)"},
  {.name = "fleet_node", .values = "NAME", .place = Place::defaults, .apply = set::fleet_node,
   .help = "this machine's name in the fleet; its host name without it (reeve's own)"},
  {.name = "fleet_password_file", .values = "PATH", .place = Place::defaults, .apply = set::fleet_password_file,
   .help = "the password for the store (reeve's own)"},
  {.name = "fleet_rate", .values = "NUMBER", .place = Place::defaults, .apply = set::fleet_rate,
   .help = "how many bans a minute are taken from one other node; 6000 unless set (reeve's own)"},
  {.name = "fleet_user", .values = "NAME", .place = Place::defaults, .apply = set::fleet_user,
   .help = "the user at the store, an ACL user of Redis; its default user without it (reeve's own)"},
  {.name = "fleet_widest", .values = "BITS4 BITS6", .fewest = 2, .most = 2, .place = Place::defaults, .apply = set::fleet_widest,
   .help = "the widest network that another node may ban; 24 48 unless set (reeve's own)"},
  {.name = "group", .values = "NAME|NUMBER", .apply = set::group,
   .help = "group of the program; the user's primary one without it"},
  {.name = "groups", .values = "yes|no", .place = Place::both, .apply = set::groups,
   .help = "yes: the program has the user's supplementary groups, else none"},
  {.name = "id", .values = "WORD", .apply = set::id,
   .help = "names this service in logs, enabled and disabled; the service's name without it"},
  {.name = "instances", .values = "NUMBER|UNLIMITED", .place = Place::both, .restricts = true, .apply = set::instances,
   .help = "how many may run at once"},
  {.name = "interface", .values = "ADDRESS[%INTERFACE]|INTERFACE|HOST|/PATH|@NAME ...", .most = kMany, .place = Place::both, .restricts = true, .apply = set::bind,
   .help = "another name of bind"},
  {.name = "kernel_bans", .values = "yes|no", .place = Place::defaults, .restricts = true, .apply = set::kernel_bans,
   .help = "yes: the kernel drops what banned sources send, by nftables (reeve's own)"},
  {.name = "libwrap", .values = "NAME", .restricts = true, .apply = set::libwrap,
   .help = "the name looked up in hosts.allow and hosts.deny"},
  {.name = "log_format", .values = "xinetd|json", .place = Place::both, .apply = set::log_format,
   .help = "form of the records (reeve's own)"},
  {.name = "log_on_failure", .values = "ATTEMPT HOST USERID", .fewest = 0, .most = kMany, .operators = Op::set, .place = Place::both,
   .apply = set::log_on_failure,
   .help = "what is logged of a refused visit"},
  {.name = "log_on_success", .values = "DURATION EXIT HOST PID TRAFFIC USERID", .fewest = 0, .most = kMany, .operators = Op::set, .place = Place::both,
   .apply = set::log_on_success,
   .help = "what is logged of an admitted visit"},
  {.name = "log_type", .values = "FILE PATH [SOFT [HARD]] | SYSLOG FACILITY [LEVEL]", .most = 4, .place = Place::both, .apply = set::log_type,
   .help = "where the service's records go; nowhere without it"},
  {.name = "max_load", .values = "LOAD", .place = Place::both, .restricts = true, .apply = set::max_load,
   .help = "refuse while the load average of the last minute is this high"},
  {.name = "max_pressure", .values = "cpu:PERCENT memory:PERCENT io:PERCENT", .most = 3, .place = Place::both, .restricts = true, .apply = set::max_pressure,
   .help = "refuse while so much of the last ten seconds was lost waiting for a processor, for memory, for disks (reeve's own)"},
  {.name = "mdns", .values = "yes|no", .place = Place::both, .apply = set::without_effect,
   .help = "accepted and without effect"},
  {.name = "never_ban", .values = "ADDRESS ...", .fewest = 0, .most = kMany, .operators = Op::set, .place = Place::defaults, .apply = set::never_ban,
   .help = "who is never banned, beside this machine's own addresses, its gateways and its name servers (reeve's own)"},
  {.name = "nice", .values = "NUMBER", .apply = set::nice,
   .help = "priority of the program, -20 to 19"},
  {.name = "no_access", .values = "ADDRESS ...", .fewest = 0, .most = kMany, .operators = Op::set, .place = Place::both, .restricts = true,
   .apply = set::no_access,
   .help = "who may not come in; the longer match of no_access and only_from decides"},
  {.name = "only_from", .values = "ADDRESS ...", .fewest = 0, .most = kMany, .operators = Op::set, .place = Place::both, .restricts = true,
   .apply = set::only_from,
   .help = "who may come in; nobody when it is empty, everybody without it"},
  {.name = "passenv", .values = "NAME ...", .fewest = 0, .most = kMany, .operators = Op::set, .place = Place::both, .apply = set::passenv,
   .help = "the only variables of the daemon's environment that the program gets; all without it"},
  {.name = "penalties", .values = "OFFENCE:SCORE ...", .most = kMany, .place = Place::defaults, .restricts = true, .apply = set::penalties,
   .help = "what counts against a source over all services: refused, early_close, silent, crash, sensor (reeve's own)"},
  {.name = "penalty_decay", .values = "SECONDS", .place = Place::defaults, .apply = set::penalty_decay,
   .help = "after so long half of a source's score is forgotten; 300 unless set (reeve's own)"},
  {.name = "penalty_limit", .values = "SCORE SECONDS", .fewest = 2, .most = 2, .place = Place::defaults, .restricts = true, .limits_anyway = true,
   .apply = set::penalty_limit,
   .help = "the score at which a source is banned, and for how long; 100 600 unless set (reeve's own)"},
  {.name = "per_source", .values = "NUMBER|UNLIMITED", .place = Place::both, .restricts = true, .apply = set::per_source,
   .help = "how many may run at once for one source"},
  {.name = "port", .values = "NUMBER|FIRST-LAST|NAME ... | UNUSED", .most = kMany, .apply = set::port,
   .help = "must agree with services(5) unless the type is UNLISTED"},
  {.name = "protocol", .values = "NAME", .fixed_on_reload = true, .apply = set::protocol,
   .help = "a protocol of protocols(5); socket_type implies tcp or udp"},
  {.name = "proxy_from", .values = "ADDRESS ...", .fewest = 0, .most = kMany, .operators = Op::set, .place = Place::both, .restricts = true,
   .apply = set::proxy_from,
   .help = "proxies that must say, by the PROXY protocol, for whom they come; that client is then the one who visits (reeve's own)"},
  {.name = "proxy_protocol", .values = "v1|v2|no", .apply = set::proxy_protocol,
   .help = "redirect: tell the target who the client is, by the PROXY protocol (reeve's own)"},
  {.name = "rate_per_source", .values = "NUMBER/[N]s|m|h, UNLIMITED", .place = Place::both, .restricts = true, .apply = set::rate_per_source,
   .help = "how many visits of one source in that time: 100/m, 20/10s; no limit without it (reeve's own)"},
  {.name = "redirect", .values = "HOST PORT|PATH ...", .most = kMany, .apply = set::redirect,
   .help = "relay the connection there; of several targets one that answers"},
  {.name = "redirect_balance", .values = "round_robin|least_connections", .place = Place::both, .apply = set::redirect_balance,
   .help = "which of several targets is next (reeve's own)"},
  {.name = "redirect_timeout", .values = "CONNECT [IDLE]", .most = 2, .place = Place::both, .apply = set::redirect_timeout,
   .help = "seconds for a target to answer, and for a relay without a byte, 0 for ever; 5 0 unless set (reeve's own)"},
  {.name = "rlimit_as", .values = "BYTES[K|M]|UNLIMITED", .restricts = true, .apply = set::rlimit_as,
   .help = "address space of the program"},
  {.name = "rlimit_cpu", .values = "SECONDS|UNLIMITED", .restricts = true, .apply = set::rlimit_cpu,
   .help = "processor time of the program"},
  {.name = "rlimit_data", .values = "BYTES[K|M]|UNLIMITED", .restricts = true, .apply = set::rlimit_data,
   .help = "data segment of the program"},
  {.name = "rlimit_files", .values = "NUMBER|UNLIMITED", .restricts = true, .apply = set::rlimit_files,
   .help = "open files of the program"},
  {.name = "rlimit_rss", .values = "BYTES[K|M]|UNLIMITED", .restricts = true, .apply = set::rlimit_rss,
   .help = "resident memory of the program"},
  {.name = "rlimit_stack", .values = "BYTES[K|M]|UNLIMITED", .restricts = true, .apply = set::rlimit_stack,
   .help = "stack of the program"},
  {.name = "rpc_number", .values = "NUMBER", .apply = set::rpc_number,
   .help = "program number of an UNLISTED RPC service"},
  {.name = "rpc_version", .values = "NUMBER[-NUMBER]", .apply = set::rpc_version,
   .help = "versions of an RPC service"},
  {.name = "sensor_reply", .values = "close|reset|banner PATH|tarpit|record BYTES", .most = 2, .apply = set::sensor_reply,
   .help = "what a sensor's client gets once it is banned: closed unless set (reeve's own)"},
  {.name = "server", .values = "PATH", .apply = set::server,
   .help = "the program to start"},
  {.name = "server_args", .values = "WORD ...", .most = kMany, .apply = set::server_args,
   .help = "its arguments, without its name unless the flag NAMEINARGS is set"},
  {.name = "socket_group", .values = "NAME|NUMBER", .restricts = true, .apply = set::socket_group,
   .help = "group of the service's unix sockets; that of the daemon without it (reeve's own)"},
  {.name = "socket_mode", .values = "OCTAL", .restricts = true, .apply = set::socket_mode,
   .help = "who may connect to the service's unix sockets; 600 unless set (reeve's own)"},
  {.name = "socket_type", .values = "stream|dgram|raw|seqpacket", .fixed_on_reload = true, .apply = set::socket_type,
   .help = "tcp implies stream, udp implies dgram"},
  {.name = "socket_user", .values = "NAME|NUMBER", .restricts = true, .apply = set::socket_user,
   .help = "owner of the service's unix sockets; that of the daemon without it (reeve's own)"},
  {.name = "source_prefix", .values = "BITS4 BITS6", .fewest = 2, .most = 2, .place = Place::both, .apply = set::source_prefix,
   .help = "how much of an IPv4 and an IPv6 address is one source for limits; 32 64 unless set (reeve's own)"},
  {.name = "state_directory", .values = "PATH|no", .place = Place::defaults, .apply = set::state_directory,
   .help = "where bans are kept over a restart; no keeps them in memory only (reeve's own)"},
  {.name = "strict", .values = "yes|no", .place = Place::both, .apply = set::strict,
   .help = "no: a misspelt access or limit attribute is only warned about, as xinetd does (reeve's own)"},
  {.name = "type", .values = "INTERNAL RPC SPECIAL TCPMUX TCPMUXPLUS UNLISTED", .most = kMany, .fixed_on_reload = true, .apply = set::type,
   .help = "any combination of these words"},
  {.name = "udp_bans", .values = "yes|no", .place = Place::both, .apply = set::udp_bans,
   .help = "may a datagram alone, whose source can be forged, ban somebody (reeve's own)"},
  {.name = "umask", .values = "OCTAL", .place = Place::both, .apply = set::umask,
   .help = "file mode mask of the program; the daemon's own with 022 without it"},
  {.name = "user", .values = "NAME|NUMBER", .apply = set::user,
   .help = "who the program runs as"},
  {.name = "v6only", .values = "yes|no", .place = Place::both, .apply = set::v6only,
   .help = "yes: an IPv6 socket takes no IPv4 clients"},
  {.name = "wait", .values = "yes|no", .fixed_on_reload = true, .apply = set::wait,
   .help = "yes: the program accepts by itself, and one runs at a time"},
});
// clang-format on

static_assert(std::is_sorted(kAttributes.begin(), kAttributes.end(), [](const auto& a, const auto& b) { return a.name < b.name; }));
static_assert(kAttributes.size() <= Draft::kMaxAttributes);

// kFirstOf[c - 'a']: the first attribute whose name begins with c or a later letter.
constexpr auto kFirstOf = [] {
  std::array<std::uint8_t, 27> first{};
  for (std::size_t letter = 0; letter < first.size(); ++letter) {
    while (first[letter] < kAttributes.size() && kAttributes[first[letter]].name.front() < static_cast<char>('a' + letter)) ++first[letter];
  }
  return first;
}();

}  // namespace

std::span<const Attribute> attributes() noexcept {
  return kAttributes;
}

std::uint8_t find_attribute(std::string_view name) noexcept {
  const char initial = name.empty() ? '\0' : lower(name.front());
  if (initial < 'a' || initial > 'z') return kNoAttribute;
  const auto letter = static_cast<std::size_t>(initial - 'a');
  for (std::uint8_t index = kFirstOf[letter]; index < kFirstOf[letter + 1]; ++index) {
    if (equal_ignoring_case(kAttributes[index].name, name)) return index;
  }
  return kNoAttribute;
}

}  // namespace reeve
