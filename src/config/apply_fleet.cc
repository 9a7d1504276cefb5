// Bans shared with other machines: where their store is, and what of it is believed.
#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "base/address.h"
#include "base/host_name.h"
#include "base/printable.h"
#include "config/apply.h"
#include "config/defence.h"
#include "config/settle.h"
#include "config/values.h"

namespace reeve::apply_attribute {
namespace {

// What keys in the store and records are made of: defence/fleet_record.h.
constexpr std::size_t kMostName = 63;
bool is_plain_name(std::string_view text) noexcept {
  return !text.empty() && text.size() <= kMostName && std::ranges::all_of(text, [](char byte) {
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') || byte == '.' || byte == '-' ||
           byte == '_';
  });
}

void read_name(Desk& desk, Draft& draft, const Assignment& assignment, std::string& name) {
  const Word& word = value_of(assignment);
  if (is_plain_name(word.text)) {
    name = word.text;
  } else {
    desk.refuse(draft, word.where, fmt::format("{}: `{}` is no name here", assignment.name.text, printable(word.text, 60)),
                fmt::format("letters, digits, `.`, `-` and `_`, at most {}", kMostName));
  }
}

void read_secret_path(Desk& desk, Draft& draft, const Assignment& assignment, std::string& path) {
  const Word& word = value_of(assignment);
  if (word.text.starts_with('/')) {
    path = word.text;
  } else {
    desk.refuse(draft, word.where, fmt::format("{}: `{}` is not an absolute path", assignment.name.text, printable(word.text, 60)));
  }
}

}  // namespace

void fleet(Desk& desk, Draft& draft, const Assignment& assignment) {
  constexpr std::size_t kMostPath = 108;  // the kernel's bound, with its NUL (unix(7))
  FleetTerms& terms = desk.defence->fleet;
  terms.where = assignment.name.where;
  const Word& place = value_of(assignment);
  if (place.text.starts_with('/')) {
    if (assignment.values.size() > 1)
      desk.refuse(draft, assignment.values[1].where, "fleet: a unix socket has no port");
    else if (place.text.size() >= kMostPath)
      desk.refuse(draft, place.where, fmt::format("fleet: the path of a unix socket has at most {} bytes", kMostPath - 1));
    else
      terms.path = place.text;
    return;
  }
  if (!parse_address(place.text) && !is_host_name(place.text)) {
    desk.refuse(draft, place.where,
                fmt::format("fleet: `{}` is neither a host, nor an address, nor the path of a unix socket", printable(place.text, 60)),
                "fleet = HOST PORT, or fleet = /PATH");
    return;
  }
  terms.host = place.text;
  if (assignment.values.size() < 2) return;
  if (const auto port = read_number(desk, draft, assignment, assignment.values[1], 1, 65535))
    terms.port = static_cast<std::uint16_t>(*port);
}

void fleet_name(Desk& desk, Draft& draft, const Assignment& assignment) {
  read_name(desk, draft, assignment, desk.defence->fleet.name);
}

void fleet_node(Desk& desk, Draft& draft, const Assignment& assignment) {
  read_name(desk, draft, assignment, desk.defence->fleet.node);
}

void fleet_user(Desk& desk, Draft& /*draft*/, const Assignment& assignment) {
  desk.defence->fleet.user = value_of(assignment).text;
}

void fleet_password_file(Desk& desk, Draft& draft, const Assignment& assignment) {
  read_secret_path(desk, draft, assignment, desk.defence->fleet.password_file);
}

void fleet_key_file(Desk& desk, Draft& draft, const Assignment& assignment) {
  read_secret_path(desk, draft, assignment, desk.defence->fleet.key_file);
}

void fleet_widest(Desk& desk, Draft& draft, const Assignment& assignment) {
  const auto v4 = read_number(desk, draft, assignment, assignment.values[0], 8, 32);
  const auto v6 = read_number(desk, draft, assignment, assignment.values[1], 16, 128);
  if (!v4 || !v6) return;
  desk.defence->fleet.widest_v4 = static_cast<std::uint8_t>(*v4);
  desk.defence->fleet.widest_v6 = static_cast<std::uint8_t>(*v6);
}

void fleet_rate(Desk& desk, Draft& draft, const Assignment& assignment) {
  constexpr std::int64_t kMost = 10'000'000;
  if (const auto rate = read_number(desk, draft, assignment, value_of(assignment), 1, kMost))
    desk.defence->fleet.most_per_minute = static_cast<std::uint32_t>(*rate);
}

}  // namespace reeve::apply_attribute

namespace reeve {

void settle_fleet(Desk& desk, Draft& defaults) {
  const FleetTerms& terms = desk.defence->fleet;
  if (!terms.is_on()) return;
  if (terms.key_file.empty()) {
    desk.refuse(defaults, terms.where, "fleet: its records can't be told from forged ones without a key: fleet_key_file is missing",
                "make one, the same for all nodes: (umask 077; head -c 32 /dev/urandom | base64 > /etc/reeve.key)");
  }
  if (!terms.user.empty() && terms.password_file.empty()) {
    desk.refuse(defaults, terms.where, "fleet: fleet_user needs a fleet_password_file");
  }
}

}  // namespace reeve
