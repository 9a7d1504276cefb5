#include "sys/names.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <grp.h>
#include <netdb.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <map>
#include <sstream>
#include <strings.h>
#include <unordered_map>
#include <utility>

#include "base/unique_fd.h"
#include "sys/interfaces.h"

namespace reeve {
namespace {

constexpr std::size_t kFirstBuffer = 4096;
constexpr std::size_t kMostBuffer = 1u << 20;  // a group with tens of thousands of members
constexpr int kMostGroups = 65'536;            // NGROUPS_MAX

// The *_r functions of NSS want a buffer and say ERANGE when it is too small. `ask` returns what they return.
template <class Ask>
int asked_with_buffer(Ask ask) {
  std::string buffer(kFirstBuffer, '\0');
  for (;;) {
    const int code = ask(buffer.data(), buffer.size());
    if (code == EINTR) continue;
    if (code != ERANGE || buffer.size() >= kMostBuffer) return code;
    buffer.resize(buffer.size() * 4);
  }
}

// Remembers answers, the missing ones too.
template <class Answer>
class Remembered {
 public:
  template <class Ask>
  std::optional<Answer> get(const std::string& question, Ask ask) {
    const auto found = answers_.find(question);
    if (found != answers_.end()) return found->second;
    return answers_.emplace(question, ask()).first->second;
  }

 private:
  std::unordered_map<std::string, std::optional<Answer>> answers_;
};

// A C string of NSS takes a name with a NUL byte for another name.
bool is_askable(const std::string& name) noexcept {
  return !name.empty() && name.find('\0') == std::string::npos;
}

std::uint16_t port_of(const servent& entry) noexcept {
  return ntohs(static_cast<std::uint16_t>(entry.s_port));
}

std::string in_small_letters(std::string name) {
  for (char& c : name) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return name;
}

class SystemNames final : public Names {
 public:
  std::optional<UserIds> find_user(const std::string& name) override {
    return users_.get(name, [&]() -> std::optional<UserIds> {
      passwd entry{};
      passwd* found = nullptr;
      if (is_askable(name))
        asked_with_buffer([&](char* buffer, std::size_t size) { return ::getpwnam_r(name.c_str(), &entry, buffer, size, &found); });
      if (found == nullptr) return std::nullopt;
      return UserIds{entry.pw_uid, entry.pw_gid};
    });
  }

  std::optional<std::uint32_t> find_group(const std::string& name) override {
    return groups_.get(name, [&]() -> std::optional<std::uint32_t> {
      group entry{};
      group* found = nullptr;
      if (is_askable(name))
        asked_with_buffer([&](char* buffer, std::size_t size) { return ::getgrnam_r(name.c_str(), &entry, buffer, size, &found); });
      if (found == nullptr) return std::nullopt;
      return entry.gr_gid;
    });
  }

  std::vector<std::uint32_t> groups_of(const std::string& user, std::uint32_t gid) override {
    const auto remembered = memberships_.find({user, gid});
    if (remembered != memberships_.end()) return remembered->second;
    std::vector<gid_t> groups(64, gid);
    int count = static_cast<int>(groups.size());
    while (is_askable(user) && ::getgrouplist(user.c_str(), gid, groups.data(), &count) < 0) {
      if (groups.size() >= static_cast<std::size_t>(kMostGroups)) break;
      groups.resize(groups.size() * 4);
      count = static_cast<int>(groups.size());
    }
    groups.resize(is_askable(user) && count > 0 ? std::min(groups.size(), static_cast<std::size_t>(count)) : 1);
    return memberships_.emplace(std::pair{user, gid}, std::vector<std::uint32_t>(groups.begin(), groups.end())).first->second;
  }

  std::optional<std::uint16_t> find_port(const std::string& service, const std::string& protocol) override {
    if (!is_askable(service) || !is_askable(protocol)) return std::nullopt;
    if (!services_read_) read_services();
    // Some sources (directory servers) answer questions but don't list what they have.
    return ports_.get(service + '/' + protocol, [&]() -> std::optional<std::uint16_t> {
      servent entry{};
      servent* found = nullptr;
      asked_with_buffer([&](char* buffer, std::size_t size) {
        return ::getservbyname_r(service.c_str(), protocol.c_str(), &entry, buffer, size, &found);
      });
      if (found == nullptr) return std::nullopt;
      return port_of(entry);
    });
  }

  std::optional<std::uint8_t> find_protocol(const std::string& name) override {
    return protocols_.get(name, [&]() -> std::optional<std::uint8_t> {
      protoent entry{};
      protoent* found = nullptr;
      if (is_askable(name)) {
        asked_with_buffer([&](char* buffer, std::size_t size) { return ::getprotobyname_r(name.c_str(), &entry, buffer, size, &found); });
      }
      if (found == nullptr || entry.p_proto < 0 || entry.p_proto > UINT8_MAX) return std::nullopt;
      return static_cast<std::uint8_t>(entry.p_proto);
    });
  }

  std::optional<std::uint32_t> find_network(const std::string& name) override {
    if (!std::exchange(networks_read_, true)) read_networks();
    const auto found = networks_.find(in_small_letters(name));
    return found == networks_.end() ? std::nullopt : std::optional(found->second);
  }

