// How bans grow, who is never banned, and what adds up to one.
#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/printable.h"
#include "config/address_forms.h"
#include "config/apply.h"
#include "config/defence.h"
#include "config/values.h"

namespace reeve::apply_attribute {

namespace {

constexpr std::int64_t kMostMinutes = std::int64_t{3650} * 24 * 60;
constexpr std::int64_t kMostScore = 1'000'000, kMostSeconds = kMostMinutes * 60;

// Nothing came of it but a message: numeric forms and names of networks(5) only. Nobody is looked up by name: a ban must not
// depend on what a name server says at that moment.
std::vector<Prefix> read_prefixes(Desk& desk, Draft& draft, const Assignment& assignment, const Word& word) {
  const Result<AddressForm> form = parse_address_form(word.text);
  if (form && !form->is_name) return form->prefixes;
  if (form) {
    if (const auto network = desk.names.names().find_network(std::string(word.text))) return {wildcard_prefix(*network)};
  }
  desk.refuse(draft, word.where,
              fmt::format("{}: `{}`: {}", assignment.name.text, printable(word.text, 60),
                          form ? "neither an address nor a network of networks(5)" : form.error().what),
              "addresses and networks, as in 192.0.2.7 198.51.100.0/24 2001:db8::/32");
  return {};
}

// "refused:5": index of the offence and its score.
std::optional<std::pair<std::size_t, std::uint32_t>> parse_offence(std::string_view text) noexcept {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto score = parse_integer(text.substr(colon + 1));
  if (!score || *score < 0 || *score > kMostScore) return std::nullopt;
  for (std::size_t each = 0; each < kOffences; ++each) {
    if (equal_ignoring_case(text.substr(0, colon), to_text(static_cast<Offence>(each))))
      return std::pair(each, static_cast<std::uint32_t>(*score));
  }
  return std::nullopt;
}

}  // namespace

void ban_growth(Desk& desk, Draft& draft, const Assignment& assignment) {
  if (const auto factor = read_number(desk, draft, assignment, value_of(assignment), 1, 1000))
    desk.defence->bans.growth = static_cast<std::uint32_t>(*factor);
}

void ban_max(Desk& desk, Draft& draft, const Assignment& assignment) {
  if (const auto minutes = read_number(desk, draft, assignment, value_of(assignment), 1, kMostMinutes))
    desk.defence->bans.most = std::chrono::minutes(*minutes);
}

void ban_memory(Desk& desk, Draft& draft, const Assignment& assignment) {
  if (const auto minutes = read_number(desk, draft, assignment, value_of(assignment), 0, kMostMinutes))
    desk.defence->bans.memory = std::chrono::minutes(*minutes);
}

void ban_prefix(Desk& desk, Draft& draft, const Assignment& assignment) {
  // A wider one shuts out half a continent for one machine's deed.
  const auto v4 = read_number(desk, draft, assignment, assignment.values[0], 8, 32);
  const auto v6 = read_number(desk, draft, assignment, assignment.values[1], 16, 128);
  if (!v4 || !v6) return;
  desk.defence->bans.bits_v4 = static_cast<std::uint8_t>(*v4);
  desk.defence->bans.bits_v6 = static_cast<std::uint8_t>(*v6);
}

void never_ban(Desk& desk, Draft& draft, const Assignment& assignment) {
  std::vector<Prefix>& never = desk.defence->bans.never;
  desk.defence->bans.never_where = assignment.name.where;
  for (const Word& word : assignment.values) {
    for (const Prefix& prefix : read_prefixes(desk, draft, assignment, word)) {
      const auto same = std::ranges::find(never, prefix);
      if (assignment.op == Operator::remove) {
        if (same != never.end()) never.erase(same);
      } else if (same == never.end()) {
        never.push_back(prefix);
        if (prefix.bits == 0 || (prefix.is_v4() && prefix.bits == 96))
          desk.report.warning(
              word.where, fmt::format("never_ban: `{}` spares everybody: nobody of this family can be banned", printable(word.text, 60)));
      }
    }
  }
}

void penalties(Desk& desk, Draft& draft, const Assignment& assignment) {
  PenaltyTerms& terms = desk.defence->penalties;
  for (const Word& word : assignment.values) {
    if (const auto offence = parse_offence(word.text)) {
      terms.score[offence->first] = offence->second;
    } else {
      desk.refuse(draft, word.where, fmt::format("penalties: `{}` is no offence with its score", printable(word.text, 60)),
                  "offences are refused, early_close, silent, crash and sensor, as in refused:5 crash:20");
    }
  }
}

void penalty_limit(Desk& desk, Draft& draft, const Assignment& assignment) {
  const auto score = read_number(desk, draft, assignment, assignment.values[0], 1, kMostScore);
  const auto seconds = read_number(desk, draft, assignment, assignment.values[1], 1, kMostSeconds);
  if (!score || !seconds) return;
  desk.defence->penalties.limit = static_cast<std::uint32_t>(*score);
  desk.defence->penalties.ban = std::chrono::seconds(*seconds);
}

void penalty_decay(Desk& desk, Draft& draft, const Assignment& assignment) {
  if (const auto seconds = read_number(desk, draft, assignment, value_of(assignment), 1, kMostSeconds))
    desk.defence->penalties.half_life = std::chrono::seconds(*seconds);
}

}  // namespace reeve::apply_attribute
