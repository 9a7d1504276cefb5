#include "config/unit_words.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <iterator>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/printable.h"
#include "config/lexer.h"

namespace reeve {
namespace {

// A number of exactly `digits` digits.
std::optional<std::uint32_t> code_of(std::string_view text, std::size_t digits, int base) {
  if (text.size() < digits) return std::nullopt;
  std::uint32_t code = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + digits, code, base);
  if (error != std::errc() || end != text.data() + digits || code == 0 || code > 0x10ffff) return std::nullopt;
  return code;
}

// `text` begins behind the backslash; the bytes that the escape takes, 0 when there is none.
std::size_t append_escaped(std::string& out, std::string_view text) {
  static constexpr std::string_view kLetters = "abfnrtv\\\"'s", kMeanings = "\a\b\f\n\r\t\v\\\"' ";
  if (text.empty()) return 0;
  if (const std::size_t at = kLetters.find(text.front()); at != std::string_view::npos) {
    out += kMeanings[at];
    return 1;
  }
  struct Form {
    char letter;
    std::size_t digits;
  };
  static constexpr auto kForms = std::to_array<Form>({{'x', 2}, {'u', 4}, {'U', 8}});
  for (const Form& form : kForms) {
    if (text.front() != form.letter) continue;
    const auto code = code_of(text.substr(1), form.digits, 16);
    if (!code) return 0;
    if (form.letter == 'x') {
      out += static_cast<char>(static_cast<unsigned char>(*code));
    } else {
      append_utf8(out, *code);
    }
    return 1 + form.digits;
  }
  const auto code = code_of(text, 3, 8);
  if (!code || *code > 0xff) return 0;
  out += static_cast<char>(static_cast<unsigned char>(*code));
  return 3;
}

bool is_variable_byte(char c) noexcept {
  return c == '_' || (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z');
}

std::string quoted(std::string_view text, bool doubles_dollars) {
  const auto is_harmless = [](char c) {
    return (lower(c) >= 'a' && lower(c) <= 'z') || (c >= '0' && c <= '9') || std::string_view("-_./=:,+@%$*?!~^#()[]{}<>|&").contains(c) ||
           static_cast<unsigned char>(c) >= 0x80;
  };
  const bool is_plain = !text.empty() && std::ranges::all_of(text, is_harmless);
  std::string out = is_plain ? "" : "\"";
  for (const char c : text) {
    if (c == '%' || (c == '$' && doubles_dollars)) {
      out += c;
      out += c;
    } else if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      fmt::format_to(std::back_inserter(out), "\\x{:02x}", static_cast<unsigned>(static_cast<unsigned char>(c)));
    } else {
      out += c;
    }
  }
  return is_plain ? out : out + '"';
}

}  // namespace

Result<std::vector<UnitWord>> split_unit_words(std::string_view text) {
  std::vector<UnitWord> words;
  std::size_t at = 0;
  for (;;) {
    while (at < text.size() && is_blank(text[at])) ++at;
    if (at == text.size()) return words;
    UnitWord word;
    char quote = '\0';
    for (; at < text.size() && (quote != '\0' || !is_blank(text[at])); ++at) {
      const char c = text[at];
      if (c == '\\') {
        const std::size_t bytes = append_escaped(word.text, text.substr(at + 1));
        if (bytes == 0) return failure(fmt::format("`{}` begins no escape", printable(text.substr(at, 4))));
        at += bytes;
        word.is_plain = false;
      } else if (quote != '\0' ? c == quote : c == '"' || c == '\'') {
        quote = quote != '\0' ? '\0' : c;
        word.is_plain = false;
      } else {
        word.text += c;
      }
    }
    if (quote != '\0') return failure("a quote is not closed");
    words.push_back(std::move(word));
  }
}

Result<std::string> expand_specifiers(std::string_view text, const UnitFacts& facts) {
  static constexpr auto kFolders = std::to_array<std::pair<char, std::string_view>>({{'%', "%"},
                                                                                     {'t', "/run"},
                                                                                     {'S', "/var/lib"},
                                                                                     {'C', "/var/cache"},
                                                                                     {'L', "/var/log"},
                                                                                     {'E', "/etc"},
                                                                                     {'T', "/tmp"},
                                                                                     {'V', "/var/tmp"}});
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '%') {
      out += text[at];
      continue;
    }
    // A single one at the end stands for itself.
    if (++at == text.size()) return out += '%';
    const char which = text[at];
    const auto folder = std::ranges::find(kFolders, which, &std::pair<char, std::string_view>::first);
    if (folder != kFolders.end()) {
      out += folder->second;
    } else if (which == 'p' || which == 'P') {
      out += facts.name;
    } else if ((which == 'n' || which == 'N') && !facts.is_template) {
      out += facts.name + (which == 'n' ? facts.suffix : "");
    } else if (which == 'i' && !facts.is_template) {
      continue;
    } else {
      return failure(fmt::format("`{}` is known only when the unit runs", printable(text.substr(at - 1, 2))));
    }
  }
  return out;
}

Result<std::vector<std::string>> expand_variables(std::string_view word, const UnitFacts& facts) {
  const auto value = [&](std::string_view name) -> Result<std::string> {
    const auto found = facts.variables.find(name);
    if (found == facts.variables.end())
      return failure(fmt::format("the variable `{}` is known only when the unit runs", printable(name, 60)));
    return found->second;
  };
  const bool is_alone = word.size() > 1 && word.front() == '$' && std::ranges::all_of(word.substr(1), is_variable_byte) &&
                        !(word[1] >= '0' && word[1] <= '9');
  if (is_alone) {
    const Result<std::string> text = value(word.substr(1));
    if (!text) return std::unexpected(text.error());
    const Result<std::vector<UnitWord>> parts = split_unit_words(*text);
    if (!parts) return std::unexpected(parts.error());
    std::vector<std::string> words;
    for (const UnitWord& one : *parts) words.push_back(one.text);
    return words;
  }
  std::string out;
  for (std::size_t at = 0; at < word.size(); ++at) {
    const std::string_view rest = word.substr(at);
    if (rest.starts_with("$$")) {
      out += '$';
      ++at;
    } else if (const std::size_t end = rest.find('}'); rest.starts_with("${") && end != std::string_view::npos) {
      const Result<std::string> text = value(rest.substr(2, end - 2));
      if (!text) return std::unexpected(text.error());
      out += *text;
      at += end;
    } else {
      out += word[at];
    }
  }
  return std::vector{std::move(out)};
}

std::string unit_word(std::string_view text) {
  return quoted(text, false);
}

std::string unit_argument(std::string_view text) {
  return quoted(text, true);
}

}  // namespace reeve
