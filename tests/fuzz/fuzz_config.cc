// A whole configuration: files are gathered, parsed, passed on in the flat form and parsed again, with the
// same result. A line "%%" begins the next file: the first is the main one, the others are /1, /2, ... and the
// members of every directory; the last one is read as inetd.conf, too. An input that begins with the flat
// form's mark is taken as one.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "base/printable.h"
#include "config/bundle.h"
#include "config/inetd.h"
#include "config/parse.h"

namespace {

using namespace reeve;

class Files final : public FileReader {
 public:
  explicit Files(std::string_view text) {
    for (std::size_t number = 0; number < kMost; ++number) {
      const std::size_t end = text.find("\n%%\n");
      files_["/" + std::to_string(number)] = text.substr(0, end);
      last_ = "/" + std::to_string(number);
      if (end == std::string_view::npos) break;
      text.remove_prefix(end + 4);
    }
  }

  Result<std::string> read_file(const std::string& path) override {
    const auto found = files_.find(path);
    if (found == files_.end()) return failure(path + ": not there");
    return found->second;
  }
  Result<std::vector<std::string>> list_directory(const std::string& path) override {
    if (path != "/" && path != "/d") return failure(path + ": not there");
    std::vector<std::string> names;
    for (const auto& [name, text] : files_) names.push_back(name.substr(1));
    return names;
  }
  [[nodiscard]] const std::string& last() const { return last_; }

 private:
  static constexpr std::size_t kMost = 4;  // files that include each other grow fast
  std::map<std::string, std::string> files_;
  std::string last_;
};

// Knows whoever has a name of even length.
class SomeNames final : public Names {
 public:
  std::optional<UserIds> find_user(const std::string& name) override {
    if (!knows(name)) return std::nullopt;
    return UserIds{1000, 100};
  }
  std::optional<std::uint32_t> find_group(const std::string& name) override { return number(name); }
  std::vector<std::uint32_t> groups_of(const std::string& user, std::uint32_t gid) override {
    return std::vector<std::uint32_t>(user.size() % 3, gid);
  }
  std::optional<std::uint16_t> find_port(const std::string& service, const std::string& protocol) override {
    if (!knows(service + protocol)) return std::nullopt;
    return static_cast<std::uint16_t>(service.size());
  }
  std::optional<std::uint8_t> find_protocol(const std::string& name) override {
    if (!knows(name)) return std::nullopt;
    return static_cast<std::uint8_t>(name.size());
  }
  std::optional<std::uint32_t> find_network(const std::string& name) override { return number(name); }
  std::optional<std::uint32_t> find_rpc(const std::string& name) override { return number(name); }
  bool is_executable(const std::string& path) override { return path.starts_with("/bin/"); }

 private:
  static bool knows(const std::string& name) { return name.size() % 2 == 0; }
  static std::optional<std::uint32_t> number(const std::string& name) {
    if (!knows(name)) return std::nullopt;
    return static_cast<std::uint32_t>(name.size());
  }
};

void expect_sound(const Bundle& bundle, const Parsed& parsed) {
  REEVE_CHECK(parsed.configuration != nullptr);
  for (const Service& service : parsed.configuration->services) {
    REEVE_CHECK(service.log != nullptr && !service.name.empty() && service.name.data()[service.name.size()] == '\0');
    REEVE_CHECK((service.launch != nullptr) == (service.kind == Kind::program));
    REEVE_CHECK((service.redirect != nullptr) == (service.kind == Kind::redirect));
    REEVE_CHECK(service.launch == nullptr || (service.launch->server.starts_with('/') && !service.launch->arguments.empty()));
    REEVE_CHECK(service.where.file < bundle.files.size());
  }
  std::size_t errors = 0;
  for (const Diagnostic& one : parsed.diagnostics) {
    errors += one.severity == Severity::error ? 1 : 0;
    const std::string line = log_text(one, bundle);
    for (std::string_view rest = line; !rest.empty();) {
      const Utf8Character character = first_character(rest);
      REEVE_CHECK(character.printable);
      rest.remove_prefix(character.bytes);
    }
    REEVE_CHECK(!caret_text(one, bundle, false).empty());
  }
  REEVE_CHECK(errors == 0 || parsed.has_errors);
  REEVE_CHECK(!parsed.unusable || parsed.has_errors);
  REEVE_CHECK(parsed.refused.empty() || parsed.has_errors);
  REEVE_CHECK(!json_text(parsed.diagnostics, bundle).empty());
}

std::string told(const Bundle& bundle, const Parsed& parsed) {
  std::string all = std::to_string(parsed.configuration->services.size());
  for (const Diagnostic& one : parsed.diagnostics) all += caret_text(one, bundle, false);
  return all;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const ParseOptions options{.inetd_compat = true};
  if (input.starts_with("RVB1")) {
    const Result<Bundle> bundle = deserialize(input);
    if (!bundle) return 0;
    const std::unique_ptr<Names> names = recorded_names(*bundle);
    expect_sound(*bundle, parse(*bundle, *names, options));
    return 0;
  }

  Files files(input);
  Result<Bundle> gathered = gather("/0", files);
  REEVE_CHECK(gathered.has_value());
  Bundle bundle = *std::move(gathered);
  if (files.last() != "/0") REEVE_CHECK(add_inetd(bundle, files.last(), files).has_value() || bundle.files.size() >= kMaxFiles);

  SomeNames real;
  // The last file once more, as inetd itself would read it.
  Bundle alone;
  if (add_inetd(alone, files.last(), files)) expect_sound(alone, parse(alone, real, {}));

  const std::unique_ptr<Names> recording = recording_names(bundle, real);
  const Parsed first = parse(bundle, *recording, options);
  expect_sound(bundle, first);
  const Result<Bundle> copy = deserialize(serialize(bundle));
  REEVE_CHECK(copy.has_value());
  const std::unique_ptr<Names> recorded = recorded_names(*copy);
  REEVE_CHECK(told(*copy, parse(*copy, *recorded, options)) == told(bundle, first));
  return 0;
}
