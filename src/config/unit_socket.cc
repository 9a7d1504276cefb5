// The [Socket] half of a UnitEntry: where it listens, who may come, how many and how fast.
#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "base/printable.h"
#include "config/unit_access.h"
#include "config/unit_entry.h"
#include "config/values.h"

namespace reeve {
namespace {

constexpr std::string_view kSocket = "Socket";

std::string list_of(const std::vector<Prefix>& prefixes) {
  std::vector<std::string> words;
  for (const Prefix& one : prefixes) words.push_back(access_word(one));
  return fmt::format("{}", fmt::join(words, " "));
}

}  // namespace

void UnitEntry::read_sockets() {
  struct Listen {
    std::string_view key, socket_type;
  };
  static constexpr auto kKinds =
      std::to_array<Listen>({{"ListenStream", "stream"}, {"ListenDatagram", "dgram"}, {"ListenSequentialPacket", "seqpacket"}});
  for (const Listen& kind : kKinds) {
    for (const UnitSetting* one : socket_.all(kSocket, kind.key)) add_socket(kind.socket_type, *one);
  }
  for (const std::string_view key : {"ListenFIFO", "ListenSpecial", "ListenNetlink", "ListenMessageQueue", "ListenUSBFunction"}) {
    for (const UnitSetting* one : socket_.all(kSocket, key)) lose(*one, "nothing but sockets of a network or of unix(7) can be said");
  }
  if (accepts_ && std::ranges::any_of(groups_, [](const Group& one) { return one.socket_type == "dgram"; }))
    switch_off(where_, "Accept=yes is for streams, systemd refuses it for datagrams");
}

// Sockets of one type and one port share an entry; so do those with one address and no other.
void UnitEntry::add_socket(std::string_view socket_type, const UnitSetting& setting) {
  const Result<std::string> text = expand_specifiers(setting.value, facts_);
  const auto found = text ? parse_unit_address(*text) : std::nullopt;
  if (!found || (!found->path.empty() && !is_word(found->path)))
    return lose(setting, text ? "is no port, address or path that can be said: this socket is left out" : text.error().what);
  if (groups_.empty()) where_ = setting.where;
  Group group{.socket_type = socket_type,
              .is_path = !found->path.empty(),
              .family = found->address == "::"        ? "IPv6"
                        : found->address == "0.0.0.0" ? "IPv4"
                                                      : ""};
  if (group.is_path) {
    group.binds = {found->path};
  } else {
    group.ports = {found->port};
    if (!found->address.empty() && group.family.empty()) group.binds = {found->address};
  }
  for (Group& other : groups_) {
    const bool is_alike = other.socket_type == group.socket_type && other.is_path == group.is_path && other.family == group.family;
    if (!is_alike) continue;
    if (group.is_path || (other.ports == group.ports && !other.binds.empty() && !group.binds.empty())) {
      other.binds.insert(other.binds.end(), group.binds.begin(), group.binds.end());
      return;
    }
    if (other.binds == group.binds) {
      other.ports.insert(other.ports.end(), group.ports.begin(), group.ports.end());
      return;
    }
  }
  groups_.push_back(std::move(group));
}

void UnitEntry::read_family() {
  const UnitSetting* const only = socket_.last(kSocket, "BindIPv6Only");
  if (only != nullptr && only->value == "ipv6-only") set("v6only", "yes");
}

// A socket that is bound to a device gets nothing that came in by another one.
void UnitEntry::read_device() {
  const UnitSetting* const device = socket_.last(kSocket, "BindToDevice");
  if (device == nullptr) return;
  if (!is_word(device->value)) return switch_off(device->where, "BindToDevice= names no device");
  for (Group& group : groups_) {
    if (group.is_path) continue;
    if (group.binds.empty()) {
      group.binds = {device->value};
    }
  }
  lose(*device, "bind means the addresses of the interface, however their packets come in", "a rule of nft(8) says by which interface");
}

void UnitEntry::read_unix_sockets() {
  const bool has_path = std::ranges::any_of(groups_, &Group::is_path);
  const auto mode = word_of(kSocket, "SocketMode");
  const auto user = word_of(kSocket, "SocketUser"), group = word_of(kSocket, "SocketGroup");
  if (!has_path) return;
  const auto octal = parse_octal(mode.value_or("0666"));
  if (!octal || *octal < 0 || *octal > 0777) return switch_off(where_, "SocketMode= is no mode of a file");
  set("socket_mode", fmt::format("{:03o}", *octal));
  if (user) set("socket_user", *user);
  if (group) set("socket_group", *group);
}

// systemd's own defaults are limits, too, so they are written out.
void UnitEntry::read_limits() {
  const UnitSetting* const most = socket_.last(kSocket, "MaxConnections");
  const UnitSetting* const share = socket_.last(kSocket, "MaxConnectionsPerSource");
  if (!accepts_) return;  // one program serves them all
  const auto number = [&](const UnitSetting* setting, std::int64_t otherwise) {
    const auto value = setting == nullptr ? otherwise : parse_integer(setting->value);
    if (value && *value >= 0) return *value;
    switch_off(setting->where, fmt::format("{}={} is no number", setting->key, printable(setting->value, 60)));
    return otherwise;
  };
  constexpr std::int64_t kDefault = 64, kMost = INT32_MAX;
  const std::int64_t instances = number(most, kDefault), per_source = number(share, 0);
  const bool is_bounded = instances < kMost;
  set("instances", is_bounded ? fmt::to_string(instances) : "UNLIMITED");
  if (per_source > 0 && per_source < kMost) {
    set("per_source", fmt::to_string(per_source));
    set("source_prefix", "32 128");  // systemd counts addresses
  } else if (is_bounded) {
    set("per_source", "UNLIMITED");
  }
}

void UnitEntry::read_rate() {
  struct Limit {
    std::uint64_t interval = 2'000'000, burst = 0;
    const UnitSetting* given = nullptr;
  };
  const auto read = [&](std::string_view interval_key, std::string_view burst_key, std::uint64_t burst) {
    Limit limit{.burst = burst};
    if (const UnitSetting* one = socket_.last(kSocket, interval_key)) {
      limit.given = one;
      const auto span = parse_unit_time(one->value);
      if (!span) switch_off(one->where, fmt::format("{}={} is no span of time", one->key, printable(one->value, 60)));
      limit.interval = span.value_or(limit.interval);
    }
    if (const UnitSetting* one = socket_.last(kSocket, burst_key)) {
      limit.given = one;
      const auto number = parse_integer(one->value);
      if (!number || *number < 0) switch_off(one->where, fmt::format("{}={} is no number", one->key, printable(one->value, 60)));
      limit.burst = number && *number >= 0 ? static_cast<std::uint64_t>(*number) : limit.burst;
    }
    return limit;
  };
  const Limit trigger = read("TriggerLimitIntervalSec", "TriggerLimitBurst", accepts_ ? 200 : 20);
  const Limit poll = read("PollLimitIntervalSec", "PollLimitBurst", accepts_ ? 150 : 15);
  const Limit& limit = poll.given != nullptr ? poll : trigger;
  const bool is_off = limit.interval == 0 || limit.burst == 0;
  // Upwards, so that whoever was served is served.
  const std::uint64_t interval = std::min<std::uint64_t>(limit.interval, 3'600'000'000);
  const std::uint64_t rate =
      is_off
          ? 0
          : std::min<std::uint64_t>((std::min<std::uint64_t>(limit.burst, 1'000'000'000) * 1'000'000 + interval - 1) / interval, INT32_MAX);
  set("cps", fmt::format("{} {}", rate, is_off ? 0 : 10));
  if (limit.given != nullptr && !is_off) {
    tell(Severity::note, limit.given->where, fmt::format("cps = {} 10: who comes too often is refused for ten seconds", rate),
         "systemd gives up the socket, or rests, for everybody");
  }
}

void UnitEntry::read_options() {
  struct Option {
    std::string_view key, flag;
  };
  static constexpr auto kOptions =
      std::to_array<Option>({{"NoDelay", "NODELAY"}, {"KeepAlive", "KEEPALIVE"}, {"SELinuxContextFromNet", "LABELED"}});
  for (const Option& option : kOptions) {
    if (is_set(socket_.last(kSocket, option.key))) flags_.emplace_back(option.flag);
  }
  const UnitSetting* const name = socket_.last(kSocket, "FileDescriptorName");
  if (name != nullptr && !accepts_ && name->value != unit_.name) lose(*name, "LISTEN_FDNAMES is the service's id");
  read_unix_sockets();
}

std::vector<Prefix> UnitEntry::prefixes(UnitFile& file, std::string_view section, std::string_view key) {
  std::vector<Prefix> found;
  for (const UnitSetting* one : file.all(section, key)) {
    const Result<std::vector<UnitWord>> words = split_unit_words(one->value);
    if (!words) {
      switch_off(one->where, fmt::format("{}: {}", key, words.error().what));
      continue;
    }
    for (const UnitWord& word : *words) {
      const auto meant = parse_unit_prefixes(word.text);
      if (meant) {
        found.insert(found.end(), meant->begin(), meant->end());
      } else {
        switch_off(one->where, fmt::format("{}: `{}` is no address", key, printable(word.text, 60)));
      }
    }
  }
  return found;
}

void UnitEntry::read_access() {
  std::vector<Prefix> allowed = prefixes(socket_, kSocket, "IPAddressAllow"), denied = prefixes(socket_, kSocket, "IPAddressDeny");
  const std::vector<Prefix> allowed_program = prefixes(service_, "Service", "IPAddressAllow");
  const std::vector<Prefix> denied_program = prefixes(service_, "Service", "IPAddressDeny");
  if (!denied_program.empty()) {
    const UnitSetting& setting = *service_.all("Service", "IPAddressDeny").front();
    if (denied.empty()) {
      allowed = allowed_program;
      denied = denied_program;
    } else if (allowed != allowed_program || denied != denied_program) {
      switch_off(setting.where, "IPAddressDeny= of the service and of the socket differ, which one list can't say");
    }
    tell(Severity::warning, setting.where, "IPAddressDeny= keeps the program from calling others, too, which can't be said");
  }
  if (denied.empty() && !allowed.empty())
    tell(Severity::note, where_, "IPAddressAllow= without IPAddressDeny= keeps out nobody: there is no only_from");
  const AccessWords words = from_systemd(allowed, denied);
  if (words.only_from) set("only_from", list_of(*words.only_from));
  if (words.no_access) set("no_access", list_of(*words.no_access));
}

}  // namespace reeve