  std::optional<std::uint32_t> find_rpc(const std::string& name) override {
    return rpc_programs_.get(name, [&]() -> std::optional<std::uint32_t> {
      rpcent entry{};
      rpcent* found = nullptr;
      if (is_askable(name))
        asked_with_buffer([&](char* buffer, std::size_t size) { return ::getrpcbyname_r(name.c_str(), &entry, buffer, size, &found); });
      if (found == nullptr || entry.r_number < 0) return std::nullopt;
      return static_cast<std::uint32_t>(entry.r_number);
    });
  }

  std::vector<ScopedAddress> addresses_of_interface(const std::string& name) override {
    if (!interfaces_) interfaces_ = interface_addresses();
    std::vector<ScopedAddress> found;
    for (const InterfaceAddress& each : *interfaces_) {
      if (each.interface == name) found.push_back({each.address, is_link_local(each.address) ? each.index : 0});
    }
    return found;
  }

  std::optional<std::uint32_t> find_interface(const std::string& name) override {
    const std::uint32_t index = is_askable(name) ? interface_index(name) : 0;
    return index != 0 ? std::optional(index) : std::nullopt;
  }

  // Read by ourselves: the system's resolver would go on to ask the network, for minutes where it is silent.
  std::vector<Address> addresses_of_host(const std::string& name) override {
    std::vector<Address> found;
    std::ifstream file("/etc/hosts");
    for (std::string line; std::getline(file, line);) {
      std::istringstream words(line.substr(0, line.find('#')));
      std::string address_text;
      words >> address_text;
      const auto address = parse_address(address_text);
      if (!address || std::ranges::find(found, *address) != found.end()) continue;
      for (std::string one; words >> one;) {
        if (!::strcasecmp(one.c_str(), name.c_str())) {
          found.push_back(*address);
          break;
        }
      }
    }
    return found;
  }

  std::optional<std::string> text_of_file(const std::string& path, std::size_t most) override {
    if (!is_askable(path)) return std::nullopt;
    const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
    struct stat status {};
    if (!fd || ::fstat(fd.get(), &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
    std::string text(most + 1, '\0');
    std::size_t size = 0;
    while (size < text.size()) {
      const ssize_t count = ::read(fd.get(), text.data() + size, text.size() - size);
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return std::nullopt;
      if (count == 0) break;
      size += static_cast<std::size_t>(count);
    }
    if (size > most) return std::nullopt;
    text.resize(size);
    return text;
  }

  bool is_executable(const std::string& path) override {
    if (!is_askable(path)) return false;
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) && ::faccessat(AT_FDCWD, path.c_str(), X_OK, AT_EACCESS) == 0;
  }

 private:
  static bool is_link_local(const Address& address) noexcept {
    return !address.is_v4() && address.bytes()[0] == 0xfe && (address.bytes()[1] & 0xc0) == 0x80;
  }

  // The list, and no question for one name: for that, the system may turn to DNS, and wait.
  void read_networks() {
    ::setnetent(0);
    for (;;) {
      netent entry{};
      netent* found = nullptr;
      int host_error = 0;
      std::vector<std::string> names;  // made inside: the entry's texts lie in the buffer
      asked_with_buffer([&](char* buffer, std::size_t size) {
        const int code = ::getnetent_r(&entry, buffer, size, &found, &host_error);
        if (found == nullptr) return code;
        names.emplace_back(entry.n_name);
        for (char** alias = entry.n_aliases; alias != nullptr && *alias != nullptr; ++alias) names.emplace_back(*alias);
        return code;
      });
      if (found == nullptr) break;
      if (entry.n_addrtype != AF_INET) continue;
      // "127" in the file may arrive as 127 or as 127.0.0.0.
      std::uint32_t network = entry.n_net;
      while (network != 0 && (network & 0xff000000u) == 0) network <<= 8;
      for (const std::string& name : names) networks_.emplace(in_small_letters(name), network);
    }
    ::endnetent();
  }

  void read_services() {
    services_read_ = true;
    ::setservent(1);
    for (;;) {
      servent entry{};
      servent* found = nullptr;
      std::vector<std::string> keys;  // made inside: the entry's texts lie in the buffer
      asked_with_buffer([&](char* buffer, std::size_t size) {
        const int code = ::getservent_r(&entry, buffer, size, &found);
        if (found == nullptr) return code;
        keys.push_back(std::string{entry.s_name} + '/' + entry.s_proto);
        for (char** alias = entry.s_aliases; alias != nullptr && *alias != nullptr; ++alias)
          keys.push_back(std::string{*alias} + '/' + entry.s_proto);
        return code;
      });
      if (found == nullptr) break;
      for (const std::string& key : keys) ports_.get(key, [&] { return std::optional{port_of(entry)}; });
    }
    ::endservent();
  }

  bool services_read_ = false;
  std::optional<std::vector<InterfaceAddress>> interfaces_;
  Remembered<UserIds> users_;
  Remembered<std::uint32_t> groups_;
  Remembered<std::uint16_t> ports_;  // "name/protocol"
  Remembered<std::uint8_t> protocols_;
  bool networks_read_ = false;
  std::unordered_map<std::string, std::uint32_t> networks_;  // in small letters
  Remembered<std::uint32_t> rpc_programs_;
  std::map<std::pair<std::string, std::uint32_t>, std::vector<std::uint32_t>> memberships_;  // user, primary group
};

}  // namespace

std::unique_ptr<Names> system_names() {
  return std::make_unique<SystemNames>();
}

}  // namespace reeve
