#include "defence/ban_list_book.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/printable.h"

namespace reeve {
namespace {

constexpr std::size_t kMostName = 50;

std::string_view last_part(std::string_view path) noexcept {
  while (path.ends_with('/')) path.remove_suffix(1);
  return path.substr(path.rfind('/') + 1);
}

}  // namespace

std::string list_name(std::string_view source) {
  const std::size_t scheme = source.find("://");
  if (scheme == std::string_view::npos) return printable(last_part(source), kMostName);
  std::string_view rest = source.substr(scheme + 3);
  rest = rest.substr(0, rest.find_first_of("?#"));
  const std::size_t slash = rest.find('/');
  std::string_view host = rest.substr(0, slash);
  if (const std::size_t at = host.rfind('@'); at != std::string_view::npos) host.remove_prefix(at + 1);
  const std::string_view last = slash == std::string_view::npos ? std::string_view() : last_part(rest.substr(slash));
  return printable(last.empty() ? std::string(host) : std::string(host) + "/" + std::string(last), kMostName);
}

BanListBook::BanListBook(const BanListTerms& terms) {
  for (const BanList& list : terms.lists) {
    std::string name = list_name(list.source);
    const std::string plain = name;
    for (int number = 2; std::ranges::find(lists_, name, &Listed::name) != lists_.end(); ++number)
      name = plain + "#" + std::to_string(number);
    lists_.push_back({.name = std::move(name), .prefixes = {}, .is_read = false});
  }
}

bool BanListBook::inherit(std::string_view name, const Prefix& prefix) {
  const auto list = std::ranges::find(lists_, name, &Listed::name);
  if (list == lists_.end()) return false;
  if (!list->is_read) list->prefixes.push_back(prefix);
  return true;
}

void BanListBook::inherited() {
  for (Listed& list : lists_) {
    if (list.is_read) continue;
    std::ranges::sort(list.prefixes);
    const auto rest = std::ranges::unique(list.prefixes);
    list.prefixes.erase(rest.begin(), rest.end());
  }
}

BanListBook::Change BanListBook::read(std::size_t list, std::vector<Prefix> prefixes) {
  Change change;
  std::vector<Prefix>& before = lists_[list].prefixes;
  std::ranges::set_difference(before, prefixes, std::back_inserter(change.gone));
  change.added = prefixes.size() - (before.size() - change.gone.size());
  std::erase_if(change.gone, [&](const Prefix& prefix) {
    for (std::size_t other = 0; other < lists_.size(); ++other) {
      if (other != list && std::ranges::binary_search(lists_[other].prefixes, prefix)) return true;
    }
    return false;
  });
  before = std::move(prefixes);
  lists_[list].is_read = true;
  return change;
}

}  // namespace reeve
