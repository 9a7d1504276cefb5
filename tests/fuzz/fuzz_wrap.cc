// hosts.allow, hosts.deny and a file of patterns: gathered, parsed, matched and expanded. "%%" separates the files.
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/check.h"
#include "config/wrap_expansion.h"
#include "config/wrap_gather.h"
#include "policy/wrap_match.h"

namespace {

using namespace reeve;

class Files final : public FileReader {
 public:
  explicit Files(std::string_view text) {
    for (const char* name : {"/etc/hosts.allow", "/etc/hosts.deny", "/p", "/etc/netgroup"}) {
      const std::size_t end = text.find("%%");
      files_[name] = text.substr(0, end);
      if (end == std::string_view::npos) break;
      text.remove_prefix(end + 2);
    }
  }
  Result<std::string> read_file(const std::string& path) override {
    const auto found = files_.find(path);
    if (found == files_.end()) return failure(path, 2);
    return found->second;
  }
  Result<std::vector<std::string>> list_directory(const std::string& path) override { return failure(path); }

 private:
  std::map<std::string, std::string> files_;
};

class Nobody final : public Names {
 public:
  std::optional<UserIds> find_user(const std::string&) override { return UserIds{1, 1}; }
  std::optional<std::uint32_t> find_group(const std::string&) override { return 1; }
  std::vector<std::uint32_t> groups_of(const std::string&, std::uint32_t) override { return {}; }
  std::optional<std::uint16_t> find_port(const std::string&, const std::string&) override { return std::nullopt; }
  std::optional<std::uint8_t> find_protocol(const std::string&) override { return std::nullopt; }
  std::optional<std::uint32_t> find_network(const std::string&) override { return std::nullopt; }
  std::optional<std::uint32_t> find_rpc(const std::string&) override { return std::nullopt; }
  bool is_executable(const std::string&) override { return false; }
};

// Asks as often as something is to be looked up: each answer brings it further, so it comes to an end.
void ask(const WrapRules& rules, const Bundle& bundle, WrapRequest request) {
  for (int turn = 0; turn < 6; ++turn) {
    const WrapFound found = find_wrap_rule(rules, bundle, request);
    const auto* const need = std::get_if<WrapNeed>(&found);
    if (need == nullptr) return;
    switch (*need) {
      case WrapNeed::client_name:
        REEVE_CHECK(!request.client_name);
        request.client_name = "host.example";
        break;
      case WrapNeed::client_user:
        REEVE_CHECK(!request.client_user);
        request.client_user = "joe";
        break;
      case WrapNeed::server_address:
        REEVE_CHECK(!request.has_server);
        request.has_server = true;
        request.server = Endpoint{Address::v4(0x7f000001), 7};
        break;
      case WrapNeed::server_name:
        REEVE_CHECK(!request.server_name);
        request.server_name = "paranoid";
        break;
    }
  }
  REEVE_CHECK(false);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Files files({reinterpret_cast<const char*>(data), size});
  Nobody nobody;
  const Bundle bundle = gather_wrap_rules({}, files);
  const WrapRules rules = parse_wrap_rules(bundle, nobody);
  ask(rules, bundle, {.daemon = "echo", .client = Endpoint{Address::v4(0xc0000201), 1}});
  ask(rules, bundle, {.daemon = "cat", .client = Endpoint{*parse_address("2001:db8::1"), 1}});
  ask(rules, bundle, {.daemon = "echo"});
  WrapFacts facts;
  facts.client_user = std::string(reinterpret_cast<const char*>(data), size);
  for (const WrapRule& rule : rules.rules) {
    for (const WrapOption& option : rule.options) {
      const auto expanded = expand_wrap_text(option.text, facts);
      REEVE_CHECK(!expanded || expanded->size() <= kMaxWrapExpansion);
    }
  }
  return 0;
}
