// `services`, `bans`: an item for each, in slices.
#include <array>
#include <limits>
#include <vector>

#include "control/answer.h"
#include "engine/control_desk.h"
#include "engine/control_words.h"
#include "engine/door_state.h"
#include "sys/clock.h"

namespace reeve {

namespace {

constexpr std::size_t kBansAtOnce = 64;

std::string_view word(Kind kind) noexcept {
  switch (kind) {
    case Kind::program:
      return "program";
    case Kind::builtin:
      return "builtin";
    case Kind::sensor:
      return "sensor";
    case Kind::redirect:
      return "redirect";
    case Kind::tcpmux:
      return "tcpmux";
  }
  return "";
}

void write_service(JsonWriter& line, const Post& post, const Doors& doors) {
  const Service& service = post.service();
  line.field("id", service.id);
  line.field("name", service.name);
  line.field("kind", word(service.kind));
  line.field("socket_type", to_text(service.socket_type));
  line.field("port", service.port);
  line.field("places", service.place_count);
  const auto places = post.configuration->places_of(service);
  if (!places.empty() && places.front().is_unix()) line.field("path", places.front().path);
  line.field("wait", service.wait);
  line.field("state", to_text(door_state(post, doors)));
  line.field("running", post.account.running());
  line.field("instances", service.instances == kUnlimited ? std::nullopt : std::optional(service.instances));
  line.field("admitted", post.admitted);
  std::array<std::uint64_t, kReasons> refused{};
  for (std::size_t reason = 0; reason < kReasons; ++reason) refused[reason] = post.refused[reason];
  write_refusals(line, refused);
  line.field("file", post.configuration->files[service.where.file]);
  line.field("line", service.where.line);
}

// One holds the other.
bool touches(const Prefix& one, const Prefix& other) noexcept {
  return one.bits < other.bits ? one.contains(other.address) : other.contains(one.address);
}

void write_ban(JsonWriter& line, const Ban& ban, Instant now) {
  line.field("prefix", to_text(ban.prefix));
  line.field("reason", ban.reason);
  line.field("age_s", whole_seconds(now - ban.since));
  line.field("left_s", ban.until ? std::optional(whole_seconds(*ban.until - now)) : std::nullopt);
  line.field("hits", ban.hits);
  line.field("origin", to_text(ban.origin));
  line.field("times", ban.times);
}

}  // namespace

Task<> answer_services(ControlDesk& desk, ControlSession& session, const Request& request) {
  const std::uint32_t generation = desk.adoption.generation();
  const auto wanted = request.text("service");
  std::size_t found = 0;
  for (std::size_t each = 0; each < desk.adoption.posts().size(); ++each) {
    const Post& post = *desk.adoption.posts()[each];
    if (!wanted || is_named(post.service(), *wanted)) {
      ++found;
      ItemLine line(session.out, request);
      write_service(line, post, desk.doors);
      line.finish();
    }
    if (session.is_due()) {
      const bool goes_on = co_await session.breathe();
      if (!goes_on) co_return;
      if (desk.adoption.generation() != generation) co_return session.fail(request, configuration_changed());
    }
  }
  if (wanted && found == 0) co_return session.fail(request, no_such_service(*wanted));
  LastLine line(session.out, request);
  line.field("count", found);
  line.finish();
}

Task<> answer_bans(ControlDesk& desk, ControlSession& session, const Request& request) {
  std::size_t count = 0;
  std::vector<Ban> bans;
  const auto source = request.text("source");
  const auto wanted = source ? parse_prefix(*source) : std::nullopt;
  if (source && !wanted) co_return session.fail(request, {kInvalid, "`source` is neither an address nor a network"});
  const std::int64_t asked = request.number("most").value_or(std::numeric_limits<std::int64_t>::max());
  if (asked < 0) co_return session.fail(request, {kInvalid, "`most` is a number of bans"});
  const auto most = static_cast<std::size_t>(asked);
  for (std::size_t next = 0; next != BanTable::kNoMore && count < most;) {
    bans.clear();
    next = desk.gate.bans().some(next, kBansAtOnce, bans);
    const Instant now = instant_now();
    for (const Ban& ban : bans) {
      if (ban.until && *ban.until <= now) continue;
      if (wanted && !touches(*wanted, ban.prefix)) continue;
      if (count == most) break;
      ++count;
      ItemLine line(session.out, request);
      write_ban(line, ban, now);
      line.finish();
    }
    if (session.is_due() || bans.empty()) {
      const bool goes_on = co_await session.breathe();
      if (!goes_on) co_return;
    }
  }
  LastLine line(session.out, request);
  line.field("count", count);
  line.field("all", desk.gate.bans().size());
  line.field("pushed_out", desk.gate.bans().evicted());
  line.finish();
}

}  // namespace reeve
