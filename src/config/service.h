// Service and Configuration: what an administrator's files mean, after validation.
//
// Everything here is immutable once built and owned by its Configuration: texts, lists and spans
// point into it. Instances outlive a reload, so whoever keeps a Service keeps a ServiceRef. There is
// no runtime state here (counts live in policy/ledger.h) and no system resource. A thousand services
// are common, so what few services set stands behind a pointer.
//
// Semantics of each attribute: xinetd.conf(5) and docs/compatibility; the table is attributes.h.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.h"
#include "base/prefix_trie.h"
#include "config/where.h"

namespace reeve {

using Text = std::string_view;  // owned by the Configuration, NUL-terminated behind its end

enum class SocketType : std::uint8_t { stream, dgram, raw, seqpacket };
[[nodiscard]] std::string_view to_text(SocketType type) noexcept;  // as in the file

// What serves a connection.
enum class Kind : std::uint8_t { program, builtin, sensor, redirect, tcpmux };
enum class Builtin : std::uint8_t { none, echo, discard, daytime, time, chargen, tcpmux };

// `any`: an IPv6 socket that takes IPv4 clients too, or IPv4 where the system has no IPv6.
enum class Family : std::uint8_t { any, v4, v6 };

struct ServiceFlags {
  bool intercept : 1 = false;
  bool noretry : 1 = false;
  bool idonly : 1 = false;
  bool nameinargs : 1 = false;
  bool nodelay : 1 = false;
  bool keepalive : 1 = false;
  bool nolibwrap : 1 = false;
  bool sensor : 1 = false;
  bool labeled : 1 = false;
  bool listen_fds : 1 = false;   // the socket as sd_listen_fds(3) finds it
  bool ucspi : 1 = false;        // descriptors and environment as of tcpserver(1)
  bool resolve : 1 = false;      // UCSPI: the client's name is looked up for TCPREMOTEHOST
  bool remote_addr : 1 = false;  // REMOTE_ADDR and REMOTE_PORT, as of systemd.socket(5)
};

struct ServiceTypes {
  bool rpc : 1 = false;
  bool internal : 1 = false;
  bool unlisted : 1 = false;
  bool special : 1 = false;
  bool tcpmux : 1 = false;
  bool tcpmuxplus : 1 = false;
};

struct SuccessFields {
  bool pid : 1 = false, host : 1 = false, userid : 1 = false, exit : 1 = false, duration : 1 = false, traffic : 1 = false;
};
struct FailureFields {
  bool host : 1 = false, userid : 1 = false, attempt : 1 = false;
};

enum class LogFormat : std::uint8_t { xinetd, json };

// Where a service's records go. `none` drops them.
struct LogTarget {
  enum class Kind : std::uint8_t { none, syslog, file } kind = Kind::none;
  LogFormat format = LogFormat::xinetd;
  std::uint8_t facility = 3;                     // as in syslog(3), not shifted: 3 is daemon
  std::uint8_t level = 6;                        // 6 is info
  Text path;                                     // file
  std::uint64_t soft_limit = 0, hard_limit = 0;  // bytes; 0: no limit

  friend bool operator==(const LogTarget&, const LogTarget&) = default;
};

// One address form of only_from / no_access.
struct AccessEntry {
  Prefix prefix;  // meaningless for names
  Text name;      // host name or ".domain"; empty for numeric forms
  Where where;
};

// only_from or no_access. Numeric entries are in the trie (value: index in entries).
struct AccessList {
  std::vector<AccessEntry> entries;
  PrefixTrie prefixes;
  bool has_names = false;
  Where where;  // of the attribute; an empty only_from refuses everybody by this position
};

// From `from` to `to` inclusive of the minute `to`; to < from wraps over midnight. 24:00 is 1440.
struct TimeSpan {
  std::uint16_t from = 0, to = 1440;  // minutes since midnight
  std::uint8_t weekdays = 0x7f;       // bit 0 Sunday .. bit 6 Saturday: the day on which the span begins
};

constexpr std::uint32_t kUnlimited = UINT32_MAX;

// What happens to arrivals over cps. `automatic`: the heaviest source is refused for `wait`; the whole
// service closes only while nobody but that source is known. `close`: xinetd's way, always.
enum class CpsAction : std::uint8_t { automatic, shed, close };

enum class Resource : std::uint8_t { as, cpu, data, rss, stack, files };
struct ResourceLimit {
  Resource resource;
  std::uint64_t value;  // bytes, seconds for cpu, a count for files; UINT64_MAX is UNLIMITED
};

// How to start the program. Only services of Kind::program have one.
struct Launch {
  Text server;                      // absolute path
  std::span<const Text> arguments;  // argv, argv[0] included
  std::uint32_t uid = 0, gid = 0;
  std::span<const std::uint32_t> groups;  // supplementary groups to set; empty: none
  bool set_ids = true;                    // false: neither user nor group can or need be changed (not root)
  std::optional<std::uint16_t> umask;
  std::int8_t nice = 0;
  std::span<const Text> env;  // NAME=value, last one wins
  bool passenv_all = true;    // whole environment of the daemon, else only `passenv`
  std::span<const Text> passenv;
  std::span<const ResourceLimit> limits;
};

// Ports from `first` to `last`, both included.
struct PortRange {
  std::uint16_t first = 0, last = 0;

