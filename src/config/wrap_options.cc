// The options of a rule, as hosts_options(5) has them.
#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <span>
#include <string>

#include "config/values.h"
#include "config/wrap_expansion.h"
#include "config/wrap_rules.h"

namespace reeve {
namespace {

using OptionKind = WrapOption::Kind;

constexpr std::string_view kBlanks = " \t\r\n";

std::string_view trimmed(std::string_view text) noexcept {
  const std::size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) + 1 - begin);
}

bool same_word(std::string_view a, std::string_view b) noexcept {
  const auto small = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::ranges::equal(a, b, [&](char x, char y) { return small(x) == small(y); });
}

// Digits only: no sign, nothing behind them. Saturates.
std::optional<std::int64_t> number_of(std::string_view text, int base = 10) noexcept {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (text.empty() || text.front() == '-' || end != text.data() + text.size()) return std::nullopt;
  if (error == std::errc::result_out_of_range) return INT64_MAX;
  return error == std::errc() ? std::optional(value) : std::nullopt;
}

struct Word {
  std::string_view text;
  std::int32_t value;
};

// syslog(3). The library knows these and no others.
constexpr std::array<Word, 17> kFacilities{{{"kern", 0},
                                            {"user", 1},
                                            {"mail", 2},
                                            {"daemon", 3},
                                            {"auth", 4},
                                            {"lpr", 6},
                                            {"news", 7},
                                            {"uucp", 8},
                                            {"cron", 9},
                                            {"local0", 16},
                                            {"local1", 17},
                                            {"local2", 18},
                                            {"local3", 19},
                                            {"local4", 20},
                                            {"local5", 21},
                                            {"local6", 22},
                                            {"local7", 23}}};
constexpr std::array<Word, 8> kPriorities{
    {{"emerg", 0}, {"alert", 1}, {"crit", 2}, {"err", 3}, {"warning", 4}, {"notice", 5}, {"info", 6}, {"debug", 7}}};

std::optional<std::int32_t> find(std::span<const Word> words, std::string_view text) noexcept {
  const auto found = std::ranges::find_if(words, [&](const Word& word) { return same_word(word.text, text); });
  return found == words.end() ? std::nullopt : std::optional(found->value);
}

enum class Value : std::uint8_t { none, may, must };

struct Keyword {
  std::string_view name;
  OptionKind kind;
  Value value;
  bool is_last = false;
  bool is_expanded = false;
};
constexpr std::array<Keyword, 15> kKeywords{{{"allow", OptionKind::allow, Value::none, true},
                                             {"deny", OptionKind::deny, Value::none, true},
                                             {"severity", OptionKind::severity, Value::must},
                                             {"spawn", OptionKind::spawn, Value::must, false, true},
                                             {"aclexec", OptionKind::aclexec, Value::must, false, true},
                                             {"twist", OptionKind::twist, Value::must, true, true},
                                             {"banners", OptionKind::banners, Value::must},
                                             {"keepalive", OptionKind::keepalive, Value::none},
                                             {"linger", OptionKind::linger, Value::must},
                                             {"rfc931", OptionKind::rfc931, Value::may},
                                             {"nice", OptionKind::nice, Value::may},
                                             {"umask", OptionKind::umask, Value::must},
                                             {"setenv", OptionKind::setenv, Value::must, false, true},
                                             {"user", OptionKind::user, Value::must},
                                             {"group", OptionKind::group, Value::must}}};

class OptionReader {
 public:
  OptionReader(Where where, Names& names, std::vector<Diagnostic>& diagnostics) : where_(where), names_(names), diagnostics_(diagnostics) {}

  std::vector<WrapOption> run(std::string_view text) {
    const std::vector<std::string> fields = split(text);
    for (std::size_t each = 0; each < fields.size(); ++each) {
      option_ = {};
      option_.where = where_;
      const bool good = read(fields[each], each + 1 == fields.size());
      options_.push_back(std::move(option_));
      if (!good) break;
    }
    return std::move(options_);
  }

 private:
  // At each ":" that has no backslash before it; there the backslash is taken away.
  static std::vector<std::string> split(std::string_view text) {
    std::vector<std::string> fields(1);
    for (std::size_t at = 0; at < text.size(); ++at) {
      if (text[at] == ':') {
        fields.emplace_back();
      } else if (text[at] == '\\' && at + 1 < text.size() && text[at + 1] == ':') {
        fields.back() += text[++at];
      } else {
        fields.back() += text[at];
      }
    }
    return fields;
  }

  bool wrong(std::string text, std::string hint = "whoever matches the rule is refused") {
    option_.kind = OptionKind::wrong;
    option_.text = text;
    diagnostics_.push_back({Severity::error, Scope::attribute, where_, std::move(text), std::move(hint), {}});
    return false;
  }

  bool read(std::string_view field, bool is_last) {
    field = trimmed(field);
    const std::size_t key_end = std::min(field.find_first_of("= \t\r\n"), field.size());
    const std::string_view key = field.substr(0, key_end);
    std::string_view value = trimmed(field.substr(key_end));
    if (value.starts_with('=')) value = trimmed(value.substr(1));
    if (key.empty()) return wrong("an option without a name");

    const auto* const keyword = std::ranges::find_if(kKeywords, [&](const Keyword& one) { return same_word(one.name, key); });
    if (keyword == kKeywords.end()) return unknown(key);
    const std::string name = "option \"" + std::string(keyword->name) + "\"";
    if (value.empty() && keyword->value == Value::must) return wrong(name + " needs a value");
    if (!value.empty() && keyword->value == Value::none) return wrong(name + " takes no value");
    if (!is_last && keyword->is_last) return wrong(name + " must be the last one of its rule");
    if (keyword->is_expanded) {
      for (const char letter : unknown_expansions(value)) {
        diagnostics_.push_back(
            {Severity::warning, Scope::attribute, where_, std::string("unknown expansion %") + letter + ": it stands for nothing", {}, {}});
      }
    }
    option_.kind = keyword->kind;
    return read_value(value);
  }

