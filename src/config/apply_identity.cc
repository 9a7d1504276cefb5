// What a service is: its name, its socket, its kind.
#include <array>
#include <utility>

#include <fmt/format.h>

#include "base/printable.h"
#include "config/apply.h"
#include "config/values.h"

namespace reeve::apply_attribute {
namespace {

// A word of a fixed set and what it does to the draft.
struct Keyword {
  std::string_view word;
  void (*set)(Draft&);
};

template <std::size_t N>
void apply_keywords(Desk& desk, Draft& draft, const Assignment& assignment, const std::array<Keyword, N>& keywords) {
  for (const Word& word : assignment.values) {
    const Keyword* found = nullptr;
    for (const Keyword& keyword : keywords) {
      if (equal_ignoring_case(word.text, keyword.word)) found = &keyword;
    }
    if (found != nullptr) {
      found->set(draft);
      continue;
    }
    std::array<std::string_view, N> known;
    for (std::size_t i = 0; i < N; ++i) known[i] = keywords[i].word;
    refuse_word(desk, draft, assignment, word, known);
  }
}

constexpr auto kTypes = std::to_array<Keyword>({
    {"RPC", [](Draft& d) { d.service.types.rpc = true; }},
    {"INTERNAL", [](Draft& d) { d.service.types.internal = true; }},
    {"UNLISTED", [](Draft& d) { d.service.types.unlisted = true; }},
    {"SPECIAL", [](Draft& d) { d.service.types.special = true; }},
    {"TCPMUX", [](Draft& d) { d.service.types.tcpmux = true; }},
    {"TCPMUXPLUS", [](Draft& d) { d.service.types.tcpmuxplus = true; }},
});

constexpr auto kFlags = std::to_array<Keyword>({
    {"INTERCEPT", [](Draft& d) { d.service.flags.intercept = true; }},
    {"NORETRY", [](Draft& d) { d.service.flags.noretry = true; }},
    {"IDONLY", [](Draft& d) { d.service.flags.idonly = true; }},
    {"NAMEINARGS", [](Draft& d) { d.service.flags.nameinargs = true; }},
    {"NODELAY", [](Draft& d) { d.service.flags.nodelay = true; }},
    {"KEEPALIVE", [](Draft& d) { d.service.flags.keepalive = true; }},
    {"NOLIBWRAP", [](Draft& d) { d.service.flags.nolibwrap = true; }},
    {"SENSOR", [](Draft& d) { d.service.flags.sensor = true; }},
    {"LABELED", [](Draft& d) { d.service.flags.labeled = true; }},
    {"LISTEN_FDS", [](Draft& d) { d.service.flags.listen_fds = true; }},
    {"UCSPI", [](Draft& d) { d.service.flags.ucspi = true; }},
    {"RESOLVE", [](Draft& d) { d.service.flags.resolve = true; }},
    {"REMOTE_ADDR", [](Draft& d) { d.service.flags.remote_addr = true; }},
    {"IPv4", [](Draft& d) { d.flag_v4 = true; }},
    {"IPv6", [](Draft& d) { d.flag_v6 = true; }},
    {"REUSE", [](Draft&) {}},
});

}  // namespace

void id(Desk&, Draft& draft, const Assignment& assignment) {
  draft.service.id = value_of(assignment).text;  // interned when the entry is settled
}

void type(Desk& desk, Draft& draft, const Assignment& assignment) {
  apply_keywords(desk, draft, assignment, kTypes);
}

void flags(Desk& desk, Draft& draft, const Assignment& assignment) {
  apply_keywords(desk, draft, assignment, kFlags);
}

void socket_type(Desk& desk, Draft& draft, const Assignment& assignment) {
  static constexpr auto kWords = std::to_array<std::string_view>({"stream", "dgram", "raw", "seqpacket"});
  for (std::size_t i = 0; i < kWords.size(); ++i) {
    if (!equal_ignoring_case(value_of(assignment).text, kWords[i])) continue;
    draft.service.socket_type = static_cast<SocketType>(i);
    return;
  }
  refuse_word(desk, draft, assignment, value_of(assignment), kWords);
}
static_assert(static_cast<int>(SocketType::stream) == 0 && static_cast<int>(SocketType::seqpacket) == 3);

void protocol(Desk& desk, Draft& draft, const Assignment& assignment) {
  const Word& word = value_of(assignment);
  // Those two are needed even where protocols(5) is missing.
  if (equal_ignoring_case(word.text, "tcp") || equal_ignoring_case(word.text, "udp")) {
    const bool is_tcp = lower(word.text.front()) == 't';
    draft.service.protocol = is_tcp ? 6 : 17;
    draft.protocol = is_tcp ? "tcp" : "udp";
    return;
  }
  const std::optional<std::uint8_t> found = desk.names.names().find_protocol(std::string(word.text));
  if (!found) return desk.refuse(draft, word.where, fmt::format("protocol `{}` is not in protocols(5)", printable(word.text, 60)));
  draft.service.protocol = *found;
  draft.protocol = desk.store.intern(word.text);
}

void wait(Desk& desk, Draft& draft, const Assignment& assignment) {
  if (const std::optional<bool> value = read_yes_no(desk, draft, assignment)) draft.service.wait = *value;
}

// "21", "20-25"; names of services(5) begin with a letter and are looked up when the protocol is known.
static std::optional<PortWord> parse_port_word(Desk& desk, const Word& word) {
  const bool is_number = word.text.find_first_not_of("0123456789-+") == std::string_view::npos;
  if (!is_number) return PortWord{.name = desk.store.intern(word.text), .where = word.where};
  const std::size_t dash = word.text.find('-', 1);
  const bool is_range = dash != std::string_view::npos;
  const auto first = parse_integer(word.text.substr(0, dash));
  const auto last = is_range ? parse_integer(word.text.substr(dash + 1)) : first;
  if (!first || !last || *first < (is_range ? 1 : 0) || *last < *first || *last > UINT16_MAX) return std::nullopt;
  return PortWord{.range = {static_cast<std::uint16_t>(*first), static_cast<std::uint16_t>(*last)}, .where = word.where};
}

void port(Desk& desk, Draft& draft, const Assignment& assignment) {
  constexpr std::string_view kUnused = "UNUSED";
  for (const Word& word : assignment.values) {
    if (equal_ignoring_case(word.text, kUnused)) {
      draft.service.on_unused_ports = true;
      if (assignment.values.size() > 1) desk.refuse(draft, word.where, "port: UNUSED means all ports that nobody has and stands alone");
      continue;
    }
    const auto parsed = parse_port_word(desk, word);
    if (!parsed) {
      desk.refuse(draft, word.where, fmt::format("port: `{}` is not a number from 0 to 65535", printable(word.text, 60)),
                  word.text.find('-', 1) == std::string_view::npos ? "" : "a range is written 20-25");
      continue;
    }
    draft.ports.push_back(*parsed);
  }
}

void socket_mode(Desk& desk, Draft& draft, const Assignment& assignment) {
  const Word& word = value_of(assignment);
  const auto mode = parse_octal(word.text);
  if (!mode || *mode < 0 || *mode > 0777)
    return desk.refuse(draft, word.where, fmt::format("socket_mode: `{}` is not an octal number from 0 to 777", printable(word.text, 60)));
  draft.unix_socket.mode = static_cast<std::uint16_t>(*mode);
}

void socket_user(Desk& desk, Draft& draft, const Assignment& assignment) {
  const Word& word = value_of(assignment);
  const auto number = parse_integer(word.text);
  if (const auto ids = desk.names.find_user(desk.store.intern(word.text))) {
    draft.unix_socket.uid = ids->uid;
  } else if (number && *number >= 0 && *number < UINT32_MAX) {
    draft.unix_socket.uid = static_cast<std::uint32_t>(*number);
  } else {
    desk.refuse(draft, word.where, fmt::format("socket_user: there is no user `{}`", printable(word.text, 60)));
  }
}

void socket_group(Desk& desk, Draft& draft, const Assignment& assignment) {
  const Word& word = value_of(assignment);
  const auto number = parse_integer(word.text);
  if (const auto gid = desk.names.find_group(desk.store.intern(word.text))) {
    draft.unix_socket.gid = *gid;
  } else if (number && *number >= 0 && *number < UINT32_MAX) {
    draft.unix_socket.gid = static_cast<std::uint32_t>(*number);
  } else {
    desk.refuse(draft, word.where, fmt::format("socket_group: there is no group `{}`", printable(word.text, 60)));
  }
}

// What may be one of: an address, the name of an interface or a host, a path, an abstract name. "1.2.3.400" is none.
static bool is_bind_word(std::string_view text) noexcept {
  constexpr std::string_view kDigits = "0123456789.:%";
  if (text.starts_with('/') || text.starts_with('@')) return text.size() > 1;
  const std::string_view address = text.substr(0, text.find('%'));
  if (parse_address(address)) return address.size() == text.size() || address.size() + 1 < text.size();
  return text.find_first_of("/%") == std::string_view::npos && text.find_first_not_of(kDigits) != std::string_view::npos &&
         text.find(':') == std::string_view::npos;
}

void bind(Desk& desk, Draft& draft, const Assignment& assignment) {
  draft.binds.clear();
  for (const Word& word : assignment.values) {
    if (is_bind_word(word.text)) {
      draft.binds.push_back({desk.store.intern(word.text), word.where});
    } else {
      desk.refuse(draft, word.where, fmt::format("{}: `{}` is not an address", assignment.name.text, printable(word.text, 60)),
                  "needs an address, an interface, a host of hosts(5), or a path of a unix socket");
    }
  }
}

void v6only(Desk& desk, Draft& draft, const Assignment& assignment) {
  if (const std::optional<bool> value = read_yes_no(desk, draft, assignment)) draft.service.v6only = *value;
}

void rpc_number(Desk& desk, Draft& draft, const Assignment& assignment) {
  if (const auto value = read_number(desk, draft, assignment, value_of(assignment), 0, UINT32_MAX))
    draft.rpc.number = static_cast<std::uint32_t>(*value);
}

void rpc_version(Desk& desk, Draft& draft, const Assignment& assignment) {
  const Word& word = value_of(assignment);
  const std::size_t dash = word.text.find('-');
  const std::optional<std::int64_t> first = parse_integer(word.text.substr(0, dash));
  const std::optional<std::int64_t> last = dash == std::string_view::npos ? first : parse_integer(word.text.substr(dash + 1));
  // Each version is registered by itself: a huge range would never end.
  constexpr std::int64_t kMostVersions = 256;
  if (!first || !last || *first < 0 || *last < *first || *last > UINT32_MAX || *last - *first >= kMostVersions) {
    return desk.refuse(draft, word.where, fmt::format("rpc_version: `{}` is neither a version nor a range", printable(word.text, 60)),
                       "as in 2 or 2-4");
  }
  draft.rpc.first_version = static_cast<std::uint32_t>(*first);
  draft.rpc.last_version = static_cast<std::uint32_t>(*last);
}

void disable(Desk& desk, Draft& draft, const Assignment& assignment) {
  const std::optional<bool> value = read_yes_no(desk, draft, assignment);
  if (!value) return;
  if (*value) {
    draft.off = true;
    return;
  }
  // xinetd marks a service with a bad value as disabled, which this undoes.
  draft.failed_since_enabled = false;
  desk.report.enable();
}

// Ids of a list; the parser compares them without case.
static void change_ids(Desk& desk, ListDraft<Text>& list, const Assignment& assignment) {
  list.own = true;
  list.where = assignment.name.where;
  for (const Word& word : assignment.values) {
    if (assignment.op == Operator::remove) {
      std::erase_if(list.items, [&](Text one) { return equal_ignoring_case(one, word.text); });
    } else {
      list.items.push_back(desk.store.intern(word.text));
    }
  }
}

void enabled(Desk& desk, Draft& draft, const Assignment& assignment) {
  change_ids(desk, draft.enabled, assignment);
}

void disabled(Desk& desk, Draft& draft, const Assignment& assignment) {
  change_ids(desk, draft.disabled, assignment);
}

void compat(Desk& desk, Draft& draft, const Assignment& assignment) {
  static constexpr auto kWords = std::to_array<std::string_view>({"xinetd", "no"});
  const Word& word = value_of(assignment);
  if (equal_ignoring_case(word.text, kWords[0])) {
    draft.service.compat_xinetd = true;
  } else if (equal_ignoring_case(word.text, kWords[1])) {
    draft.service.compat_xinetd = false;
  } else {
    refuse_word(desk, draft, assignment, word, kWords);
  }
}

void strict(Desk& desk, Draft& draft, const Assignment& assignment) {
  if (const std::optional<bool> value = read_yes_no(desk, draft, assignment)) draft.strict = *value;
}

void without_effect(Desk& desk, Draft& draft, const Assignment& assignment) {
  if (read_yes_no(desk, draft, assignment)) desk.report.note(assignment.name.where, fmt::format("{} has no effect", assignment.name.text));
}

}  // namespace reeve::apply_attribute
