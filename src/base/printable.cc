#include "base/printable.h"

#include <array>
#include <cstdint>

namespace reeve {
namespace {

constexpr std::size_t kEllipsis = 3;

struct Decoded {
  std::uint32_t code = 0;
  std::size_t bytes = 0;  // 0: malformed
};

// RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF.
Decoded decoded(std::string_view text) noexcept {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < length) return {};
  std::uint32_t code = lead & (0x7fu >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return {};
    code = code << 6 | (byte(i) & 0x3fu);
  }
  constexpr std::array<std::uint32_t, 5> kLeast{0, 0, 0x80, 0x800, 0x10000};
  if (code < kLeast[length] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return {};
  return {code, length};
}

bool controls(std::uint32_t code) noexcept {
  if (code < 0x20 || (code >= 0x7f && code < 0xa0)) return true;
  // Line and paragraph separators; marks that reorder what follows them on the screen.
  return code == 0x2028 || code == 0x2029 || (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
}

}  // namespace

Utf8Character first_character(std::string_view text) noexcept {
  const Decoded character = decoded(text);
  if (character.bytes == 0) return {};
  return {character.bytes, !controls(character.code)};
}

void append_utf8(std::string& text, char32_t code) {
  const auto put = [&](char32_t byte) { text += static_cast<char>(byte); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xc0 | code >> 6);
    put(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    put(0xe0 | code >> 12);
    put(0x80 | (code >> 6 & 0x3f));
    put(0x80 | (code & 0x3f));
  } else {
    put(0xf0 | code >> 18);
    put(0x80 | (code >> 12 & 0x3f));
    put(0x80 | (code >> 6 & 0x3f));
    put(0x80 | (code & 0x3f));
  }
}

std::string printable(std::string_view text, std::size_t most) {
  std::string result;
  result.reserve(text.size() < most ? text.size() : most);
  std::size_t last_cut = 0;  // where the text may end so that "..." still fits
  while (!text.empty()) {
    const Utf8Character character = first_character(text);
    const std::string_view shown = character.printable ? text.substr(0, character.bytes) : std::string_view{"?"};
    if (result.size() + shown.size() > most) {
      result.resize(last_cut);
      return most < kEllipsis ? result : result + "...";
    }
    result += shown;
    if (most >= kEllipsis && result.size() <= most - kEllipsis) last_cut = result.size();
    text.remove_prefix(character.bytes);
  }
  return result;
}

std::string json_string(std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string result = "\"";
  result.reserve(text.size() + 2);
  while (!text.empty()) {
    const Decoded character = decoded(text);
    const auto code = character.code;
    if (character.bytes == 0) {
      result += "\xef\xbf\xbd";
    } else if (code == '"' || code == '\\') {
      result += '\\';
      result += text[0];
    } else if (code == '\n') {
      result += "\\n";
    } else if (code == '\t') {
      result += "\\t";
    } else if (controls(code)) {
      result += "\\u";
      for (unsigned shift = 16; shift > 0; shift -= 4) result += kHex[code >> (shift - 4) & 0xf];
    } else {
      result += text.substr(0, character.bytes);
    }
    text.remove_prefix(character.bytes == 0 ? 1 : character.bytes);
  }
  return result += '"';
}

}  // namespace reeve
