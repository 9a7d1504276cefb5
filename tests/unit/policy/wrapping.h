// Rules of tcp wrappers from texts, for tests.
#pragma once

#include <map>
#include <string>

#include "config/wrap_gather.h"
#include "config/wrap_rules.h"

namespace reeve {

class WrapFiles final : public FileReader {
 public:
  Result<std::string> read_file(const std::string& path) override {
    constexpr int kNotThere = 2, kForbidden = 13;
    if (forbidden == path) return failure("open " + path, kForbidden);
    const auto found = files.find(path);
    if (found == files.end()) return failure("open " + path, kNotThere);
    return found->second;
  }
  Result<std::vector<std::string>> list_directory(const std::string&) override { return std::vector<std::string>(); }

  std::map<std::string, std::string> files;
  std::string forbidden;
};

class WrapNames final : public Names {
 public:
  std::optional<UserIds> find_user(const std::string& name) override {
    return name == "nobody" ? std::optional(UserIds{65534, 65534}) : std::nullopt;
  }
  std::optional<std::uint32_t> find_group(const std::string& name) override {
    return name == "kmem" ? std::optional<std::uint32_t>(15) : std::nullopt;
  }
  std::vector<std::uint32_t> groups_of(const std::string&, std::uint32_t gid) override { return {gid, 7}; }
  std::optional<std::uint16_t> find_port(const std::string&, const std::string&) override { return std::nullopt; }
  std::optional<std::uint8_t> find_protocol(const std::string&) override { return std::nullopt; }
  std::optional<std::uint32_t> find_network(const std::string&) override { return std::nullopt; }
  std::optional<std::uint32_t> find_rpc(const std::string&) override { return std::nullopt; }
  bool is_executable(const std::string&) override { return false; }
};

struct WrapTable {
  Bundle bundle;
  WrapRules rules;
};

inline WrapTable wrap_table(WrapFiles files) {
  WrapNames names;
  WrapTable table;
  table.bundle = gather_wrap_rules({}, files);
  table.rules = parse_wrap_rules(table.bundle, names);
  return table;
}

inline WrapTable wrap_table(const std::string& allow, const std::string& deny) {
  WrapFiles files;
  files.files = {{"/etc/hosts.allow", allow}, {"/etc/hosts.deny", deny}};
  return wrap_table(std::move(files));
}

}  // namespace reeve