  bool unknown(std::string_view key) {
    std::vector<std::string_view> candidates;
    for (const Keyword& one : kKeywords) candidates.push_back(one.name);
    const std::string meant = did_you_mean(key, candidates);
    return wrong("unknown option \"" + std::string(key) + "\"", meant.empty() ? "whoever matches the rule is refused" : meant);
  }

  bool read_value(std::string_view value) {
    switch (option_.kind) {
      case OptionKind::allow:
      case OptionKind::deny:
      case OptionKind::keepalive:
      case OptionKind::wrong:
        return true;
      case OptionKind::spawn:
      case OptionKind::aclexec:
      case OptionKind::twist:
      case OptionKind::banners:
        option_.text = value;
        return true;
      case OptionKind::severity:
        return read_severity(value);
      case OptionKind::linger:
        return read_number(value, 10, INT32_MAX, "a number of seconds");
      case OptionKind::rfc931:
        if (value.empty()) return true;
        if (number_of(value) == 0) return wrong("0 is no time to wait for");
        return read_number(value, 10, INT32_MAX, "a number of seconds");
      case OptionKind::umask:
        return read_number(value, 8, 0777, "an octal number up to 777");
      case OptionKind::nice:
        return read_nice(value);
      case OptionKind::setenv:
        return read_setenv(value);
      case OptionKind::user:
        return read_user(value);
      case OptionKind::group:
        return read_group(value);
    }
    return true;
  }

  bool read_number(std::string_view value, int base, std::int64_t most, std::string_view what) {
    const auto number = number_of(value, base);
    if (!number || (base == 8 && *number > most)) return wrong("\"" + std::string(value) + "\" is not " + std::string(what));
    option_.number = static_cast<std::int32_t>(std::min(*number, most));
    return true;
  }

  bool read_nice(std::string_view value) {
    constexpr std::int32_t kUsual = 10, kMost = 40;
    option_.number = kUsual;
    if (value.empty()) return true;
    const bool is_negative = value.starts_with('-');
    const auto number = number_of(value.substr(is_negative || value.starts_with('+') ? 1 : 0));
    if (!number) return wrong("\"" + std::string(value) + "\" is not a number to be nice by");
    option_.number = static_cast<std::int32_t>(std::min<std::int64_t>(*number, kMost)) * (is_negative ? -1 : 1);
    return true;
  }

  bool read_severity(std::string_view value) {
    constexpr std::int32_t kNotGiven = 255;
    const std::size_t dot = value.find('.');
    std::int32_t facility = kNotGiven;
    if (dot != std::string_view::npos) {
      const auto found = find(kFacilities, value.substr(0, dot));
      if (!found)
        return wrong("\"" + std::string(value.substr(0, dot)) + "\" is no syslog facility",
                     "kern user mail daemon auth lpr news uucp cron local0..7");
      facility = *found;
    }
    const std::string_view word = dot == std::string_view::npos ? value : value.substr(dot + 1);
    const auto priority = find(kPriorities, word);
    if (!priority) return wrong("\"" + std::string(word) + "\" is no syslog severity", "emerg alert crit err warning notice info debug");
    option_.number = facility * 8 + *priority;
    return true;
  }

  bool read_setenv(std::string_view value) {
    const std::size_t end = std::min(value.find_first_of(kBlanks), value.size());
    option_.name = value.substr(0, end);
    option_.text = trimmed(value.substr(end));
    if (option_.name.find('=') != std::string::npos) return wrong("a variable's name can't have \"=\" in it", "write setenv NAME VALUE");
    return true;
  }

  bool find_group(std::string_view name) {
    const auto found = names_.find_group(std::string(name));
    if (!found) return wrong("unknown group \"" + std::string(name) + "\"");
    option_.gid = *found;
    option_.groups = {*found};
    return true;
  }

  bool read_group(std::string_view value) {
    option_.name = value;
    return find_group(value);
  }

  bool read_user(std::string_view value) {
    const std::size_t dot = value.find('.');
    option_.name = value.substr(0, dot);
    if (dot != std::string_view::npos && !find_group(value.substr(dot + 1))) return false;
    const auto found = names_.find_user(option_.name);
    if (!found) return wrong("unknown user \"" + option_.name + "\"");
    option_.uid = found->uid;
    if (dot != std::string_view::npos) return true;
    option_.gid = found->gid;
    option_.groups = names_.groups_of(option_.name, found->gid);
    return true;
  }

  Where where_;
  Names& names_;
  std::vector<Diagnostic>& diagnostics_;
  std::vector<WrapOption> options_;
  WrapOption option_;
};

}  // namespace

std::vector<WrapOption> parse_wrap_options(std::string_view text, Where where, Names& names, std::vector<Diagnostic>& diagnostics) {
  return OptionReader(where, names, diagnostics).run(text);
}

}  // namespace reeve
