#include "config/wrap_rules.h"

#include <algorithm>
#include <optional>

namespace reeve {
namespace {

// One line of a file with its continuation lines joined.
struct LogicalLine {
  std::string text;
  std::uint32_t line = 0;  // of its end, which is what the library's messages name
  bool whole = true;       // ended by a newline, and not too long
};

class Lines {
 public:
  explicit Lines(std::string_view text) : rest_(text) {}

  std::optional<LogicalLine> next() {
    if (rest_.empty()) return std::nullopt;
    LogicalLine logical;
    while (!rest_.empty()) {
      const std::size_t end = rest_.find('\n');
      const std::string_view piece = rest_.substr(0, end);
      rest_ = end == std::string_view::npos ? std::string_view() : rest_.substr(end + 1);
      ++line_;
      logical.line = line_;
      const bool goes_on = end != std::string_view::npos && piece.ends_with('\\');
      logical.text += goes_on ? piece.substr(0, piece.size() - 1) : piece;
      logical.whole =
          end != std::string_view::npos && !goes_on && logical.text.size() <= kMaxWrapLine && logical.text.find('\0') == std::string::npos;
      if (logical.text.size() > kMaxWrapLine || !goes_on) break;
    }
    return logical;
  }

 private:
  std::string_view rest_;
  std::uint32_t line_ = 0;
};

// Where a list ends: at the first ":" that is not in brackets, as IPv6 addresses stand. npos: nowhere.
std::size_t end_of_list(std::string_view text) noexcept {
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == ':') return at;
    if (text[at] == '[') {
      at = text.find(']', at);
      if (at == std::string_view::npos) return at;
    }
  }
  return std::string_view::npos;
}

bool is_blank(std::string_view text) noexcept {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

class Reading {
 public:
  Reading(const Bundle& bundle, Names& names) : bundle_(bundle), names_(names) {}

  WrapRules run() {
    rules_.diagnostics = bundle_.problems;
    if (bundle_.files.size() < kWrapFirstPatternFile) return std::move(rules_);
    read_file(kWrapAllowFile);
    rules_.first_deny = rules_.rules.size();
    read_file(kWrapDenyFile);
    return std::move(rules_);
  }

 private:
  void read_file(std::uint16_t file) {
    if (is_unreadable(file)) return refuse_the_rest({0, 0, file});
    Lines lines(bundle_.files[file].text);
    while (const auto line = lines.next()) {
      const Where where{line->line, 0, file};
      if (!line->whole) {
        const bool is_long = line->text.size() > kMaxWrapLine;
        complain(where,
                 is_long ? "the line is too long: " + std::to_string(kMaxWrapLine) + " bytes is the most, with its continuation lines"
                         : "the line is not ended by a newline",
                 file == kWrapAllowFile ? "it and all that follows in this file is ignored"
                                        : "until it is put right everybody who gets here is refused");
        return refuse_the_rest(where);
      }
      if (line->text.starts_with('#') || is_blank(line->text)) continue;
      read_rule(line->text, where);
    }
  }

  void read_rule(std::string_view text, Where where) {
    const std::size_t daemons_end = end_of_list(text);
    if (daemons_end == std::string_view::npos) {
      return complain(where, "no \":\" between daemons and clients", "the line is left out; write DAEMONS : CLIENTS");
    }
    WrapRule rule;
    rule.where = where;
    rule.daemons = wrap_words(text.substr(0, daemons_end));
    const std::string_view behind = text.substr(daemons_end + 1);
    const std::size_t clients_end = end_of_list(behind);
    rule.clients = wrap_words(behind.substr(0, clients_end));
    if (clients_end != std::string_view::npos) {
      rule.options = parse_wrap_options(behind.substr(clients_end + 1), where, names_, rules_.diagnostics);
    }
    rules_.rules.push_back(std::move(rule));
  }

  [[nodiscard]] bool is_unreadable(std::uint16_t file) const {
    return std::ranges::any_of(bundle_.problems, [&](const Diagnostic& one) { return one.where == Where{0, 0, file}; });
  }

  // In hosts.allow it admits nobody: there is no rule to be made of it.
  void refuse_the_rest(Where where) {
    if (where.file == kWrapAllowFile) return;
    WrapRule rule;
    rule.where = where;
    rule.refuses_all = true;
    rules_.rules.push_back(std::move(rule));
  }

  void complain(Where where, std::string text, std::string hint) {
    rules_.diagnostics.push_back({Severity::error, Scope::attribute, where, std::move(text), std::move(hint), {}});
  }

  const Bundle& bundle_;
  Names& names_;
  WrapRules rules_;
};

}  // namespace

WrapRules parse_wrap_rules(const Bundle& bundle, Names& names) {
  return Reading(bundle, names).run();
}

bool is_wrapped(const Service& service) noexcept {
  return !service.flags.nolibwrap && !(service.types.rpc && service.is_stream());
}

std::string_view wrap_daemon_name(const Service& service) noexcept {
  if (!service.libwrap.empty()) return service.libwrap;
  if (service.launch == nullptr) return service.name;
  const bool by_argument = service.flags.nameinargs && !service.launch->arguments.empty();
  const std::string_view path = by_argument ? service.launch->arguments.front() : service.launch->server;
  return path.substr(path.rfind('/') + 1);
}

std::vector<std::string> wrap_words(std::string_view text, std::string_view separators) {
  std::vector<std::string> words;
  for (std::size_t at = text.find_first_not_of(separators); at != std::string_view::npos; at = text.find_first_not_of(separators, at)) {
    const std::size_t end = std::min(text.find_first_of(separators, at), text.size());
    words.emplace_back(text.substr(at, end - at));
    at = end;
  }
  return words;
}

}  // namespace reeve
