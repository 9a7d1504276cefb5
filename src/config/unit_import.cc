#include "config/unit_import.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "base/printable.h"
#include "config/source_lines.h"
#include "config/unit_entry.h"

namespace reeve {
namespace {

constexpr std::string_view kSocketSuffix = ".socket", kServiceSuffix = ".service";

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash + 1);
}

std::string base_of(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

// The file and its drop-ins, as numbers of the bundle's files.
Result<std::vector<std::uint16_t>> add_unit(Bundle& bundle, const std::string& path, FileReader& reader) {
  std::vector<std::uint16_t> files;
  const auto add = [&](const std::string& one) -> Result<void> {
    if (bundle.files.size() >= kMaxFiles) return failure(one + ": too many files");
    Result<std::string> text = reader.read_file(one);
    if (!text) return std::unexpected(std::move(text).error());
    files.push_back(static_cast<std::uint16_t>(bundle.files.size()));
    bundle.files.push_back({one, *std::move(text)});
    return {};
  };
  if (const Result<void> added = add(path); !added) return std::unexpected(added.error());
  auto names = reader.list_directory(path + ".d");
  if (!names) return files;  // there are none
  std::ranges::sort(*names);
  for (const std::string& name : *names) {
    if (!name.ends_with(".conf")) continue;
    if (const Result<void> added = add(path + ".d/" + name); !added) return std::unexpected(added.error());
  }
  return files;
}

// What systemd starts for it: Service=, else the name of the socket, as a template for Accept=yes.
std::string service_of(const Bundle& bundle, const SocketUnit& unit) {
  UnitFile file;
  std::vector<Diagnostic> unused;  // import_units tells them
  for (const std::uint16_t each : unit.socket_files) file.read(bundle.files[each].text, each, unused);
  if (const UnitSetting* named = file.last("Socket", "Service")) return named->value;
  const UnitSetting* accept = file.last("Socket", "Accept");
  const bool is_template = accept != nullptr && parse_unit_bool(accept->value).value_or(false);
  return fmt::format("{}{}{}", unit.name, is_template ? "@" : "", kServiceSuffix);
}

Result<void> add_socket(Units& units, const std::string& path, const std::string& service_path, FileReader& reader) {
  const std::string name = base_of(path);
  SocketUnit unit{.name = name.substr(0, name.size() - kSocketSuffix.size())};
  auto files = add_unit(units.bundle, path, reader);
  if (!files) return std::unexpected(std::move(files).error());
  unit.socket_files = *std::move(files);
  unit.service = service_path.empty() ? service_of(units.bundle, unit) : base_of(service_path);
  // A service's name is no path.
  const bool can_be_named = unit.service.find('/') == std::string::npos;
  auto service_files = service_path.empty() && !can_be_named
                           ? Result<std::vector<std::uint16_t>>(failure(unit.service + ": is no name of a unit"))
                           : add_unit(units.bundle, service_path.empty() ? folder_of(path) + unit.service : service_path, reader);
  if (service_files) {
    unit.service_files = *std::move(service_files);
  } else if (!service_path.empty()) {
    return std::unexpected(service_files.error());
  } else {
    units.bundle.problems.push_back(
        {.severity = Severity::error,
         .scope = Scope::service,
         .where = {1, 0, unit.socket_files.front()},
         .text = fmt::format("{} is left out: its service can't be read: {}", name, service_files.error().text()),
         .service = unit.name});
    return {};
  }
  units.sockets.push_back(std::move(unit));
  return {};
}

}  // namespace

Result<Units> gather_units(std::span<const std::string> paths, FileReader& reader) {
  Units units;
  std::vector<std::pair<std::string, std::string>> pairs;  // socket, service
  for (const std::string& path : paths) {
    if (path.ends_with(kSocketSuffix)) {
      pairs.emplace_back(path, "");
    } else if (path.ends_with(kServiceSuffix)) {
      if (pairs.empty() || !pairs.back().second.empty())
        return failure(path + ": a service stands behind its socket: FILE.socket FILE.service");
      pairs.back().second = path;
    } else {
      auto names = reader.list_directory(path);
      if (!names) return std::unexpected(std::move(names).error());
      std::ranges::sort(*names);
      const std::size_t before = pairs.size();
      for (const std::string& name : *names) {
        if (name.ends_with(kSocketSuffix)) pairs.emplace_back(path + (path.ends_with('/') ? "" : "/") + name, "");
      }
      if (pairs.size() == before) return failure(path + ": there is no .socket in it");
    }
  }
  for (const auto& [socket, service] : pairs) {
    if (const Result<void> added = add_socket(units, socket, service, reader); !added) return std::unexpected(added.error());
  }
  return units;
}

