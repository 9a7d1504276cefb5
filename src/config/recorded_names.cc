// Names that write down what they are asked, and Names that answer from what was written.
//
// Key: a letter for the kind of question, NUL, the question. Answer: its numbers, or "-" for none.
#include <charconv>
#include <limits>
#include <utility>

#include "config/bundle.h"

namespace reeve {
namespace {

constexpr const char* kNone = "-";

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
  bool is_executable(const std::string& path) override { return one<std::uint8_t>(key_of('x', path)).has_value(); }

 private:
  [[nodiscard]] std::vector<std::uint32_t> numbers(const std::string& key) const {
    const auto found = bundle_.answers.find(key);
    return found != bundle_.answers.end() ? parse_numbers(found->second) : std::vector<std::uint32_t>();
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

std::unique_ptr<Names> recording_names(Bundle& bundle, Names& real) {
  return std::make_unique<RecordingNames>(bundle, real);
}

std::unique_ptr<Names> recorded_names(const Bundle& bundle) {
  return std::make_unique<RecordedNames>(bundle);
}

}  // namespace reeve
