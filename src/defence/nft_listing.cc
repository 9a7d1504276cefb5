#include "defence/nft_listing.h"

#include <charconv>
#include <system_error>

#include "defence/nft_rules.h"

namespace reeve {

namespace {

constexpr std::string_view kBlank = " \t\n";

// The first word of `text`, which is what is left behind it.
std::string_view next_word(std::string_view& text) noexcept {
  const std::size_t begin = std::min(text.find_first_not_of(kBlank), text.size());
  const std::size_t end = std::min(text.find_first_of(kBlank, begin), text.size());
  const std::string_view word = text.substr(begin, end - begin);
  text.remove_prefix(end);
  return word;
}

template <class Number>
std::optional<Number> number_of(std::string_view word) noexcept {
  Number number = 0;
  const auto read = std::from_chars(word.data(), word.data() + word.size(), number);
  if (read.ec != std::errc() || read.ptr != word.data() + word.size()) return std::nullopt;
  return number;
}

bool is_ban_set(std::string_view name) noexcept {
  return name.starts_with("ban4_") || name.starts_with("ban6_");
}
bool is_touched_set(std::string_view name) noexcept {
  return name == "touched4" || name == "touched6";
}

// "192.0.2.1 timeout 10m expires 9m59s"
void take_ban(NftListing& listing, std::string_view set, std::string_view element) {
  const auto prefix = prefix_of(set, next_word(element));
  if (!prefix) {
    ++listing.strange;
    return;
  }
  std::optional<std::chrono::milliseconds> timeout, left;
  for (std::string_view word = next_word(element); !word.empty(); word = next_word(element)) {
    if (word == "timeout") timeout = parse_nft_time(next_word(element));
    if (word == "expires") left = parse_nft_time(next_word(element));
  }
  listing.bans.push_back({*prefix, left ? left : timeout});
}

// "192.0.2.1 . 161 expires 59s"
void take_touch(NftListing& listing, std::string_view element) {
  const auto source = parse_address(next_word(element));
  const bool joined = next_word(element) == ".";
  const auto port = number_of<std::uint16_t>(next_word(element));
  if (source && joined && port) {
    listing.touches.push_back({*source, *port});
  } else {
    ++listing.strange;
  }
}

void take_elements(NftListing& listing, std::string_view set, std::string_view elements) {
  while (!elements.empty()) {
    const std::size_t comma = std::min(elements.find(','), elements.size());
    const std::string_view element = elements.substr(0, comma);
    elements.remove_prefix(std::min(comma + 1, elements.size()));
    if (element.find_first_not_of(kBlank) == std::string_view::npos) continue;
    if (is_ban_set(set)) {
      take_ban(listing, set, element);
    } else {
      take_touch(listing, element);
    }
  }
}

}  // namespace

std::optional<std::chrono::milliseconds> parse_nft_time(std::string_view text) noexcept {
  std::int64_t total = 0;
  if (text.empty()) return std::nullopt;
  while (!text.empty()) {
    std::int64_t count = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), count);
    if (read.ec != std::errc() || count < 0 || count > INT32_MAX) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(read.ptr - text.data()));
    std::int64_t unit = 0;
    std::size_t length = 1;
    if (text.starts_with("ms")) {
      unit = 1;
      length = 2;
    } else if (text.starts_with('s')) {
      unit = 1000;
    } else if (text.starts_with('m')) {
      unit = 60'000;
    } else if (text.starts_with('h')) {
      unit = 3'600'000;
    } else if (text.starts_with('d')) {
      unit = 86'400'000;
    } else {
      return std::nullopt;
    }
    text.remove_prefix(length);
    if (total > INT64_MAX - count * unit) return std::nullopt;
    total += count * unit;
  }
  return std::chrono::milliseconds(total);
}

NftListing parse_nft_listing(std::string_view text) {
  NftListing listing;
  std::string_view set;  // that we are in
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    std::string_view rest = line;
    const std::string_view word = next_word(rest);
    if (word == "set") {
      set = next_word(rest);
      if (is_ban_set(set)) listing.ban_sets.emplace_back(set);
    } else if (word == "elements" && (is_ban_set(set) || is_touched_set(set))) {
      // Over as many lines as it takes.
      const std::size_t open = std::min(text.find('{'), text.size());
      const std::size_t close = std::min(text.find('}', open), text.size());
      take_elements(listing, set, text.substr(std::min(open + 1, close), close - std::min(open + 1, close)));
      text.remove_prefix(std::min(close + 1, text.size()));
      continue;
    } else if (word == "packets") {
      listing.refused = number_of<std::uint64_t>(next_word(rest)).value_or(0);
      line = {};
    }
    // Newer versions write of a set how full it is, behind the mark of a comment.
    if (word != "comment") line = line.substr(0, line.find('#'));
    while (line.ends_with(' ')) line.remove_suffix(1);
    if (!line.empty()) listing.structure.append(line).push_back('\n');
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return listing;
}

}  // namespace reeve
