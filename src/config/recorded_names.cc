// Names that write down what they are asked, and Names that answer from what was written.
//
// Key: a letter for the kind of question, NUL, the question. Answer: its numbers, or "=" and a text, or "-" for none.
#include <array>
#include <charconv>
#include <limits>
#include <utility>

#include "config/bundle.h"

namespace reeve {
namespace {

constexpr const char* kNone = "-";
constexpr char kInterfaceAddresses = 'i', kInterfaceIndex = 'I', kHostAddresses = 'h', kFileText = 'f';
constexpr char kText = '=';  // what an answer that is a text begins with

std::string key_of(char kind, const std::string& question) {
  std::string key{kind, '\0'};
  return key += question;
}

std::string key_of(char kind, const std::string& first, const std::string& second) {
  std::string key = key_of(kind, first);
  key += '\0';
  return key += second;
}

std::string numbers_text(const std::vector<std::uint32_t>& numbers) {
  std::string text;
  for (const std::uint32_t number : numbers) {
    if (!text.empty()) text += ' ';
    text += std::to_string(number);
  }
  return text;
}

std::string addresses_text(const std::vector<ScopedAddress>& addresses) {
  std::vector<std::uint32_t> numbers;
  for (const ScopedAddress& each : addresses) {
    for (std::size_t word = 0; word < 4; ++word) {
      std::uint32_t number = 0;
      for (std::size_t byte = 0; byte < 4; ++byte) number = number << 8 | each.address.bytes()[4 * word + byte];
      numbers.push_back(number);
    }
    numbers.push_back(each.scope);
  }
  return numbers_text(numbers);
}

// What isn't a number ends the list.
std::vector<std::uint32_t> parse_numbers(std::string_view text) {
  std::vector<std::uint32_t> numbers;
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at != end) {
    std::uint32_t number = 0;
    const auto [next, error] = std::from_chars(at, end, number);
    if (error != std::errc()) break;
    numbers.push_back(number);
    at = next;
    if (at != end && *at == ' ') ++at;
  }
  return numbers;
}

class RecordingNames final : public Names {
 public:
  RecordingNames(Bundle& bundle, Names& real) : bundle_(bundle), real_(real) {}

  std::optional<UserIds> find_user(const std::string& name) override {
    const auto found = real_.find_user(name);
    write(key_of('u', name), found ? numbers_text({found->uid, found->gid}) : kNone);
    return found;
  }
  std::optional<std::uint32_t> find_group(const std::string& name) override { return one('g', name, real_.find_group(name)); }
  std::vector<std::uint32_t> groups_of(const std::string& user, std::uint32_t gid) override {
    std::vector<std::uint32_t> found = real_.groups_of(user, gid);
    write(key_of('m', user, std::to_string(gid)), numbers_text(found));
    return found;
  }
  std::optional<std::uint16_t> find_port(const std::string& service, const std::string& protocol) override {
    const auto found = real_.find_port(service, protocol);
    write(key_of('s', service, protocol), found ? std::to_string(*found) : kNone);
    return found;
  }
  std::optional<std::uint8_t> find_protocol(const std::string& name) override { return one('p', name, real_.find_protocol(name)); }
  std::optional<std::uint32_t> find_network(const std::string& name) override { return one('n', name, real_.find_network(name)); }
  std::optional<std::uint32_t> find_rpc(const std::string& name) override { return one('r', name, real_.find_rpc(name)); }
  std::vector<ScopedAddress> addresses_of_interface(const std::string& name) override {
    const auto found = real_.addresses_of_interface(name);
    write(key_of(kInterfaceAddresses, name), addresses_text(found));
    return found;
  }
  std::optional<std::uint32_t> find_interface(const std::string& name) override {
    return one(kInterfaceIndex, name, real_.find_interface(name));
  }
  std::vector<Address> addresses_of_host(const std::string& name) override {
    auto found = real_.addresses_of_host(name);
    std::vector<ScopedAddress> scoped;
    for (const Address& address : found) scoped.push_back({address, 0});
    write(key_of(kHostAddresses, name), addresses_text(scoped));
    return found;
  }
  std::optional<std::string> text_of_file(const std::string& path, std::size_t most) override {
    auto found = real_.text_of_file(path, most);
    write(key_of(kFileText, path), found ? kText + *found : kNone);
    return found;
  }
  bool is_executable(const std::string& path) override {
    const bool found = real_.is_executable(path);
    write(key_of('x', path), found ? "1" : kNone);
    return found;
  }

 private:
  template <class T>
  std::optional<T> one(char kind, const std::string& question, std::optional<T> found) {
    write(key_of(kind, question), found ? std::to_string(*found) : kNone);
    return found;
  }
  void write(std::string key, std::string answer) { bundle_.answers.insert_or_assign(std::move(key), std::move(answer)); }

