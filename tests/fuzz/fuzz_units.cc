// Units of systemd: gathered, read and converted; what is written is a configuration that parses. "%%%" separates the socket,
// its drop-in, and the two services that it may start.
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/check.h"
#include "config/parse.h"
#include "config/unit_import.h"

namespace {

using namespace reeve;

class Files final : public FileReader {
 public:
  explicit Files(std::string_view text) {
    for (const char* name : {"/u/a.socket", "/u/a@.service", "/u/a.service", "/u/a.socket.d/x.conf"}) {
      const std::size_t end = text.find("%%%");
      files_[name] = text.substr(0, end);
      if (end == std::string_view::npos) break;
      text.remove_prefix(end + 3);
    }
  }
  Result<std::string> read_file(const std::string& path) override {
    const auto found = files_.find(path);
    if (found == files_.end()) return failure(path, 2);
    return found->second;
  }
  Result<std::vector<std::string>> list_directory(const std::string& path) override {
    if (path == "/u/a.socket.d" && files_.contains("/u/a.socket.d/x.conf")) return std::vector<std::string>{"x.conf"};
    return failure(path, 2);
  }

 private:
  std::map<std::string, std::string> files_;
};

class Everybody final : public Names {
 public:
  std::optional<UserIds> find_user(const std::string&) override { return UserIds{1, 1}; }
  std::optional<std::uint32_t> find_group(const std::string&) override { return 1; }
  std::vector<std::uint32_t> groups_of(const std::string&, std::uint32_t) override { return {}; }
  std::optional<std::uint16_t> find_port(const std::string&, const std::string&) override { return std::nullopt; }
  std::optional<std::uint8_t> find_protocol(const std::string&) override { return 132; }
  std::optional<std::uint32_t> find_network(const std::string&) override { return std::nullopt; }
  std::optional<std::uint32_t> find_rpc(const std::string&) override { return std::nullopt; }
  bool is_executable(const std::string&) override { return true; }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Files files({reinterpret_cast<const char*>(data), size});
  Everybody names;
  const std::string path = "/u/a.socket";
  const Result<Units> units = gather_units({&path, 1}, files);
  if (!units) return 0;
  const Imported imported = import_units(*units, names);
  for (const Diagnostic& one : imported.diagnostics) REEVE_CHECK(one.where.file < units->bundle.files.size() && !one.text.empty());
  // What was written are the entries that were counted, each whole: nothing of a unit breaks out of its value or comment.
  Bundle bundle;
  bundle.files.push_back({"/etc/xinetd.conf", imported.text});
  const Parsed parsed = parse(bundle, names, {});
  REEVE_CHECK(!parsed.unusable);
  REEVE_CHECK(parsed.configuration->services.size() + parsed.refused.size() == imported.entries - imported.off);
  return 0;
}