  friend constexpr auto operator<=>(const PortRange&, const PortRange&) noexcept = default;
};

// Where one listener of a service is: a port of an address, or a path. A service has one for each of its ports at each
// of its addresses.
struct Place {
  Address address;            // :: for all
  Text path;                  // unix(7): "/run/x.sock", or "@x" for an abstract name; empty: an internet address
  std::uint32_t service = 0;  // index into Configuration::services
  std::uint32_t scope = 0;    // index of the interface that a link-local or multicast address means; 0: none
  std::uint16_t port = 0;     // host byte order
  Family family = Family::any;
  bool yields = false;  // one of a range of ports: leaves its port to whoever names it, or has it already

  [[nodiscard]] bool is_unix() const noexcept { return !path.empty(); }
};

// Who may use a service's unix sockets.
struct UnixSocket {
  std::uint16_t mode = 0600;
  std::uint32_t uid = 0, gid = 0;
};

struct Banners {
  Text always, success, fail;  // paths; empty: none
};

// One place that a redirected service can be relayed to.
struct Target {
  Text host;               // a numeric address, a host name, or the absolute path of a unix socket
  std::uint16_t port = 0;  // 0 for a path

  [[nodiscard]] bool is_path() const noexcept { return host.starts_with('/'); }
  friend bool operator==(const Target&, const Target&) = default;
};

enum class Balance : std::uint8_t { round_robin, least_connections };
enum class ProxyProtocol : std::uint8_t { no, v1, v2 };

struct Redirect {
  std::span<const Target> targets;  // at least one
  Balance balance = Balance::round_robin;
  ProxyProtocol proxy_protocol = ProxyProtocol::no;  // what the target is told of the client
  std::uint32_t connect_seconds = 5;                 // until a target has answered
  std::uint32_t idle_seconds = 0;                    // without a byte in either direction; 0: for ever
};

// What a sensor's client sees before it is banned.
struct SensorReply {
  enum class Kind : std::uint8_t { close, reset, banner, tarpit, record } kind = Kind::close;
  Text banner;                   // path of a file; Kind::banner
  std::uint32_t most_bytes = 0;  // Kind::record
};

// Pressure stall of the machine, as /proc/pressure has it: the share of the last ten seconds in which some task
// waited, in percent. Refuse while one of them is this high; 0: it is not looked at.
struct Pressure {
  float cpu = 0, memory = 0, io = 0;
};

struct RpcProgram {
  std::uint32_t number = 0, first_version = 0, last_version = 0;
};

// Where one attribute got its value: in the service's entry (Service::origins) or in defaults
// (Configuration::default_origins, which hold where the service has none of its own).
struct Origin {
  std::uint8_t attribute = 0;  // index into attributes.h's table
  bool from_defaults = false;
  Where where;
};

constexpr std::int32_t kDenyForever = -1;

struct Service {
  Text id;
  Text name;
  Where where;  // of the entry