  Bundle& bundle_;
  Names& real_;
};

class RecordedNames final : public Names {
 public:
  explicit RecordedNames(const Bundle& bundle) : bundle_(bundle) {}

  std::optional<UserIds> find_user(const std::string& name) override {
    const std::vector<std::uint32_t> found = numbers(key_of('u', name));
    if (found.size() != 2) return std::nullopt;
    return UserIds{found[0], found[1]};
  }
  std::optional<std::uint32_t> find_group(const std::string& name) override { return one<std::uint32_t>(key_of('g', name)); }
  std::vector<std::uint32_t> groups_of(const std::string& user, std::uint32_t gid) override {
    return numbers(key_of('m', user, std::to_string(gid)));
  }
  std::optional<std::uint16_t> find_port(const std::string& service, const std::string& protocol) override {
    return one<std::uint16_t>(key_of('s', service, protocol));
  }
  std::optional<std::uint8_t> find_protocol(const std::string& name) override { return one<std::uint8_t>(key_of('p', name)); }
  std::optional<std::uint32_t> find_network(const std::string& name) override { return one<std::uint32_t>(key_of('n', name)); }
  std::optional<std::uint32_t> find_rpc(const std::string& name) override { return one<std::uint32_t>(key_of('r', name)); }
  std::vector<ScopedAddress> addresses_of_interface(const std::string& name) override {
    return addresses(key_of(kInterfaceAddresses, name));
  }
  std::optional<std::uint32_t> find_interface(const std::string& name) override {
    return one<std::uint32_t>(key_of(kInterfaceIndex, name));
  }
  std::vector<Address> addresses_of_host(const std::string& name) override {
    std::vector<Address> found;
    for (const ScopedAddress& each : addresses(key_of(kHostAddresses, name))) found.push_back(each.address);
    return found;
  }
  std::optional<std::string> text_of_file(const std::string& path, std::size_t most) override {
    const auto found = bundle_.answers.find(key_of(kFileText, path));
    if (found == bundle_.answers.end() || !found->second.starts_with(kText) || found->second.size() > most + 1) return std::nullopt;
    return found->second.substr(1);
  }
  bool is_executable(const std::string& path) override { return one<std::uint8_t>(key_of('x', path)).has_value(); }

 private:
  [[nodiscard]] std::vector<std::uint32_t> numbers(const std::string& key) const {
    const auto found = bundle_.answers.find(key);
    return found != bundle_.answers.end() ? parse_numbers(found->second) : std::vector<std::uint32_t>();
  }
  // Five numbers each: the address and its scope.
  [[nodiscard]] std::vector<ScopedAddress> addresses(const std::string& key) const {
    const std::vector<std::uint32_t> all = numbers(key);
    std::vector<ScopedAddress> found;
    for (std::size_t at = 0; at + 5 <= all.size(); at += 5) {
      std::array<std::uint8_t, 16> bytes{};
      for (std::size_t each = 0; each < bytes.size(); ++each)
        bytes[each] = static_cast<std::uint8_t>(all[at + each / 4] >> (24 - 8 * (each % 4)));
      found.push_back({Address(bytes), all[at + 4]});
    }
    return found;
  }
  template <class T>
  [[nodiscard]] std::optional<T> one(const std::string& key) const {
    const std::vector<std::uint32_t> found = numbers(key);
    if (found.size() != 1 || found[0] > std::numeric_limits<T>::max()) return std::nullopt;
    return static_cast<T>(found[0]);
  }

  const Bundle& bundle_;
};

}  // namespace

bool refresh_addresses(Bundle& bundle, Names& real) {
  bool changed = false;
  Bundle fresh;
  RecordingNames names(fresh, real);
  for (auto& [key, answer] : bundle.answers) {
    if (key.size() < 2 || key[1] != '\0') continue;
    const std::string question = key.substr(2);
    if (key[0] == kInterfaceAddresses) {
      (void)names.addresses_of_interface(question);
    } else if (key[0] == kInterfaceIndex) {
      (void)names.find_interface(question);
    } else {
      continue;
    }
    std::string& now = fresh.answers[key];
    changed = changed || now != answer;
    answer = std::move(now);
  }
  return changed;
}

std::unique_ptr<Names> recording_names(Bundle& bundle, Names& real) {
  return std::make_unique<RecordingNames>(bundle, real);
}

std::unique_ptr<Names> recorded_names(const Bundle& bundle) {
  return std::make_unique<RecordedNames>(bundle);
}

}  // namespace reeve