UnitEntry::UnitEntry(const Units& units, const SocketUnit& unit, Names& names, Imported& result)
    : units_(units), unit_(unit), names_(names), result_(result) {
  for (const std::uint16_t each : unit.socket_files) socket_.read(units.bundle.files[each].text, each, result.diagnostics);
  for (const std::uint16_t each : unit.service_files) service_.read(units.bundle.files[each].text, each, result.diagnostics);
  const std::size_t dot = unit.service.rfind('.'), at = unit.service.find('@');
  facts_.name = unit.service.substr(0, std::min(dot, at));
  facts_.suffix = kServiceSuffix;
  facts_.is_template = at != std::string::npos;
  entry_.name = unit.name;
  where_ = {1, 0, unit.socket_files.front()};
}

void UnitEntry::run() {
  (void)socket_.last("Socket", "Service");
  const UnitSetting* const accept = socket_.last("Socket", "Accept");
  accepts_ = is_set(accept);
  for (UnitFile* file : {&socket_, &service_}) {
    if (const UnitSetting* text = file->last("Unit", "Description"); text != nullptr && file == &socket_)
      entry_.comments.push_back(text->value);
  }
  read_sockets();
  if (groups_.empty()) {
    tell(Severity::warning, where_, fmt::format("{}.socket is left out: it has no socket of a network or of unix(7)", unit_.name));
    for (const std::string& comment : entry_.comments) fmt::format_to(std::back_inserter(result_.text), "# {}\n", printable(comment, 1000));
    result_.text += '\n';
    return;
  }
  read_family();
  read_device();
  read_limits();
  read_rate();
  read_options();
  read_access();
  read_program();
  read_what_is_left();
  write();
}

bool UnitEntry::is_set(const UnitSetting* setting) {
  return setting != nullptr && parse_unit_bool(setting->value).value_or(false);
}

void UnitEntry::tell(Severity severity, Where where, std::string text, std::string hint) {
  const SourceFile& file = units_.bundle.files[where.file];
  if (severity != Severity::note) entry_.comments.push_back(fmt::format("{}:{}: {}", base_of(file.path), where.line, text));
  result_.diagnostics.push_back(
      {.severity = severity, .where = where, .text = std::move(text), .hint = std::move(hint), .service = unit_.name});
}

void UnitEntry::lose(const UnitSetting& setting, std::string_view why, std::string hint) {
  tell(Severity::warning, setting.where, fmt::format("{}={}: {}", setting.key, printable(setting.value, 60), why), std::move(hint));
}

void UnitEntry::switch_off(Where where, std::string_view why, std::string hint) {
  entry_.off = true;
  tell(Severity::warning, where, fmt::format("{}; the entry is switched off", why), std::move(hint));
}

std::optional<std::string> UnitEntry::word_of(std::string_view section, std::string_view key) {
  UnitFile& file = section == "Socket" ? socket_ : service_;
  const UnitSetting* const setting = file.last(section, key);
  if (setting == nullptr) return std::nullopt;
  const Result<std::string> text = expand_specifiers(setting->value, facts_);
  if (text && is_word(*text)) return *text;
  switch_off(setting->where,
             fmt::format("{}={}: {}", key, printable(setting->value, 60), text ? "is more than a word" : text.error().what));
  return std::nullopt;
}

// Whatever was not asked for has no counterpart. Three kinds: what only orders or describes units, what confines, the rest.
void UnitEntry::read_what_is_left() {
  static constexpr auto kHarmless = std::to_array<std::string_view>({"Documentation",
                                                                     "After",
                                                                     "Before",
                                                                     "Wants",
                                                                     "Requires",
                                                                     "WantedBy",
                                                                     "RequiredBy",
                                                                     "Also",
                                                                     "Alias",
                                                                     "Conflicts",
                                                                     "DefaultDependencies",
                                                                     "CollectMode",
                                                                     "SourcePath",
                                                                     "PartOf",
                                                                     "BindsTo",
                                                                     "StopWhenUnneeded",
                                                                     "IgnoreOnIsolate",
                                                                     "RefuseManualStart",
                                                                     "RefuseManualStop",
                                                                     "FreeBind",
                                                                     "RemoveOnStop",
                                                                     "DirectoryMode",
                                                                     "ReusePort",
                                                                     "TimeoutSec",
                                                                     "FlushPending",
                                                                     "Type",
                                                                     "KillMode",
                                                                     "KillSignal",
                                                                     "SendSIGHUP",
                                                                     "SendSIGKILL",
                                                                     "RemainAfterExit",
                                                                     "TimeoutStartSec",
                                                                     "TimeoutStopSec",
                                                                     "SyslogIdentifier",
                                                                     "DefaultInstance",
                                                                     "RequiresMountsFor",
                                                                     "Sockets",
                                                                     "Backlog"});
  static constexpr auto kConfining = std::to_array<std::string_view>({"Protect",
                                                                      "Private",
                                                                      "Restrict",
                                                                      "NoNewPrivileges",
                                                                      "Capability",
                                                                      "SystemCall",
                                                                      "ReadOnly",
                                                                      "ReadWrite",
                                                                      "Inaccessible",
                                                                      "NoExec",
                                                                      "Exec",
                                                                      "TemporaryFileSystem",
                                                                      "Root",
                                                                      "Memory",
                                                                      "LockPersonality",
                                                                      "CPU",
                                                                      "Tasks",
                                                                      "IO",
                                                                      "Device",
                                                                      "SecureBits",
                                                                      "AppArmor",
                                                                      "SELinux",
                                                                      "Smack",
                                                                      "Limit",
                                                                      "RuntimeMax",
                                                                      "SocketBind",
                                                                      "IP",
                                                                      "Keyring",
                                                                      "Proc",
                                                                      "Bind",
                                                                      "RemoveIPC",
                                                                      "Slice",
                                                                      "OOM"});
  for (UnitFile* file : {&socket_, &service_}) {
    for (const UnitSetting* one : file->unheard()) {
      const auto begins = [&](std::string_view name) { return one->key.starts_with(name); };
      if (one->section == "Install" || std::ranges::find(kHarmless, one->key) != kHarmless.end()) {
        tell(Severity::note, one->where, fmt::format("{}= has no counterpart, and needs none", printable(one->key, 60)));
      } else if (begins("Condition") || begins("Assert")) {
        lose(*one, "a condition can't be said: the service is there whatever it says");
      } else if (one->section == "Service" &&
                 (begins("ExecStartP") || begins("ExecStop") || begins("ExecReload") || begins("ExecCondition"))) {
        lose(*one, "a command beside the program can't be said: it is not run");
      } else if (one->section == "Service" && std::ranges::any_of(kConfining, begins)) {
        lose(*one, "confines the program, which can't be said: it runs without");
      } else {
        lose(*one, "can't be said in xinetd.conf");
      }
    }
  }
}

