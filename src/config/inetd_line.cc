#include "config/inetd_line.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "base/printable.h"
#include "config/values.h"

namespace reeve {

namespace {

constexpr std::size_t kName = 0, kSocketType = 1, kProtocol = 2, kWait = 3, kUser = 4, kServer = 5;

Word part(const Word& word, std::size_t from, std::size_t count = std::string_view::npos) {
  return {word.text.substr(from, count), behind(word.where, from)};
}

}  // namespace

void split_quoted(std::string_view text, Where where, std::vector<Word>& words) {
  std::size_t at = 0;
  while (at < text.size()) {
    if (is_blank(text[at])) {
      ++at;
      continue;
    }
    const char quote = text[at] == '"' || text[at] == '\'' ? text[at] : '\0';
    const std::size_t begin = quote != '\0' ? at + 1 : at;
    std::size_t end = begin;
    while (end < text.size() && (quote != '\0' ? text[end] != quote : !is_blank(text[end]))) ++end;
    words.push_back({text.substr(begin, end - begin), behind(where, begin)});
    at = end + 1;
  }
}

bool looks_like_service(const std::vector<Word>& words) noexcept {
  static constexpr auto kTypes = std::to_array<std::string_view>({"stream", "dgram", "raw", "rdm", "seqpacket"});
  return words.size() > kServer && std::any_of(kTypes.begin(), kTypes.end(),
                                               [&](std::string_view type) { return equal_ignoring_case(type, words[kSocketType].text); });
}

void InetdLine::set_all(std::string_view attribute, std::span<const Word> values) {
  if (around_.said != nullptr) {
    SaidAttribute& one = around_.said->emplace_back(SaidAttribute{.attribute = attribute});
    for (const Word& value : values) one.values.push_back(value.text);
  }
  apply(desk_, draft_, Assignment{.name = {attribute, values.front().where}, .op = Operator::assign, .values = values});
}

bool InetdLine::is_internal() const noexcept {
  return equal_ignoring_case(words_[kServer].text, "internal");
}

bool InetdLine::is_unix() const noexcept {
  return equal_ignoring_case(words_[kProtocol].text.substr(0, words_[kProtocol].text.find(',')), "unix");
}

bool InetdLine::apply_all() {
  if (words_.size() <= kServer) {
    const std::string_view text = "an inetd.conf line needs at least six words",
                           hint = "service socket_type protocol wait|nowait user server arguments";
    if (around_.alone) {
      desk_.refuse(draft_, words_[0].where, std::string(text), std::string(hint));
    } else {
      desk_.report.warning(words_[0].where, std::string(text), std::string(hint));
    }
    return false;
  }
  if (words_[kName].text.ends_with('/') || words_[kName].text.ends_with('+') || words_[kName].text.ends_with(':') ||
      words_[kName].text.empty()) {
    desk_.refuse(draft_, words_[kName].where, fmt::format("`{}` names no service", printable(words_[kName].text, 60)));
    return false;
  }
  if (is_unix()) {
    draft_.service.name = draft_.service.id = words_[kName].text;
    set("bind", words_[kName]);
    types_.push_back({"UNLISTED", words_[kName].where});
  } else {
    set_name();
  }
  set("socket_type", words_[kSocketType]);
  if (!is_unix()) set_protocol();
  set_wait();
  set_user();
  if (is_internal()) {
    types_.push_back({"INTERNAL", words_[kServer].where});
    set_internal_id();
  } else {
    set_program();
  }
  if (!types_.empty()) set_all("type", types_);
  if (!flags_.empty()) set_all("flags", flags_);
  return true;
}

// A number is a port that services(5) need not know; NAME/VERSIONS is a program of rpc(5), tcpmux/NAME a service behind
// tcpmux, for which tcpmux itself says + when the name has one in front. Addresses before a colon say where to listen.
void InetdLine::set_name() {
  Word word = words_[kName];
  const std::size_t colon = word.text.rfind(':');
  if (colon != std::string_view::npos) {
    set_addresses(part(word, 0, colon));
    word = part(word, colon + 1);
  } else if (!around_.addresses.text.empty()) {
    set_addresses(around_.addresses);
  }
  const std::size_t slash = word.text.find('/');
  if (slash != std::string_view::npos && equal_ignoring_case(word.text.substr(0, slash), "tcpmux")) {
    word = part(word, slash + 1);
    const bool plus = word.text.starts_with('+');
    if (plus) word = part(word, 1);
    types_.push_back({plus ? "TCPMUXPLUS" : "TCPMUX", word.where});
    draft_.service.name = draft_.service.id = word.text;
    return;
  }
  draft_.service.name = draft_.service.id = word.text.substr(0, slash);
  if (slash != std::string_view::npos) {
    set("rpc_version", part(word, slash + 1));
  } else if (parse_integer(word.text)) {
    set("port", word);
    types_.push_back({"UNLISTED", word.where});
  }
}

// "*", "127.0.0.1,[::1]".
void InetdLine::set_addresses(Word list) {
  std::vector<Word> addresses;
  for (std::size_t at = 0; at <= list.text.size();) {
    const std::size_t comma = std::min(list.text.find(',', at), list.text.size());
    Word one = part(list, at, comma - at);
    at = comma + 1;
    if (one.text == "*") return;
    if (one.text.starts_with('[') && one.text.ends_with(']')) one = part(one, 1, one.text.size() - 2);
    addresses.push_back(one);
  }
  set_all("bind", addresses);
}

// tcp, tcp4, tcp6, tcp46, tcp6only, and the same behind rpc/; sizes of buffers behind commas.
void InetdLine::set_protocol() {
  Word word = words_[kProtocol];
  const std::size_t comma = word.text.find(',');
  if (comma != std::string_view::npos) {
    desk_.report.warning(behind(word.where, comma), fmt::format("`{}` has no effect", printable(word.text.substr(comma), 40)),
                         "the system sizes buffers itself, see tcp(7)");
    word = part(word, 0, comma);
  }
  if (word.text.size() > 4 && equal_ignoring_case(word.text.substr(0, 4), "rpc/")) {
    types_.push_back({"RPC", word.where});
    word = part(word, 4);
  }
  const std::string_view base = word.text.substr(0, 3);
  if (equal_ignoring_case(base, "tcp") || equal_ignoring_case(base, "udp")) {
    set_family(word.text.substr(base.size()), behind(word.where, base.size()));
    if (word.text.size() > base.size()) word = part(word, 0, base.size());
  }
  set("protocol", word);
}

void InetdLine::set_family(std::string_view suffix, Where where) {
  if (suffix == "4") {
    flags_.push_back({"IPv4", where});
  } else if (suffix == "6" || equal_ignoring_case(suffix, "6only")) {
    flags_.push_back({"IPv6", where});
  } else if (suffix.empty()) {
    // Where a line for IPv6 stands beside it, `tcp` means what is left (FreeBSD, NetBSD, GNU).
    const std::string key = fmt::format("{}/{}", words_[kName].text, words_[kProtocol].text);
    if (around_.v6.contains(key)) flags_.push_back({"IPv4", where});
  } else if (suffix != "46" && suffix != "64") {
    desk_.refuse(draft_, where, fmt::format("unknown kind of protocol `{}`", printable(words_[kProtocol].text, 40)),
                 "tcp, tcp4, tcp6 or tcp46");
  }
}

void InetdLine::set_wait() {
  const Word& word = words_[kWait];
  const std::size_t end = std::min(word.text.find_first_of("./:"), word.text.size());
  const std::string_view mode = word.text.substr(0, end);
  const bool waits = equal_ignoring_case(mode, "wait");
  if (!waits && !equal_ignoring_case(mode, "nowait"))
    return desk_.refuse(draft_, word.where, fmt::format("`{}` is neither wait nor nowait", printable(word.text, 60)));
  if (end < word.text.size()) set_limits(word.text[end], part(word, end + 1));
  if (!waits && !is_internal() && equal_ignoring_case(words_[kSocketType].text, "dgram")) {
    desk_.report.warning(word.where, "nowait of a datagram program is taken for wait: one server runs at a time");
    return set("wait", {"yes", word.where});
  }
  set("wait", {waits ? "yes" : "no", word.where});
}

// "." or ":" and starts a minute (4.3BSD, OpenBSD, NetBSD, GNU); "/" and the most instances, starts a minute of one
// address, and the most of one address (FreeBSD).
void InetdLine::set_limits(char separator, Word limits) {
  if (separator != '/') {
    const auto rate = parse_integer(limits.text);
    if (rate && *rate > 0) {
      desk_.report.warning(limits.where, fmt::format("{} starts a minute are read as cps = {} 10: so many a second", *rate, *rate),
                           "whoever comes too often is refused for ten seconds; inetd refuses everybody for ten minutes");
    }
    const std::array<Word, 2> cps{limits, Word{"10", limits.where}};
    return set_all("cps", cps);
  }
  static constexpr auto kAttributes = std::to_array<std::string_view>({"instances", "rate_per_source", "per_source"});
  for (const std::string_view attribute : kAttributes) {
    const std::size_t slash = std::min(limits.text.find('/'), limits.text.size());
    const Word value = part(limits, 0, slash);
    if (attribute == "rate_per_source" && value.text != "0") {
      set(attribute, {desk_.store.intern(fmt::format("{}/m", value.text)), value.where});
    } else {
      set_number(attribute, value);
    }
    if (slash == limits.text.size()) return;
    limits = part(limits, slash + 1);
  }
  desk_.refuse(draft_, limits.where, fmt::format("`{}`: there are three limits at most", printable(limits.text, 20)));
}

// 0 is no limit.
void InetdLine::set_number(std::string_view attribute, const Word& word) {
  set(attribute, word.text == "0" ? Word{"UNLIMITED", word.where} : word);
}

// user, user.group, user:group, and a login class behind a slash.
void InetdLine::set_user() {
  Word word = words_[kUser];
  const std::size_t slash = word.text.find('/');
  if (slash != std::string_view::npos) {
    desk_.report.warning(behind(word.where, slash),
                         fmt::format("the login class `{}` has no effect", printable(word.text.substr(slash + 1), 40)),
                         "in xinetd.conf: rlimit_*, umask, nice, env");
    word = part(word, 0, slash);
  }
  const std::size_t separator = word.text.find_first_of(".:");
  // A user's name may hold a dot.
  const bool is_user = separator == std::string_view::npos ||
                       (word.text[separator] == '.' && desk_.names.find_user(desk_.store.intern(word.text)).has_value());
  const Word user = is_user ? word : part(word, 0, separator);
  set("user", user);
  if (!is_user) set("group", part(word, separator + 1));
  // inetd sets a user's supplementary groups, but not root's.
  if (around_.alone && draft_.launch.uid != 0) set("groups", {"yes", user.where});
}

void InetdLine::set_program() {
  set("server", words_[kServer]);
  if (words_.size() == kServer + 1) return;
  flags_.push_back({"NAMEINARGS", words_[kServer + 1].where});
  set_all("server_args", std::span(words_).subspan(kServer + 1));
}

// One name mostly serves tcp and udp.
void InetdLine::set_internal_id() {
  const bool is_stream = equal_ignoring_case(words_[kSocketType].text, "stream");
  draft_.service.id = desk_.store.intern(fmt::format("{}-{}", draft_.service.name, is_stream ? "stream" : "dgram"));
}

}  // namespace reeve
