#include "config/wrap_gather.h"

#include <algorithm>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "config/wrap_rules.h"

namespace reeve {
namespace {

// Options are not looked at here.
class NoNames final : public Names {
 public:
  std::optional<UserIds> find_user(const std::string&) override { return std::nullopt; }
  std::optional<std::uint32_t> find_group(const std::string&) override { return std::nullopt; }
  std::vector<std::uint32_t> groups_of(const std::string&, std::uint32_t) override { return {}; }
  std::optional<std::uint16_t> find_port(const std::string&, const std::string&) override { return std::nullopt; }
  std::optional<std::uint8_t> find_protocol(const std::string&) override { return std::nullopt; }
  std::optional<std::uint32_t> find_network(const std::string&) override { return std::nullopt; }
  std::optional<std::uint32_t> find_rpc(const std::string&) override { return std::nullopt; }
  bool is_executable(const std::string&) override { return false; }
};

// The host part of USER@HOST and DAEMON@HOST.
std::string_view host_of(std::string_view pattern) noexcept {
  const std::size_t at = pattern.find('@', 1);
  return at == std::string_view::npos ? pattern : pattern.substr(at + 1);
}

// Does nsswitch.conf(5) have the C library read the netgroup file? Without a word on it, it does.
bool netgroups_are_files(std::string_view text) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::vector<std::string> words = wrap_words(text.substr(0, std::min(text.find('#'), end)), ": \t\r");
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!words.empty() && words.front() == "netgroup") return std::ranges::find(words, "files") != words.end();
  }
  return true;
}

class Gathering {
 public:
  explicit Gathering(FileReader& reader) : reader_(reader) {}

  Bundle run(const WrapPaths& paths) {
    add(paths.allow);
    add(paths.deny);
    bundle_.files.push_back({{}, {}});
    NoNames no_names;
    for (const WrapRule& rule : parse_wrap_rules(bundle_, no_names).rules) {
      for (const std::string& daemon : rule.daemons) {
        if (daemon.find('@', 1) != std::string::npos) add_pattern(host_of(daemon));
      }
      for (const std::string& client : rule.clients) add_pattern(host_of(client));
    }
    // Files may name further ones.
    for (std::size_t file = kWrapFirstPatternFile; file < bundle_.files.size(); ++file) {
      for (const std::string& word : wrap_words(std::string(bundle_.files[file].text), " \t\r\n\v\f")) add_pattern(word);
    }
    if (uses_netgroups_) add_netgroups(paths);
    return std::move(bundle_);
  }

 private:
  void problem(Severity severity, std::size_t file, std::string text, std::string hint) {
    const Where where{0, 0, static_cast<std::uint16_t>(file)};
    bundle_.problems.push_back({severity, Scope::attribute, where, std::move(text), std::move(hint), {}});
  }

  void add(const std::string& path) {
    bundle_.files.push_back({path, {}});
    const std::size_t file = bundle_.files.size() - 1;
    auto text = reader_.read_file(path);
    if (text) {
      bundle_.files[file].text = std::move(*text);
    } else if (text.error().sys_errno != static_cast<int>(std::errc::no_such_file_or_directory)) {
      problem(Severity::error, file, text.error().text(),
              file == kWrapAllowFile ? "nobody is admitted by it" : "whoever it may concern is refused");
    }
  }

  void add_pattern(std::string_view pattern) {
    if (pattern.starts_with('@')) uses_netgroups_ = true;
    if (!pattern.starts_with('/')) return;
    const auto known = std::ranges::find(bundle_.files, pattern, &SourceFile::path);
    if (known != bundle_.files.end()) return;
    if (bundle_.files.size() - kWrapFirstPatternFile < kMaxPatternFiles) return add(std::string(pattern));
    if (std::exchange(said_too_many_, true)) return;
    problem(Severity::error, kWrapNetgroupFile, "more than " + std::to_string(kMaxPatternFiles) + " files of patterns",
            "whoever meets one of the others is refused");
  }

  void add_netgroups(const WrapPaths& paths) {
    const auto name_switch = reader_.read_file(paths.name_switch);
    if (name_switch && !netgroups_are_files(*name_switch)) {
      return problem(Severity::warning, kWrapNetgroupFile, "netgroups come from elsewhere than from files: reeve finds nobody in them",
                     "have `netgroup: files` in " + paths.name_switch);
    }
    SourceFile& file = bundle_.files[kWrapNetgroupFile];
    file.path = paths.netgroup;
    auto text = reader_.read_file(paths.netgroup);
    if (text) file.text = std::move(*text);
  }

  FileReader& reader_;
  Bundle bundle_;
  bool uses_netgroups_ = false;
  bool said_too_many_ = false;
};

}  // namespace

Bundle gather_wrap_rules(const WrapPaths& paths, FileReader& reader) {
  return Gathering(reader).run(paths);
}

}  // namespace reeve
