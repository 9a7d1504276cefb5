#include "config/unit_export.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "base/printable.h"
#include "config/attributes.h"
#include "config/lexer.h"
#include "config/unit_pair.h"

namespace reeve {
namespace {

constexpr std::size_t kLongestName = 200;  // systemd: 255 with suffix and instance

std::string unit_name(std::string_view id) {
  std::string name;
  for (const char c : id.substr(0, kLongestName)) {
    const bool is_fit =
        (lower(c) >= 'a' && lower(c) <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || (c == '.' && !name.empty());
    name += is_fit ? c : '_';
  }
  return name;
}

}  // namespace

UnitPair::UnitPair(const Configuration& configuration, const ServiceToExport& what, SourceLines& lines, Names& names, Exported& result)
    : configuration_(configuration), what_(what), service_(*what.service), lines_(lines), names_(names), result_(result) {}

void UnitPair::run(const std::string& unit, const Surroundings& around) {
  if (!can_be_said()) {
    ++result_.left_out;
    return;
  }
  add_listeners();
  if (listens_.empty()) {
    ++result_.left_out;
    return;
  }
  name_what_is_lost();
  if (around.has_wrap_rules && !service_.flags.nolibwrap && service_.libwrap.empty())
    tell(Severity::warning, {}, "systemd does not ask hosts.allow and hosts.deny, which have rules");
  if (around.has_bans && service_.unix_socket == nullptr)
    tell(Severity::warning, {}, "bans can't be said: whoever touched a sensor is let in");
  add_limits();
  add_access();
  add_unix_socket();
  add_command();
  add_identity();
  add_surroundings();
  if (service_.wait && service_.flags.listen_fds) {
    std::string name(service_.id);
    std::ranges::replace(name, ':', '_');
    socket("FileDescriptorName", name);
  }
  const bool wants_one = service_.wait && !service_.flags.listen_fds;  // standard input is one socket
  if (listens_.size() > 1 && service_.wait) {
    tell(Severity::warning, where("port"),
         wants_one
             ? fmt::format("service {} becomes {} pairs of units: one program for each socket", printable(service_.id, 60), listens_.size())
             : fmt::format("service {}: one program gets all its sockets, not one for each", printable(service_.id, 60)));
  }
  ++result_.services;
  if (!wants_one || listens_.size() == 1) return write(unit);
  const std::vector<std::string> all = std::exchange(listens_, {});
  for (std::size_t each = 0; each < all.size(); ++each) {
    listens_ = {all[each]};
    write(each == 0 ? unit : fmt::format("{}-{}", unit, each + 1));
  }
}

bool UnitPair::leave_out(std::string_view attribute, std::string_view why, std::string hint) {
  const Where given = where(attribute);
  tell(Severity::warning, given.line == 0 ? service_.where : given,
       fmt::format("service {} is left out: {}", printable(service_.id, 60), why), std::move(hint));
  return false;
}

bool UnitPair::can_be_said() {
  constexpr std::uint8_t kTcp = 6, kUdp = 17, kSctp = 132;
  switch (service_.kind) {
    case Kind::sensor:
      return leave_out("flags", "systemd has no sensors, and no bans");
    case Kind::builtin:
    case Kind::tcpmux:
      return leave_out("type", "systemd has no built-in services");
    case Kind::redirect:
      return leave_out("redirect", "systemd relays nothing by itself", "systemd-socket-proxyd(8), with one target and without its limits");
    case Kind::program:
      break;
  }
  if (!service_.listens()) return leave_out("type", "systemd has no tcpmux");
  if (service_.types.rpc) return leave_out("type", "systemd registers nothing with rpcbind");
  if (service_.socket_type == SocketType::raw) return leave_out("socket_type", "systemd has no raw sockets");
  if (service_.unix_socket == nullptr && service_.protocol != kTcp && service_.protocol != kUdp && service_.protocol != kSctp)
    return leave_out("protocol", "systemd has tcp, udp and sctp only");
  if (service_.proxy_from != nullptr) return leave_out("proxy_from", "the program would get the proxy's words about the client");
  if (service_.flags.idonly) return leave_out("flags", "IDONLY can't be said: whoever does not say who he is would be let in");
  if (service_.instances == 0) return leave_out("instances", "nobody is served: instances = 0");
  return true;
}

void UnitPair::write(const std::string& unit) {
  std::string head =
      fmt::format("# Made from {}:{} by reeve convert.\n", printable(configuration_.files[service_.where.file]), service_.where.line);
  std::string comments;
  for (const std::string& one : comments_) fmt::format_to(std::back_inserter(comments), "# {}\n", printable(one, 1000));
  std::string listens;
  for (const std::string& one : listens_) listens += one + '\n';
  result_.units.push_back(
      {unit + ".socket", fmt::format("{}{}\n[Unit]\nDescription=Socket of {}\n\n[Socket]\n{}{}\n[Install]\nWantedBy=sockets.target\n", head,
                                     comments, unit, listens, socket_)});
  result_.units.push_back({fmt::format("{}{}.service", unit, service_.wait ? "" : "@"),
                           fmt::format("{}\n[Unit]\nDescription={}\n\n[Service]\n{}", head, unit, program_)});
}

void UnitPair::socket(std::string_view key, std::string_view value) {
  fmt::format_to(std::back_inserter(socket_), "{}={}\n", key, value);
}

void UnitPair::program(std::string_view key, std::string_view value) {
  fmt::format_to(std::back_inserter(program_), "{}={}\n", key, value);
}

const Origin* UnitPair::origin(std::string_view attribute) const noexcept {
  if (attribute == "bind") {
    if (const Origin* found = origin("interface")) return found;  // its other name
  }
  const std::uint8_t index = find_attribute(attribute);
  for (const std::span<const Origin> origins : {service_.origins, configuration_.default_origins}) {
    const auto found = std::ranges::find(origins, index, &Origin::attribute);
    if (found != origins.end()) return &*found;
  }
  return nullptr;
}

std::string UnitPair::written(std::string_view attribute) {
  const Origin* const found = origin(attribute);
  return found == nullptr ? std::string() : std::string(values_of_line(lines_.line(found->where)));
}

Where UnitPair::where(std::string_view attribute) const noexcept {
  const Origin* const found = origin(attribute);
  return found == nullptr ? Where{} : found->where;
}

void UnitPair::tell(Severity severity, Where where, std::string text, std::string hint) {
  if (severity != Severity::note) {
    comments_.push_back(where.line == 0 ? text : fmt::format("{}:{}: {}", configuration_.files[where.file], where.line, text));
  }
  const auto same = [&](const Diagnostic& one) { return one.where == where && one.text == text; };
  if (std::ranges::any_of(result_.diagnostics, same)) return;  // of defaults, or of all services: said once
  result_.diagnostics.push_back(
      {.severity = severity, .where = where, .text = std::move(text), .hint = std::move(hint), .service = std::string(service_.id)});
}

Exported export_units(const Configuration& configuration, std::span<const ServiceToExport> services, bool has_wrap_rules,
                      SourceLines& lines, Names& names) {
  Exported result;
  std::set<std::string> taken;
  const auto bans = [](const Service& one) { return one.kind == Kind::sensor && one.deny_minutes != 0; };
  const UnitPair::Surroundings around{.has_wrap_rules = has_wrap_rules, .has_bans = std::ranges::any_of(configuration.services, bans)};
  for (const ServiceToExport& one : services) {
    const std::string wished = unit_name(one.service->id);
    std::string unit = wished;
    for (int number = 2; !taken.insert(unit).second; ++number) unit = fmt::format("{}_{}", wished, number);
    UnitPair(configuration, one, lines, names, result).run(unit, around);
  }
  std::ranges::stable_sort(result.diagnostics, {}, [](const Diagnostic& one) { return std::pair{one.where.file, one.where}; });
  return result;
}

}  // namespace reeve
