#include "sys/host_databases.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <optional>

#include "base/host_name.h"
#include "base/unique_fd.h"

namespace reeve {
namespace {

constexpr std::string_view kBlanks = " \t\r\v\f";

std::string_view next_line(std::string_view& text) noexcept {
  const std::size_t end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line.substr(0, line.find('#'));
}

std::string_view next_word(std::string_view& line) noexcept {
  const std::size_t begin = std::min(line.find_first_not_of(kBlanks), line.size());
  line.remove_prefix(begin);
  const std::string_view word = line.substr(0, line.find_first_of(kBlanks));
  line.remove_prefix(word.size());
  return word;
}

std::string contents_of(const std::string& path) {
  std::string text;
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat status {};
  if (!file || ::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) return text;
  text.resize(std::min(static_cast<std::size_t>(status.st_size), HostDatabases::kMaxFile));
  std::size_t got = 0;
  while (got < text.size()) {
    const ssize_t count = ::read(file.get(), text.data() + got, text.size() - got);
    if (count <= 0) break;
    got += static_cast<std::size_t>(count);
  }
  text.resize(got);
  return text;
}

}  // namespace

HostsTable parse_hosts(std::string_view text) {
  HostsTable table;
  while (!text.empty()) {
    std::string_view line = next_line(text);
    std::string_view first = next_word(line);
    // The scope of a link-local address is of no use for a comparison.
    const auto address = parse_address(first.substr(0, first.find('%')));
    if (!address) continue;
    std::vector<std::string> names;
    for (std::string_view word = next_word(line); !word.empty(); word = next_word(line)) {
      if (!is_host_name(word)) continue;
      names.push_back(folded_host_name(word));
      std::vector<Address>& all = table.addresses[names.back()];
      if (std::ranges::find(all, *address) == all.end()) all.push_back(*address);
    }
    if (!names.empty()) table.names.try_emplace(*address, std::move(names));
  }
  return table;
}

std::vector<HostSource> parse_host_order(std::string_view text) {
  while (!text.empty()) {
    std::string_view line = next_line(text);
    const std::string_view first = next_word(line);
    if (!first.starts_with("hosts:")) continue;
    std::string rest = std::string(first.substr(6)) + std::string(line);
    std::ranges::replace(rest, '[', ' ');
    std::string_view words = rest;
    std::vector<HostSource> order;
    for (std::string_view word = next_word(words); !word.empty(); word = next_word(words)) {
      std::optional<HostSource> source;
      if (word == "files") source = HostSource::files;
      // systemd-resolved's own door; it answers as a DNS server, too, and resolv.conf names it.
      if (word == "dns" || word == "resolve") source = HostSource::dns;
      if (source && std::ranges::find(order, *source) == order.end()) order.push_back(*source);
    }
    return order;
  }
  return {HostSource::files, HostSource::dns};
}

bool FileMark::changed() noexcept {
  struct stat now {};
  if (::stat(path_.c_str(), &now) != 0) now = {};
  const bool same = known_ && now.st_dev == last_.st_dev && now.st_ino == last_.st_ino && now.st_size == last_.st_size &&
                    now.st_mtim.tv_sec == last_.st_mtim.tv_sec && now.st_mtim.tv_nsec == last_.st_mtim.tv_nsec;
  last_ = now;
  known_ = true;
  return !same;
}

bool HostDatabases::refresh(Instant now) {
  if (looked_ != Instant::min() && now - looked_ < std::chrono::seconds(1)) return false;
  looked_ = now;
  bool any = false;
  if (hosts_mark_.changed()) {
    hosts_ = parse_hosts(contents_of(hosts_mark_.path()));
    any = true;
  }
  if (nsswitch_mark_.changed()) {
    order_ = parse_host_order(contents_of(nsswitch_mark_.path()));
    any = true;
  }
  return any;
}

}  // namespace reeve
