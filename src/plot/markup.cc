#include "plot/markup.h"

#include <algorithm>
#include <utility>

#include "base/printable.h"

namespace reeve {

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : printable(text)) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

double width_of(std::string_view text, double font_size) {
  // Of the width of the letter m, more or less: narrow, capital, others.
  double units = 0;
  for (std::string_view rest = text; !rest.empty();) {
    const Utf8Character character = first_character(rest);
    const char c = rest.front();
    const bool is_narrow = std::string_view{"ijl.,:;|'!()[]/ "}.find(c) != std::string_view::npos;
    units += is_narrow ? 0.34 : (c >= 'A' && c <= 'Z') || c == 'm' || c == 'w' ? 0.78 : character.bytes > 2 ? 1.0 : 0.59;
    rest.remove_prefix(character.bytes);
  }
  return units * font_size;
}

std::vector<std::string> wrapped(std::string_view text, double width, double font_size) {
  std::vector<std::string> lines;
  std::string line;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (word.empty()) continue;
    std::string longer = line.empty() ? std::string(word) : line + ' ' + std::string(word);
    if (!line.empty() && width_of(longer, font_size) > width) {
      lines.push_back(std::move(line));
      longer = word;
    }
    line = std::move(longer);
  }
  if (!line.empty()) lines.push_back(std::move(line));
  return lines;
}

}  // namespace reeve