void UnitEntry::write() {
  if (groups_.size() > 1) {
    tell(Severity::warning, where_,
         fmt::format("{}.socket becomes {} entries: limits count for each of them by itself", unit_.name, groups_.size()));
  }
  if (!accepts_) {
    const bool has_many = std::ranges::any_of(groups_, [](const Group& one) { return one.binds.size() > 1 || one.ports.size() > 1; });
    if (has_many || groups_.size() > 1)
      tell(Severity::warning, where_, "the program gets one socket at a time, not all of them, and may run once for each");
  }
  for (std::size_t each = 0; each < groups_.size(); ++each) write_group(groups_[each], each);
}

void UnitEntry::write_group(const Group& group, std::size_t number) {
  EntryText entry;
  if (number == 0) entry.comments = entry_.comments;
  entry.name = entry_.name;
  entry.off = entry_.off;
  if (number > 0) entry.set("id", fmt::format("{}-{}", entry_.name, number + 1));
  entry.set("type", "UNLISTED");
  if (const auto protocol = word_of("Socket", "SocketProtocol"); protocol && !group.is_path) entry.set("protocol", *protocol);
  entry.set("socket_type", group.socket_type);
  entry.set("wait", accepts_ ? "no" : "yes");
  if (!group.ports.empty()) entry.set("port", fmt::format("{}", fmt::join(group.ports, " ")));
  if (!group.binds.empty()) entry.set("bind", fmt::format("{}", fmt::join(group.binds, " ")));
  std::vector<std::string> flags = flags_;
  if (!group.family.empty()) flags.emplace_back(group.family);
  if (!flags.empty()) entry.set("flags", fmt::format("{}", fmt::join(flags, " ")));
  for (const auto& [attribute, values] : entry_.attributes) {
    const bool is_of_paths = attribute.starts_with("socket_");
    const bool is_of_networks =
        attribute == "v6only" || attribute == "only_from" || attribute == "no_access" || attribute == "source_prefix";
    if (group.is_path ? !is_of_networks : !is_of_paths) entry.set(attribute, values);
  }
  if (!result_.text.empty() && !result_.text.ends_with("\n\n")) result_.text += '\n';
  result_.text += to_text(entry);
  ++result_.entries;
  result_.off += entry.off ? 1 : 0;
}

Imported import_units(const Units& units, Names& names) {
  Imported result;
  result.diagnostics = units.bundle.problems;
  for (const Diagnostic& problem : units.bundle.problems)
    fmt::format_to(std::back_inserter(result.text), "# {}\n", printable(problem.text, 1000));
  for (const SocketUnit& unit : units.sockets) UnitEntry(units, unit, names, result).run();
  if (result.entries > 0) {
    result.diagnostics.push_back(
        {.severity = Severity::note,
         .text = "hosts.allow and hosts.deny are asked about the clients of all entries, which systemd does not do",
         .hint = "flags = NOLIBWRAP"});
  }
  std::ranges::stable_sort(result.diagnostics, {}, [](const Diagnostic& one) { return std::pair{one.where.file, one.where}; });
  return result;
}

}  // namespace reeve
