// What the tests of config/ share: a small system without files, and ways to parse a text in it.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "config/parse.h"

namespace reeve {

// The same answers everywhere, and a count of the questions.
class FakeNames final : public Names {
 public:
  std::map<std::string, UserIds> users{{"root", {0, 0}}, {"nobody", {65534, 65534}}, {"daemon", {1, 1}}};
  std::map<std::string, std::uint32_t> groups{{"root", 0}, {"games", 60}};
  std::map<std::string, std::uint16_t> ports{{"ftp/tcp", 21},    {"echo/tcp", 7},    {"echo/udp", 7},  {"daytime/tcp", 13},
                                             {"ssh/tcp", 22},    {"tcpmux/tcp", 1},  {"irc/tcp", 194}, {"alpha/tcp", 4001},
                                             {"beta/tcp", 4002}, {"gamma/udp", 4003}};
  std::set<std::string> programs{"/bin/cat", "/bin/echo", "/usr/sbin/tcpd", "/usr/bin/id"};
  std::map<std::string, std::vector<ScopedAddress>> interfaces{{"eth0", {{Address::v4(0xc0000207), 0}, {*parse_address("fe80::7"), 3}}},
                                                               {"bare0", {}}};
  std::map<std::string, std::string> texts;  // of files that attributes name
  int questions = 0;

  std::optional<UserIds> find_user(const std::string& name) override { return find(users, name); }
  std::optional<std::uint32_t> find_group(const std::string& name) override { return find(groups, name); }
  std::vector<std::uint32_t> groups_of(const std::string& user, std::uint32_t gid) override {
    ++questions;
    if (user == "daemon") return {gid, 60, 100};
    return {gid};
  }
  std::optional<std::uint16_t> find_port(const std::string& service, const std::string& protocol) override {
    return find(ports, service + '/' + protocol);
  }
  std::optional<std::uint8_t> find_protocol(const std::string& name) override {
    return find(std::map<std::string, std::uint8_t>{{"icmp", 1}, {"sctp", 132}}, name);
  }
  std::optional<std::uint32_t> find_network(const std::string& name) override {
    return find(std::map<std::string, std::uint32_t>{{"testnet", 0x7f4d0000}, {"loopback", 0x7f000000}}, name);
  }
  std::optional<std::uint32_t> find_rpc(const std::string& name) override {
    return find(std::map<std::string, std::uint32_t>{{"rstatd", 100001}}, name);
  }
  std::vector<ScopedAddress> addresses_of_interface(const std::string& name) override {
    ++questions;
    const auto found = interfaces.find(name);
    return found == interfaces.end() ? std::vector<ScopedAddress>() : found->second;
  }
  std::optional<std::uint32_t> find_interface(const std::string& name) override {
    return interfaces.contains(name) ? std::optional(3U) : std::nullopt;
  }
  std::vector<Address> addresses_of_host(const std::string& name) override {
    if (name == "www.example.net") return {Address::v4(0xc0000209), *parse_address("2001:db8::9")};
    return {};
  }
  std::optional<std::string> text_of_file(const std::string& path, std::size_t most) override {
    auto text = find(texts, path);
    return text && text->size() <= most ? text : std::nullopt;
  }
  bool is_executable(const std::string& path) override {
    ++questions;
    return programs.contains(path);
  }

 private:
  template <class T>
  std::optional<T> find(const std::map<std::string, T>& answers, const std::string& question) {
    ++questions;
    const auto found = answers.find(question);
    if (found == answers.end()) return std::nullopt;
    return found->second;
  }
};

class FakeFiles final : public FileReader {
 public:
  std::map<std::string, std::string> files;
  std::map<std::string, std::vector<std::string>> directories;

  Result<std::string> read_file(const std::string& path) override {
    const auto found = files.find(path);
    if (found == files.end()) return failure("open " + path, 2);
    return found->second;
  }
  Result<std::vector<std::string>> list_directory(const std::string& path) override {
    const auto found = directories.find(path);
    if (found == directories.end()) return failure("open " + path, 2);
    return found->second;
  }
};

inline Bundle bundle_of(std::string text) {
  Bundle bundle;
  bundle.files.push_back({"/etc/xinetd.conf", std::move(text)});
  return bundle;
}

inline Parsed parse_text(std::string text, const ParseOptions& options = {}) {
  FakeNames names;
  return parse(bundle_of(std::move(text)), names, options);
}

// A complete service, `lines` included; a line that sets what is set here replaces it.
inline std::string service(std::string_view name, std::string_view lines = "", std::string_view port = "4001") {
  static constexpr std::string_view kLines[] = {"type = UNLISTED", "socket_type = stream", "wait = no", "user = root", "server = /bin/cat"};
  std::string text = "service " + std::string(name) + "\n{\n";
  const auto add = [&](std::string_view line) {
    const std::string attribute(line.substr(0, line.find(' ')));
    if (("\n" + std::string(lines)).find("\n" + attribute + " ") == std::string::npos) text += "\t" + std::string(line) + "\n";
  };
  for (const std::string_view line : kLines) add(line);
  if (!port.empty()) add("port = " + std::string(port));
  return text + std::string(lines) + (lines.empty() ? "" : "\n") + "}\n";
}

inline std::string defaults(std::string_view lines) {
  return "defaults\n{\n" + std::string(lines) + "\n}\n";
}

// "LINE:COLUMN severity text (hint)", one a line.
inline std::string told(const Parsed& parsed) {
  static constexpr const char* kSeverities[] = {"note", "warning", "error"};
  std::string all;
  for (const Diagnostic& one : parsed.diagnostics) {
    all += std::to_string(one.where.line) + ":" + std::to_string(one.where.column) + " " + kSeverities[static_cast<int>(one.severity)] +
           " " + one.text;
    if (!one.hint.empty()) all += " (" + one.hint + ")";
    all += '\n';
  }
  return all;
}

inline std::size_t count(const Parsed& parsed, Severity severity) {
  std::size_t number = 0;
  for (const Diagnostic& one : parsed.diagnostics) number += one.severity == severity ? 1U : 0U;
  return number;
}

inline const Service* find(const Parsed& parsed, std::string_view id) {
  for (const Service& service : parsed.configuration->services) {
    if (service.id == id) return &service;
  }
  return nullptr;
}

}  // namespace reeve
