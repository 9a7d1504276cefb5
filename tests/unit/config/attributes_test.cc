// Every attribute: values that are taken and what they mean, and values that are not.
#include "config/attributes.h"

#include <functional>
#include <optional>
#include <ostream>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "config/defence.h"
#include "parsing.h"

namespace reeve {
namespace {

using Check = std::function<bool(const Service&)>;

struct Row {
  const char* attribute;
  const char* value;
  Check holds;              // empty: the value is refused
  const char* beside = "";  // further lines
};

// The last text of a list.
std::string last(std::span<const Text> texts) {
  return texts.empty() ? "" : std::string(texts.back());
}

const Row kRows[] = {
    {"id", "other", [](const Service& s) { return s.id == "other" && s.name == "a"; }},
    {"type", "UNLISTED", [](const Service& s) { return s.types.unlisted && !s.types.internal; }},
    {"type", "unlisted", [](const Service& s) { return s.types.unlisted; }},
    {"type", "TCPMUX UNLISTED", [](const Service& s) { return s.types.tcpmux && !s.listens() && s.port == 0; }},
    {"type", "TCPMUXPLUS", [](const Service& s) { return s.types.tcpmuxplus && !s.listens(); }},
    {"type", "UNLISTED ODD", {}},
    {"flags", "IPv4", [](const Service& s) { return s.family == Family::v4; }},
    {"flags", "ipv6 nodelay KeepAlive", [](const Service& s) { return s.family == Family::v6 && s.flags.nodelay && s.flags.keepalive; }},
    {"flags", "IPv4 IPv6", [](const Service& s) { return s.family == Family::v6; }},
    {"flags", "REUSE NORETRY NOLIBWRAP INTERCEPT",
     [](const Service& s) { return s.flags.noretry && s.flags.nolibwrap && s.flags.intercept; }},
    {"flags", "SENSOR", [](const Service& s) { return s.kind == Kind::sensor && s.launch == nullptr; }},
    {"flags", "LABELED", [](const Service& s) { return s.flags.labeled; }},
    {"flags", "DISABLE", {}},
    {"flags", "", {}},
    {"socket_type", "STREAM", [](const Service& s) { return s.socket_type == SocketType::stream && s.protocol == 6; }},
    {"socket_type", "dgram", [](const Service& s) { return s.socket_type == SocketType::dgram && s.protocol == 17; }, "wait = yes"},
    {"socket_type", "seqpacket", [](const Service& s) { return s.socket_type == SocketType::seqpacket && s.protocol == 132; },
     "protocol = sctp"},
    {"socket_type", "raw", [](const Service& s) { return s.socket_type == SocketType::raw && s.protocol == 1; },
     "protocol = icmp\nwait = yes"},
    {"socket_type", "telepathy", {}},
    {"protocol", "tcp", [](const Service& s) { return s.protocol == 6; }},
    {"protocol", "nosuchprotocol", {}},
    {"protocol", "udp", {}},
    {"wait", "no", [](const Service& s) { return !s.wait; }},
    {"wait", "YES", [](const Service& s) { return s.wait; }},
    {"wait", "perhaps", {}},
    {"wait", "no", {}, "socket_type = dgram"},
    {"user", "nobody", [](const Service& s) { return s.launch->uid == 65534 && s.launch->gid == 65534; }},
    {"user", "4", [](const Service& s) { return s.launch->uid == 4 && s.launch->gid == 4 && s.launch->set_ids; }},
    {"user", "nosuchuser", {}},
    {"user", "-1", {}},
    {"user", "4294967295", {}},
    {"group", "games", [](const Service& s) { return s.launch->uid == 0 && s.launch->gid == 60; }},
    {"group", "12", [](const Service& s) { return s.launch->gid == 12; }},
    {"group", "nosuchgroup", {}},
    {"group", "4294967296", {}},
    {"groups", "yes", [](const Service& s) { return s.launch->groups.size() == 3; }, "user = daemon"},
    {"groups", "no", [](const Service& s) { return s.launch->groups.empty(); }, "user = daemon"},
    {"groups", "maybe", {}},
    {"server", "/bin/echo", [](const Service& s) { return s.launch->server == "/bin/echo" && s.launch->arguments[0] == "echo"; }},
    {"server", "/nonexistent/server", {}},
    {"server", "cat", {}},
    {"server_args", "-l  x \"q", [](const Service& s) { return s.launch->arguments.size() == 4 && last(s.launch->arguments) == "\"q"; }},
    {"server_args", "", {}},
    {"instances", "3", [](const Service& s) { return s.instances == 3; }},
    {"instances", "0", [](const Service& s) { return s.instances == 0; }},
    {"instances", "unlimited", [](const Service& s) { return s.instances == kUnlimited; }},
    {"instances", "-1", {}},
    {"instances", "lots", {}},
    {"instances", "99999999999999999999", {}},
    {"instances", "4294967295", {}},
    {"instances", "3 4", {}},
    {"per_source", "2", [](const Service& s) { return s.per_source == 2 && s.per_source_given; }},
    {"per_source", "UNLIMITED", [](const Service& s) { return s.per_source == kUnlimited && s.per_source_given; }},
    {"per_source", "x", {}},
    {"cps", "25 30", [](const Service& s) { return s.cps_rate == 25 && s.cps_wait_seconds == 30; }},
    {"cps", "0 0", [](const Service& s) { return s.cps_rate == 0; }},
    {"cps", "25", [](const Service& s) { return s.cps_rate == 50 && s.cps_wait_seconds == 10; }},
    {"cps", "x 1", {}},
    {"cps", "1 -1", {}},
    {"cps", "99999999999 99999999999", {}},
    {"cps_action", "shed", [](const Service& s) { return s.cps_action == CpsAction::shed; }},
    {"cps_action", "close", [](const Service& s) { return s.cps_action == CpsAction::close; }},
    {"cps_action", "explode", {}},
    {"max_load", "2.5", [](const Service& s) { return s.max_load == 2.5F; }},
    {"max_load", "0", {}},
    {"max_load", "-1", {}},
    {"max_load", "x", {}},
    {"max_pressure", "cpu:60 memory:10.5",
     [](const Service& s) { return s.max_pressure->cpu > 59 && s.max_pressure->memory > 10 && s.max_pressure->io < 1; }},
    {"max_pressure", "IO:100", [](const Service& s) { return s.max_pressure->io > 99 && s.max_pressure->cpu < 1; }},
    {"max_pressure", "cpu:0", {}},
    {"max_pressure", "cpu:101", {}},
    {"max_pressure", "cpu", {}},
    {"max_pressure", "60", {}},
    {"max_pressure", "disk:60", {}},
    {"max_pressure", "cpu:60 cpu:70", {}},
    {"access_times", "2:00-9:00 12:00-24:00",
     [](const Service& s) { return s.access_times.size() == 2 && s.access_times[0].from == 120 && s.access_times[1].to == 1440; }},
    {"access_times", "22:30-6:05", [](const Service& s) { return s.access_times[0].from == 1350 && s.access_times[0].to == 365; }},
    {"access_times", "Mon-Fri/9:00-17:00 sat,SUN/1:5-2:5",
     [](const Service& s) {
       return s.access_times[0].weekdays == 0x3e && s.access_times[1].weekdays == 0x41 && s.access_times[1].from == 65;
     }},
    {"access_times", "Fri-Mon/0:00-1:00", [](const Service& s) { return s.access_times[0].weekdays == 0x63; }},
    {"access_times", "25:00-26:00", {}},
    {"access_times", "24:01-25:00", {}},
    {"access_times", "24:00-6:00", {}},
    {"access_times", "99:99-00:-1", {}},
    {"access_times", "2:00-2:00", {}},
    {"access_times", "2-3", {}},
    {"access_times", "1:00 - 2:00", {}},
    {"access_times", "Moo/1:00-2:00", {}},
    {"access_times", "/1:00-2:00", {}},
    {"access_times", "", {}},
    {"only_from", "127.0.0.1 10.0.0.0",
     [](const Service& s) { return s.only_from->entries.size() == 2 && s.only_from->prefixes.size() == 2; }},
    {"only_from", "", [](const Service& s) { return s.only_from != nullptr && s.only_from->entries.empty(); }},
    {"only_from", "127.0.0.1,127.0.0.2", {}},
    {"only_from", "::1/2000", {}},
    {"no_access", "::1", [](const Service& s) { return s.no_access->entries.size() == 1 && s.only_from == nullptr; }},
    {"no_access", "evil.example", [](const Service& s) { return s.no_access->has_names; }},
    {"no_access", "evil/example", {}},
    {"libwrap", "name", [](const Service& s) { return s.libwrap == "name"; }},
    {"libwrap", "x y", {}},
    {"port", "4242", [](const Service& s) { return s.port == 4242; }},
    {"port", "65535", [](const Service& s) { return s.port == 65535; }},
    {"port", "20-25 110", [](const Service& s) { return s.place_count == 7 && s.ports.size() == 2 && s.port == 20; }},
    {"port", "20-25 21-23 25", [](const Service& s) { return s.place_count == 6; }},
    {"port", "1-65535", [](const Service& s) { return s.place_count == 65534; }},  // one is another service's
    {"port", "65536", {}},
    {"port", "0-5", {}},
    {"port", "0 5", {}},
    {"port", "5-2", {}},
    {"port", "5-", {}},
    {"port", "5-65536", {}},
    {"port", "1--5", {}},
    {"port", "-1", {}},
    {"port", "http8", {}},
    {"bind", "127.0.0.1", [](const Service& s) { return s.place_count == 1 && s.binds[0] == "127.0.0.1" && s.family == Family::v4; }},
    {"bind", "::1", [](const Service& s) { return s.place_count == 1 && s.family == Family::v6; }},
    {"bind", "127.0.0.1 ::1 127.0.0.1", [](const Service& s) { return s.place_count == 2 && s.family == Family::any; }},
    {"bind", "eth0", [](const Service& s) { return s.place_count == 2 && s.family == Family::any; }},
    {"bind", "eth0", [](const Service& s) { return s.place_count == 1 && s.family == Family::v4; }, "flags = IPv4"},
    {"bind", "bare0", [](const Service& s) { return s.place_count == 0; }},
    {"bind", "later0", [](const Service& s) { return s.place_count == 0; }},
    {"bind", "www.example.net", [](const Service& s) { return s.place_count == 2; }},
    {"bind", "fe80::1%eth0", [](const Service& s) { return s.place_count == 1; }},
    {"bind", "fe80::1%later0", [](const Service& s) { return s.place_count == 0; }},
    {"bind", "/run/x.sock", [](const Service& s) { return s.unix_socket != nullptr && s.unix_socket->mode == 0600; }},
    {"bind", "@x 127.0.0.1", [](const Service& s) { return s.unix_socket != nullptr && s.place_count == 2; }},
    {"socket_mode", "660", [](const Service& s) { return s.unix_socket->mode == 0660 && s.unix_socket->gid == 60; },
     "bind = /run/x\nsocket_group = games\nsocket_user = root"},
    {"socket_mode", "888", {}, "bind = /run/x"},
    {"socket_mode", "1777", {}, "bind = /run/x"},
    {"socket_user", "nobody-there", {}, "bind = /run/x"},
    {"socket_group", "nobody-there", {}, "bind = /run/x"},
    {"bind",
     "/run/0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789xyz",
     {},
     "umask = 022"},
    {"flags", "SENSOR", {}, "bind = /run/x"},
    {"bind", "300.1.2.3", {}},
    {"bind", "fe80::1%", {}},
    {"bind", "%eth0", {}},
    {"bind", "::g", {}},
    {"bind", "/", {}},
    {"interface", "127.0.0.1", [](const Service& s) { return s.binds[0] == "127.0.0.1" && s.family == Family::v4; }},
    {"interface", "eth0", [](const Service& s) { return s.place_count == 2; }},
    {"v6only", "yes", [](const Service& s) { return s.v6only; }},
    {"v6only", "no", [](const Service& s) { return !s.v6only; }},
    {"v6only", "maybe", {}},
    {"redirect", "host.example 8080",
     [](const Service& s) {
       return s.kind == Kind::redirect && s.redirect->targets[0] == Target{"host.example", 8080} && s.launch == nullptr;
     }},
    {"redirect", "127.0.0.1 ssh", [](const Service& s) { return s.redirect->targets[0].port == 22; }},
    {"redirect", "::1 80 /run/app.sock b.example 81",
     [](const Service& s) {
       const auto targets = s.redirect->targets;
       return targets.size() == 3 && targets[0] == Target{"::1", 80} && targets[1].is_path() && targets[2] == Target{"b.example", 81};
     }},
    {"redirect", "127.0.0.1 80 127.0.0.1", {}},
    {"redirect", "/run/app.sock 80 x 1", {}},
    {"redirect", "host;example 80", {}},
    {"redirect", "1.2.3 80", {}},
    {"redirect_balance", "least_connections", [](const Service& s) { return s.redirect->balance == Balance::least_connections; },
     "redirect = 127.0.0.1 1"},
    {"redirect_balance", "random", {}, "redirect = 127.0.0.1 1"},
    {"redirect_timeout", "3", [](const Service& s) { return s.redirect->connect_seconds == 3 && s.redirect->idle_seconds == 0; },
     "redirect = 127.0.0.1 1"},
    {"redirect_timeout", "3 600", [](const Service& s) { return s.redirect->idle_seconds == 600; }, "redirect = 127.0.0.1 1"},
    {"redirect_timeout", "0", {}, "redirect = 127.0.0.1 1"},
    {"redirect_timeout", "5 -1", {}, "redirect = 127.0.0.1 1"},
    {"proxy_protocol", "v2", [](const Service& s) { return s.redirect->proxy_protocol == ProxyProtocol::v2; }, "redirect = 127.0.0.1 1"},
    {"proxy_protocol", "v3", {}, "redirect = 127.0.0.1 1"},
    {"proxy_from", "192.0.2.0/24 ::1",
     [](const Service& s) {
       return s.proxy_from->entries.size() == 2 && s.proxy_from->prefixes.longest_match(*parse_address("192.0.2.9"));
     }},
    {"proxy_from", "proxy.example", {}},
    {"redirect", "127.0.0.1 nosuchservice", {}},
    {"redirect", "127.0.0.1 0", {}},
    {"redirect", "127.0.0.1 99999", {}},
    {"redirect", "127.0.0.1", {}},
    {"env", "A=1 B=x=y", [](const Service& s) { return s.launch->env.size() == 2 && last(s.launch->env) == "B=x=y"; }},
    {"env", "A=", [](const Service& s) { return last(s.launch->env) == "A="; }},
    {"env", "A", {}},
    {"env", "=1", {}},
    {"passenv", "PATH HOME", [](const Service& s) { return !s.launch->passenv_all && s.launch->passenv.size() == 2; }},
    {"passenv", "", [](const Service& s) { return !s.launch->passenv_all && s.launch->passenv.empty(); }},
    {"nice", "-5", [](const Service& s) { return s.launch->nice == -5; }},
    {"nice", "99999", [](const Service& s) { return s.launch->nice == 19; }},
    {"nice", "3 4", [](const Service& s) { return s.launch->nice == 0; }},
    {"nice", "x", {}},
    {"umask", "027", [](const Service& s) { return s.launch->umask == 027; }},
    {"umask", "777", [](const Service& s) { return s.launch->umask == 0777; }},
    {"umask", "1777", {}},
    {"umask", "8", {}},
    {"umask", "-1", {}},
    {"rlimit_as", "8M",
     [](const Service& s) { return s.launch->limits[0].resource == Resource::as && s.launch->limits[0].value == 8U << 20; }},
    {"rlimit_as", "UNLIMITED", [](const Service& s) { return s.launch->limits[0].value == UINT64_MAX; }},
    {"rlimit_as", "plenty", {}},
    {"rlimit_cpu", "20", [](const Service& s) { return s.launch->limits[0].resource == Resource::cpu && s.launch->limits[0].value == 20; }},
    {"rlimit_cpu", "5M", {}},
    {"rlimit_data", "1k",
     [](const Service& s) { return s.launch->limits[0].resource == Resource::data && s.launch->limits[0].value == 1024; }},
    {"rlimit_data", "x", {}},
    {"rlimit_rss", "1K", [](const Service& s) { return s.launch->limits[0].resource == Resource::rss; }},
    {"rlimit_rss", "1G", {}},
    {"rlimit_stack", "0",
     [](const Service& s) { return s.launch->limits[0].resource == Resource::stack && s.launch->limits[0].value == 0; }},
    {"rlimit_stack", "-1", {}},
    {"rlimit_files", "64",
     [](const Service& s) { return s.launch->limits[0].resource == Resource::files && s.launch->limits[0].value == 64; }},
    {"rlimit_files", "99999999999999999999", {}},
    {"log_type", "FILE /var/log/x",
     [](const Service& s) { return s.log->kind == LogTarget::Kind::file && s.log->path == "/var/log/x" && s.log->hard_limit == 0; }},
    {"log_type", "file /var/log/x 1M",
     [](const Service& s) { return s.log->soft_limit == 1U << 20 && s.log->hard_limit == (1U << 20) + 10485; }},
    {"log_type", "FILE /var/log/x 1000", [](const Service& s) { return s.log->hard_limit == 1000 + 5 * 1024; }},
    {"log_type", "FILE /var/log/x 100M", [](const Service& s) { return s.log->hard_limit == (100U << 20) + 20 * 1024; }},
    {"log_type", "FILE /var/log/x 1K 1M", [](const Service& s) { return s.log->soft_limit == 1024 && s.log->hard_limit == 1U << 20; }},
    {"log_type", "FILE /var/log/x 1000 500", {}},
    {"log_type", "FILE /var/log/x 1X", {}},
    {"log_type", "FILE", {}},
    {"log_type", "SYSLOG authpriv",
     [](const Service& s) { return s.log->kind == LogTarget::Kind::syslog && s.log->facility == 10 && s.log->level == 6; }},
    {"log_type", "syslog LOCAL3 Warning", [](const Service& s) { return s.log->facility == 19 && s.log->level == 4; }},
    {"log_type", "SYSLOG", {}},
    {"log_type", "SYSLOG kern", {}},
    {"log_type", "SYSLOG daemon loud", {}},
    {"log_type", "PAPER /dev/lp0", {}},
    {"log_type", "", {}},
    {"log_format", "json", [](const Service& s) { return s.log->format == LogFormat::json; }},
    {"log_format", "xinetd", [](const Service& s) { return s.log->format == LogFormat::xinetd; }},
    {"log_format", "yaml", {}},
    {"log_on_success", "PID host Exit",
     [](const Service& s) { return s.log_on_success.pid && s.log_on_success.host && s.log_on_success.exit && !s.log_on_success.duration; }},
    {"log_on_success", "", [](const Service& s) { return !s.log_on_success.pid; }},
    {"log_on_success", "TRAFFIC", [](const Service& s) { return !s.log_on_success.traffic; }},
    {"log_on_success", "PID FOO", {}},
    {"log_on_failure", "HOST ATTEMPT",
     [](const Service& s) { return s.log_on_failure.host && s.log_on_failure.attempt && !s.log_on_failure.userid; }},
    {"log_on_failure", "RECORD", {}},
    {"banner", "/etc/b", [](const Service& s) { return s.banners->always == "/etc/b" && s.banners->fail.empty(); }},
    {"banner_success", "/etc/b", [](const Service& s) { return s.banners->success == "/etc/b"; }},
    {"banner_fail", "/etc/b", [](const Service& s) { return s.banners->fail == "/etc/b"; }},
    {"deny_time", "120", [](const Service& s) { return s.deny_minutes == 120; }, "flags = SENSOR"},
    {"deny_time", "forever", [](const Service& s) { return s.deny_minutes == kDenyForever; }, "flags = SENSOR"},
    {"deny_time", "NEVER", [](const Service& s) { return s.deny_minutes == 0; }, "flags = SENSOR"},
    {"deny_time", "x", {}, "flags = SENSOR"},
    {"deny_time", "-5", {}, "flags = SENSOR"},
    {"deny_time", "99999999999", {}, "flags = SENSOR"},
    {"sensor_reply", "close", [](const Service& s) { return s.sensor_reply == nullptr; }, "flags = SENSOR"},
    {"sensor_reply", "RESET", [](const Service& s) { return s.sensor_reply->kind == SensorReply::Kind::reset; }, "flags = SENSOR"},
    {"sensor_reply", "tarpit", [](const Service& s) { return s.sensor_reply->kind == SensorReply::Kind::tarpit; }, "flags = SENSOR"},
    {"sensor_reply", "banner /etc/motd",
     [](const Service& s) { return s.sensor_reply->kind == SensorReply::Kind::banner && s.sensor_reply->banner == "/etc/motd"; },
     "flags = SENSOR"},
    {"sensor_reply", "record 65536",
     [](const Service& s) { return s.sensor_reply->kind == SensorReply::Kind::record && s.sensor_reply->most_bytes == 65536; },
     "flags = SENSOR"},
    {"sensor_reply", "tarpit", [](const Service& s) { return s.sensor_reply == nullptr; }},
    {"sensor_reply", "tarpit", [](const Service& s) { return s.sensor_reply == nullptr; },
     "flags = SENSOR\nsocket_type = dgram\nwait = yes"},
    {"sensor_reply", "honey", {}, "flags = SENSOR"},
    {"sensor_reply", "banner", {}, "flags = SENSOR"},
    {"sensor_reply", "banner motd", {}, "flags = SENSOR"},
    {"sensor_reply", "record", {}, "flags = SENSOR"},
    {"sensor_reply", "record 0", {}, "flags = SENSOR"},
    {"sensor_reply", "record 65537", {}, "flags = SENSOR"},
    {"sensor_reply", "record 10K", {}, "flags = SENSOR"},
    {"sensor_reply", "tarpit 5", {}, "flags = SENSOR"},
    {"sensor_reply", "close reset", {}, "flags = SENSOR"},
    {"rpc_number", "400001", [](const Service& s) { return s.rpc->number == 400001; }, "type = RPC UNLISTED\nrpc_version = 1"},
    {"rpc_number", "x", {}, "type = RPC UNLISTED\nrpc_version = 1"},
    {"rpc_version", "2-4", [](const Service& s) { return s.rpc->first_version == 2 && s.rpc->last_version == 4; },
     "type = RPC UNLISTED\nrpc_number = 9"},
    {"rpc_version", "3", [](const Service& s) { return s.rpc->first_version == 3 && s.rpc->last_version == 3; },
     "type = RPC UNLISTED\nrpc_number = 9"},
    {"rpc_version", "4-2", {}, "type = RPC UNLISTED\nrpc_number = 9"},
    {"rpc_version", "0-4294967295", {}, "type = RPC UNLISTED\nrpc_number = 9"},
    {"mdns", "yes", [](const Service&) { return true; }},
    {"mdns", "maybe", {}},
    {"disable", "no", [](const Service&) { return true; }},
    {"disable", "maybe", {}},
    {"disable", "yes # for now", {}},
    {"compat", "xinetd", [](const Service& s) { return s.compat_xinetd; }},
    {"compat", "no", [](const Service& s) { return !s.compat_xinetd; }},
    {"compat", "inetd", {}},
    {"strict", "no", [](const Service&) { return true; }},
    {"strict", "perhaps", {}},
    {"source_prefix", "24 56", [](const Service& s) { return s.source_bits_v4 == 24 && s.source_bits_v6 == 56; }},
    {"source_prefix", "33 64", {}},
    {"rate_per_source", "100/m", [](const Service& s) { return s.source_rate == 100 && s.source_rate_seconds == 60; }},
    {"rate_per_source", "20/10s", [](const Service& s) { return s.source_rate == 20 && s.source_rate_seconds == 10; }},
    {"rate_per_source", "5/24H", [](const Service& s) { return s.source_rate == 5 && s.source_rate_seconds == 86400; }},
    {"rate_per_source", "UNLIMITED", [](const Service& s) { return s.source_rate == 0; }},
    {"rate_per_source", "0/m", {}},
    {"rate_per_source", "5", {}},
    {"rate_per_source", "5/", {}},
    {"rate_per_source", "5/7", {}},
    {"rate_per_source", "5/25h", {}},
    {"rate_per_source", "5/-1s", {}},
    {"rate_per_source", "/m", {}},
    {"source_prefix", "24 129", {}},
    {"source_prefix", "0 0", {}},
    {"udp_bans", "no", [](const Service& s) { return !s.udp_bans; }},
    {"udp_bans", "x", {}},
};

void PrintTo(const Row& row, std::ostream* out) {
  *out << row.attribute << " = " << row.value << (*row.beside != '\0' ? " beside " : "") << row.beside;
}

class EveryRow : public testing::TestWithParam<Row> {};

TEST_P(EveryRow, IsTakenOrRefused) {
  const Row& row = GetParam();
  const std::string line = std::string(row.attribute) + " = " + row.value;
  const Parsed parsed = parse_text(service("a", line + (*row.beside != '\0' ? "\n" : "") + row.beside) + service("good", "", "4999"));
  ASSERT_NE(find(parsed, "good"), nullptr) << line << '\n' << told(parsed);
  const Service* a = nullptr;
  for (const Service& one : parsed.configuration->services) a = one.name == "a" ? &one : a;
  if (row.holds) {
    ASSERT_NE(a, nullptr) << line << '\n' << told(parsed);
    EXPECT_TRUE(row.holds(*a)) << line << '\n' << told(parsed);
    EXPECT_FALSE(parsed.has_errors) << told(parsed);
    EXPECT_TRUE(parsed.refused.empty());
  } else {
    EXPECT_EQ(a, nullptr) << line;
    EXPECT_TRUE(parsed.has_errors) << line;
    EXPECT_EQ(parsed.refused, std::vector<std::string>{"a"});
    EXPECT_NE(told(parsed).find(row.attribute), std::string::npos) << "the message names the attribute: " << told(parsed);
    EXPECT_FALSE(parsed.unusable);
  }
}

INSTANTIATE_TEST_SUITE_P(Attributes, EveryRow, testing::ValuesIn(kRows));

TEST(Attributes, AreAllInTheTableAbove) {
  std::set<std::string> tested;
  for (const Row& row : kRows) tested.insert(row.attribute);
  for (const Attribute& attribute : attributes()) {
    if (attribute.place == Attribute::Place::defaults) continue;  // see parse_test.cc
    EXPECT_TRUE(tested.contains(std::string(attribute.name))) << attribute.name;
  }
}

TEST(Attributes, AreFoundInAnyCase) {
  for (std::size_t i = 0; i < attributes().size(); ++i) {
    std::string name(attributes()[i].name);
    EXPECT_EQ(find_attribute(name), i) << name;
    for (char& c : name) c = static_cast<char>(std::toupper(c));
    EXPECT_EQ(find_attribute(name), i) << name;
    EXPECT_EQ(find_attribute(name + "x"), kNoAttribute) << name;
    EXPECT_FALSE(attributes()[i].help.empty());
    EXPECT_FALSE(attributes()[i].values.empty());
  }
  for (const char* name : {"", "a", "zzz", "_", "\xff", "~"}) EXPECT_EQ(find_attribute(name), kNoAttribute) << name;
}

TEST(Attributes, ABadValueInDefaultsCostsTheConfiguration) {
  for (const Row& row : kRows) {
    const Attribute& attribute = attributes()[find_attribute(row.attribute)];
    if (!attribute.allowed_in_defaults() || *row.beside != '\0') continue;
    const std::string line = std::string(row.attribute) + " = " + row.value;
    const Parsed parsed = parse_text(defaults(line) + service("a"));
    EXPECT_EQ(parsed.unusable, !row.holds) << line << '\n' << told(parsed);
    if (!row.holds) continue;
    ASSERT_NE(find(parsed, "a"), nullptr) << line;
    EXPECT_TRUE(row.holds(*find(parsed, "a"))) << line;
  }
}

TEST(Attributes, TheStateDirectoryIsAnAbsolutePathOrNone) {
  const auto store_of = [](const std::string& value) {
    const Parsed parsed = parse_text(defaults("state_directory = " + value) + service("a"));
    return parsed.unusable ? std::nullopt : std::optional(parsed.configuration->defence->store);
  };
  EXPECT_EQ(store_of("/var/lib/reeve"), (StoreTerms{.off = false, .directory = "/var/lib/reeve"}));
  EXPECT_EQ(store_of("No"), (StoreTerms{.off = true, .directory = {}}));
  EXPECT_EQ(store_of("var/lib"), std::nullopt);
  EXPECT_EQ(store_of("/" + std::string(4000, 'x')), std::nullopt);
  EXPECT_EQ(parse_text(service("a")).configuration->defence->store, StoreTerms());
}

}  // namespace
}  // namespace reeve
