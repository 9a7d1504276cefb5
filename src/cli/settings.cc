#include "cli/settings.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/address.h"
#include "cli/values_as_text.h"
#include "config/attributes.h"
#include "config/unit_access.h"
#include "policy/decide.h"

namespace reeve {
namespace {

using Rendered = std::optional<std::string>;  // nullopt: the Service doesn't have it as text

Rendered limit(std::uint32_t value) {
  return value == kUnlimited ? "UNLIMITED" : fmt::to_string(value);
}
Rendered yes_no(bool value) {
  return value ? "yes" : "no";
}
Rendered path(Text text) {
  return text.empty() ? Rendered{} : Rendered{text};
}

template <Resource kResource>
Rendered resource_limit(const Service& service) {
  if (service.launch == nullptr) return std::nullopt;
  Rendered value;
  for (const ResourceLimit& one : service.launch->limits) {
    if (one.resource == kResource) value = one.value == UINT64_MAX ? "UNLIMITED" : fmt::to_string(one.value);
  }
  return value;
}

// One attribute: what to print for it, and whether also when nobody set it.
struct Row {
  std::string_view attribute;
  Rendered (*value)(const Service&);
  bool (*shown_unset)(const Service&) = [](const Service&) { return false; };
};

bool always(const Service&) {
  return true;
}
Rendered as_written_only(const Service&) {
  return std::nullopt;
}

constexpr auto kRows = std::to_array<Row>({
    {"id", [](const Service& s) { return Rendered{s.id}; }, always},
    {"type", [](const Service& s) { return Rendered{words(s.types)}; }},
    {"flags", [](const Service& s) { return Rendered{words(s.flags, s.family)}; }},
    {"socket_type", [](const Service& s) { return Rendered{to_text(s.socket_type)}; }, always},
    {"protocol", [](const Service& s) { return s.protocol == 6    ? Rendered{"tcp"}
                                               : s.protocol == 17 ? Rendered{"udp"}
                                                                  : std::nullopt; },
     [](const Service& s) { return s.protocol == 6 || s.protocol == 17; }},
    {"wait", [](const Service& s) { return yes_no(s.wait); }, always},
    {"port",
     [](const Service& s) { return s.on_unused_ports ? Rendered{"UNUSED"}
                                   : s.ports.empty() ? Rendered{}
                                                     : Rendered{ports(s.ports)}; },
     [](const Service& s) { return s.port != 0; }},
    {"bind", [](const Service& s) { return s.binds.empty() ? Rendered{} : Rendered{joined(s.binds)}; }},
    {"socket_mode",
     [](const Service& s) { return s.unix_socket == nullptr ? Rendered{} : Rendered{fmt::format("{:03o}", s.unix_socket->mode)}; },
     [](const Service& s) { return s.unix_socket != nullptr; }},
    {"socket_user", [](const Service& s) { return s.unix_socket == nullptr ? Rendered{} : Rendered{fmt::to_string(s.unix_socket->uid)}; },
     [](const Service& s) { return s.unix_socket != nullptr; }},
    {"socket_group", [](const Service& s) { return s.unix_socket == nullptr ? Rendered{} : Rendered{fmt::to_string(s.unix_socket->gid)}; },
     [](const Service& s) { return s.unix_socket != nullptr; }},
    {"v6only", [](const Service& s) { return yes_no(s.v6only); }},
    {"rpc_number", [](const Service& s) { return s.rpc == nullptr ? Rendered{} : Rendered{fmt::to_string(s.rpc->number)}; }},
    {"rpc_version", [](const Service& s) { return s.rpc == nullptr ? Rendered{} : Rendered{versions(*s.rpc)}; }},
    {"user", as_written_only},
    {"group", as_written_only},
    {"groups", as_written_only},
    {"server", [](const Service& s) { return s.launch == nullptr ? Rendered{} : path(s.launch->server); }},
    {"server_args", [](const Service& s) { return s.launch == nullptr ? Rendered{} : Rendered{arguments(s)}; }},
    {"redirect", [](const Service& s) { return s.redirect == nullptr ? Rendered{} : Rendered{targets(*s.redirect)}; }},
    {"redirect_balance", [](const Service& s) { return s.redirect == nullptr ? Rendered{} : Rendered{word(s.redirect->balance)}; },
     [](const Service& s) { return s.redirect != nullptr && s.redirect->targets.size() > 1; }},
    {"redirect_timeout",
     [](const Service& s) {
       return s.redirect == nullptr ? Rendered{} : Rendered{fmt::format("{} {}", s.redirect->connect_seconds, s.redirect->idle_seconds)};
     },
     [](const Service& s) { return s.redirect != nullptr; }},
    {"proxy_protocol", [](const Service& s) { return s.redirect == nullptr ? Rendered{} : Rendered{word(s.redirect->proxy_protocol)}; }},
    {"proxy_from", as_written_only},
    {"env", [](const Service& s) { return s.launch == nullptr ? Rendered{} : Rendered{joined(s.launch->env)}; }},
    {"passenv", [](const Service& s) { return s.launch == nullptr ? Rendered{} : Rendered{joined(s.launch->passenv)}; }},
    {"umask",
     [](const Service& s) {
       return s.launch == nullptr || !s.launch->umask ? Rendered{} : Rendered{fmt::format("{:03o}", *s.launch->umask)};
     }},
    {"nice", [](const Service& s) { return s.launch == nullptr ? Rendered{} : Rendered{fmt::to_string(int{s.launch->nice})}; }},
    {"rlimit_as", resource_limit<Resource::as>},
    {"rlimit_cpu", resource_limit<Resource::cpu>},
    {"rlimit_data", resource_limit<Resource::data>},
    {"rlimit_files", resource_limit<Resource::files>},
    {"rlimit_rss", resource_limit<Resource::rss>},
    {"rlimit_stack", resource_limit<Resource::stack>},
    {"only_from", as_written_only},  // these two: see access_settings
    {"no_access", as_written_only},
    {"access_times", [](const Service& s) { return Rendered{spans(s.access_times)}; }},
    {"libwrap", [](const Service& s) { return path(s.libwrap); }},
    {"instances", [](const Service& s) { return limit(s.instances); }, always},
    {"per_source", [](const Service& s) { return limit(source_limit(s)); }, always},
    {"rate_per_source", [](const Service& s) { return rate_per_source(s.source_rate, s.source_rate_seconds); }},
    {"source_prefix", [](const Service& s) { return Rendered{fmt::format("{} {}", s.source_bits_v4, s.source_bits_v6)}; }, always},
    {"cps", [](const Service& s) { return Rendered{fmt::format("{} {}", s.cps_rate, s.cps_wait_seconds)}; }, always},
    {"cps_action", [](const Service& s) { return Rendered{word(s.cps_action)}; }, always},
    {"max_load", [](const Service& s) { return s.max_load > 0 ? Rendered{fmt::to_string(s.max_load)} : std::nullopt; }},
    {"max_pressure", [](const Service& s) { return s.max_pressure == nullptr ? Rendered{} : Rendered{pressure(*s.max_pressure)}; }},
    {"deny_time", [](const Service& s) { return Rendered{deny_time(s.deny_minutes)}; }, [](const Service& s) { return s.flags.sensor; }},
    {"udp_bans", [](const Service& s) { return yes_no(s.udp_bans); },
     [](const Service& s) { return s.flags.sensor && s.socket_type == SocketType::dgram; }},
    {"sensor_reply", [](const Service& s) { return Rendered{sensor_reply(s.sensor_reply)}; },
     [](const Service& s) { return s.flags.sensor && s.is_stream(); }},
    {"banner", [](const Service& s) { return s.banners == nullptr ? Rendered{} : path(s.banners->always); }},
    {"banner_success", [](const Service& s) { return s.banners == nullptr ? Rendered{} : path(s.banners->success); }},
    {"banner_fail", [](const Service& s) { return s.banners == nullptr ? Rendered{} : path(s.banners->fail); }},
    {"log_type", [](const Service& s) { return s.log->kind == LogTarget::Kind::none ? Rendered{} : Rendered{log_type(*s.log)}; }},
    {"log_format", [](const Service& s) { return Rendered{s.log->format == LogFormat::json ? "json" : "xinetd"}; }},
    {"log_on_success", [](const Service& s) { return Rendered{words(s.log_on_success)}; }},
    {"log_on_failure", [](const Service& s) { return Rendered{words(s.log_on_failure)}; }},
    {"compat", [](const Service& s) { return Rendered{s.compat_xinetd ? "xinetd" : "no"}; }},
});

const Origin* find_origin(std::span<const Origin> origins, std::uint8_t attribute) noexcept {
  const auto found = std::ranges::find(origins, attribute, &Origin::attribute);
  return found == origins.end() ? nullptr : &*found;
}

// Does `where` lie between the braces of the service's entry?
bool is_in_entry(const Service& service, Where where, SourceLines& lines) {
  if (where.file != service.where.file || where.line <= service.where.line) return false;
  for (Where between = service.where; between.line < where.line; ++between.line) {
    const std::string_view line = lines.line(between);
    const std::size_t first = line.find_first_not_of(" \t");
    if (first != std::string_view::npos && line[first] == '}') return false;
  }
  return true;
}

// A list may have grown over several lines and both kinds of entries: one setting for each line.
void add_access_settings(std::vector<Setting>& settings, std::string_view attribute, const AccessList& list, const Service& service,
                         const Origin* origin, SourceLines& lines) {
  constexpr std::size_t kMostOnALine = 16;  // a factorised address may stand for hundreds
  const auto source = [&](Where where) { return is_in_entry(service, where, lines) ? Setting::Source::entry : Setting::Source::defaults; };
  if (list.entries.empty()) {
    const Where where = origin == nullptr ? list.where : origin->where;
    settings.push_back({.attribute = attribute, .source = source(where), .where = where, .remark = "nobody"});
    return;
  }
  bool is_first = true;
  std::size_t on_this_line = 0;
  for (const AccessEntry& entry : list.entries) {
    std::string text = entry.name.empty() ? access_word(entry.prefix) : std::string{entry.name};
    const bool same_line = !is_first && on_this_line < kMostOnALine && settings.back().where.file == entry.where.file &&
                           settings.back().where.line == entry.where.line;
    if (same_line) {
      settings.back().value += ' ' + text;
      ++on_this_line;
      continue;
    }
    settings.push_back({.attribute = attribute,
                        .value = std::move(text),
                        .source = source(entry.where),
                        .where = entry.where,
                        .extends = !std::exchange(is_first, false)});
    on_this_line = 1;
  }
}

}  // namespace

std::vector<Setting> settings_of(const Configuration& configuration, const Service& service, SourceLines& lines) {
  std::vector<Setting> settings;
  for (const Row& row : kRows) {
    const std::uint8_t index = find_attribute(row.attribute);
    const Origin* origin = find_origin(service.origins, index);
    if (origin == nullptr) origin = find_origin(configuration.default_origins, index);
    const AccessList* list = row.attribute == "only_from" ? service.only_from : row.attribute == "no_access" ? service.no_access : nullptr;
    if (list != nullptr) {
      add_access_settings(settings, row.attribute, *list, service, origin, lines);
      continue;
    }
    // Under compat the attribute's presence means yes, and in defaults it means nothing: there is no way to write `no`.
    if (row.attribute == "v6only" && service.compat_xinetd && !service.v6only) continue;
    if (origin != nullptr) {
      const Rendered value = row.value(service);
      settings.push_back({.attribute = row.attribute,
                          .value = value ? *value : std::string{values_of_line(lines.line(origin->where))},
                          .source = origin->from_defaults ? Setting::Source::defaults : Setting::Source::entry,
                          .where = origin->where});
    } else if (row.attribute == "only_from") {
      settings.push_back({.attribute = row.attribute, .value = "0.0.0.0/0 ::/0", .remark = "everybody"});
    } else if (row.shown_unset(service)) {
      settings.push_back({.attribute = row.attribute, .value = row.value(service).value_or("")});
      if (row.attribute == "per_source" && service.instances != kUnlimited && !service.compat_xinetd)
        settings.back().remark = "from instances";
    }
  }
  return settings;
}

std::vector<std::string_view> shown_attributes() {
  std::vector<std::string_view> names;
  for (const Row& row : kRows) names.push_back(row.attribute);
  return names;
}

}  // namespace reeve