  Kind kind = Kind::program;
  Builtin builtin = Builtin::none;
  SocketType socket_type = SocketType::stream;
  Family family = Family::any;
  bool v6only = false;
  bool wait = false;
  bool compat_xinetd = false;  // compat = xinetd: the old result wherever the two differ
  bool udp_bans = true;        // may a datagram alone ban its source?
  CpsAction cps_action = CpsAction::automatic;
  std::uint8_t protocol = 6;  // IPPROTO number
  std::uint16_t port = 0;     // the first of `ports`, host byte order; 0 for services behind tcpmux
  ServiceFlags flags;
  ServiceTypes types;
  SuccessFields log_on_success;
  FailureFields log_on_failure;
  std::span<const PortRange> ports;                // as written; its places are what they mean
  std::span<const Text> binds;                     // likewise; empty: all addresses
  std::uint32_t first_place = 0, place_count = 0;  // in Configuration::places
  const UnixSocket* unix_socket = nullptr;         // of the places that are paths

  std::uint32_t instances = kUnlimited;
  std::uint32_t per_source = kUnlimited;
  bool per_source_given = false;                          // per_source stands in the file, even as UNLIMITED
  std::uint8_t source_bits_v4 = 32, source_bits_v6 = 64;  // what counts as one source
  std::uint32_t cps_rate = 50;                            // per second; 0: no limit
  std::uint32_t cps_wait_seconds = 10;
  std::uint32_t source_rate = 0;  // rate_per_source: visits of one source in source_rate_seconds; 0: no limit
  std::uint32_t source_rate_seconds = 60;
  float max_load = 0;                     // 0: no limit
  std::int32_t deny_minutes = 0;          // sensors: 0 never, kDenyForever
  const AccessList* only_from = nullptr;  // nullptr: everybody
  const AccessList* no_access = nullptr;
  std::span<const TimeSpan> access_times;  // empty: always
  const LogTarget* log = nullptr;          // never nullptr in a built Configuration

  const Launch* launch = nullptr;             // Kind::program
  const Banners* banners = nullptr;           // nullptr: none
  const Redirect* redirect = nullptr;         // Kind::redirect
  const AccessList* proxy_from = nullptr;     // who must say by the PROXY protocol for whom it comes; nullptr: nobody
  const RpcProgram* rpc = nullptr;            // types.rpc
  const SensorReply* sensor_reply = nullptr;  // Kind::sensor; nullptr: it closes
  const Pressure* max_pressure = nullptr;     // nullptr: no limit
  bool on_unused_ports = false;               // port = UNUSED: a sensor on all TCP and UDP ports that nobody has
  Text libwrap;
  std::span<const Origin> origins;  // of its entry, ordered by attribute

  // Does a listener belong to it (not for services behind tcpmux)?
  [[nodiscard]] bool listens() const noexcept { return !types.tcpmux && !types.tcpmuxplus; }
  [[nodiscard]] bool is_stream() const noexcept { return socket_type == SocketType::stream || socket_type == SocketType::seqpacket; }
};

// The socket of `reeve`, and who may ask what by it (docs/control.md). It is the daemon's, so defaults say it.
struct ControlTerms {
  bool off = false;                              // control = no
  Text path;                                     // empty: the daemon's own choice
  bool everybody_reads = false;                  // control_read = everybody
  std::span<const std::uint32_t> readers;        // groups of control_read
  std::optional<std::uint32_t> operators_group;  // the group `reeve`, if there is one: may do everything
};

struct Defence;   // config/defence.h
class TextStore;  // config/text_store.h

struct Configuration {
  Configuration();
  ~Configuration();
  Configuration(const Configuration&) = delete;
  Configuration& operator=(const Configuration&) = delete;

  std::vector<Service> services;     // those to be served, in the order of the files
  std::vector<Place> places;         // where they listen, in the order of the services
  std::vector<Text> files;           // Where::file indexes it
  std::unique_ptr<TextStore> store;  // owns every text, span and list above
  ControlTerms control;
  std::unique_ptr<const Defence> defence;   // never nullptr
  std::span<const Origin> default_origins;  // what defaults says, ordered by attribute

  [[nodiscard]] std::span<const Place> places_of(const Service& service) const noexcept {
    return std::span(places).subspan(service.first_place, service.place_count);
  }
  // Position of an attribute of `service` ("only_from"), its entry's when it was not given.
  [[nodiscard]] Where where_of(const Service& service, std::string_view attribute) const noexcept;
};

using ConfigurationRef = std::shared_ptr<const Configuration>;
using ServiceRef = std::shared_ptr<const Service>;

// Shares ownership of the Configuration.
[[nodiscard]] inline ServiceRef service_ref(const ConfigurationRef& configuration, std::size_t index) {
  return {configuration, &configuration->services[index]};
}

}  // namespace reeve
