#include "policy/netgroups.h"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

namespace reeve {
namespace {

constexpr std::string_view kBlanks = " \t\r";

std::string_view trimmed(std::string_view text) noexcept {
  const std::size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) + 1 - begin);
}

bool same_host(std::string_view a, std::string_view b) noexcept {
  const auto small = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::ranges::equal(a, b, [&](char x, char y) { return small(x) == small(y); });
}

struct Group {
  std::vector<std::string> hosts;  // of its triples
  std::vector<std::string> groups;
};

class Netgroups {
 public:
  explicit Netgroups(std::string_view text) {
    std::string logical;
    while (!text.empty()) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      std::string_view line = text.substr(0, end);
      text.remove_prefix(std::min(end + 1, text.size()));
      const bool goes_on = line.ends_with('\\');
      if (goes_on) line.remove_suffix(1);
      logical += line;
      if (goes_on && !text.empty()) {
        logical += ' ';
        continue;
      }
      add_line(logical);
      logical.clear();
    }
  }

  [[nodiscard]] bool has(std::string_view group, std::string_view host, int depth) const {
    const auto found = groups_.find(group);
    if (depth == 0 || found == groups_.end()) return false;
    const auto matches = [&](const std::string& one) { return one.empty() || (one != "-" && same_host(one, host)); };
    return std::ranges::any_of(found->second.hosts, matches) ||
           std::ranges::any_of(found->second.groups, [&](const std::string& one) { return has(one, host, depth - 1); });
  }

 private:
  void add_line(std::string_view line) {
    line = line.substr(0, line.find('#'));
    line = trimmed(line);
    if (line.empty()) return;
    const std::size_t name_end = std::min(line.find_first_of(" \t\r("), line.size());
    Group& group = groups_[std::string(line.substr(0, name_end))];
    line.remove_prefix(name_end);
    for (line = trimmed(line); !line.empty(); line = trimmed(line)) {
      if (line.front() == '(') {
        const std::size_t end = line.find(')');
        const std::size_t comma = line.find(',');
        if (end == std::string_view::npos || comma > end) return;
        group.hosts.emplace_back(trimmed(line.substr(1, comma - 1)));
        line.remove_prefix(end + 1);
      } else {
        const std::size_t end = std::min(line.find_first_of(" \t\r("), line.size());
        group.groups.emplace_back(line.substr(0, end));
        line.remove_prefix(end);
      }
    }
  }

  std::map<std::string, Group, std::less<>> groups_;
};

}  // namespace

bool is_in_netgroup(std::string_view text, std::string_view group, std::string_view host) {
  // Rules with netgroups are rare, and the file is short: it is read anew for each question.
  return Netgroups(text).has(group, host, kMaxNetgroupDepth);
}

}  // namespace reeve
