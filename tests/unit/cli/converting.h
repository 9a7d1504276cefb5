// What the tests of conversions share: files that are not there, converted, and dice for what is made up.
#pragma once

#include <map>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "cli/convert.h"
#include "unit/config/parsing.h"

namespace reeve {

using Direction = ConvertRequest::Direction;

class Dice {
 public:
  explicit Dice(unsigned seed) : random_(seed) {}
  std::size_t below(std::size_t end) { return std::uniform_int_distribution<std::size_t>(0, end - 1)(random_); }
  bool sometimes(std::size_t one_in = 3) { return below(one_in) == 0; }
  std::string one_of(const std::vector<std::string>& words) { return words[below(words.size())]; }
  std::string some_of(const std::vector<std::string>& words, std::size_t most) {
    std::string text;
    for (std::size_t count = 1 + below(most); count > 0; --count) text += (text.empty() ? "" : " ") + one_of(words);
    return text;
  }

 private:
  std::mt19937 random_;
};

inline Conversion from_inetd(const std::string& text, ConvertRequest request = {}) {
  FakeFiles files;
  files.files["/etc/inetd.conf"] = text;
  FakeNames names;
  return convert(request, files, names);
}

inline Conversion from_systemd(const std::map<std::string, std::string>& units, ConvertRequest request = {}) {
  FakeFiles files;
  for (const auto& [name, text] : units) {
    files.files["/units/" + name] = text;
    files.directories["/units"].push_back(name);
  }
  FakeNames names;
  request.direction = Direction::from_systemd;
  if (request.words.empty()) request.words = {"/units"};
  return convert(request, files, names);
}

inline Conversion to_systemd(const std::string& text, ConvertRequest request = {}, const std::string& hosts_deny = "") {
  FakeFiles files;
  files.files["/etc/xinetd.conf"] = text;
  if (!hosts_deny.empty()) files.files["/etc/hosts.deny"] = hosts_deny;
  FakeNames names;
  request.direction = Direction::to_systemd;
  request.path = "/etc/xinetd.conf";
  if (request.output.empty()) request.output = "/out";
  return convert(request, files, names);
}

inline std::string unit(const Conversion& conversion, const std::string& path) {
  for (const NewFile& file : conversion.files) {
    if (file.path == path) return file.text;
  }
  return "there is no " + path;
}

inline bool holds(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace reeve
