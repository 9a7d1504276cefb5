// `ban`, `unban`: who is shut out.
#include <string>

#include "base/printable.h"
#include "control/answer.h"
#include "engine/control_desk.h"
#include "engine/control_words.h"
#include "sys/clock.h"

namespace reeve {

namespace {

// For which the answer waits until a ban is on disk.
constexpr std::chrono::seconds kKeepPatience{2};
constexpr std::int64_t kLongestBan = 3650LL * 86400;
constexpr unsigned kWidestV4 = 8, kWidestV6 = 16;

ControlFailure no_prefix(std::string_view text) {
  return {kInvalid, "`" + printable(text, 60) + "` is neither an address nor a network such as 192.0.2.0/24"};
}

std::string_view word_of_keeping(const Bans& bans, std::uint64_t change) noexcept {
  if (bans.is_kept(change)) return "yes";
  return bans.keeping() == Bans::Keeping::no ? "no" : "not_yet";
}

std::string spared_text(const Prefix& prefix, const NeverBan& never) {
  const Guarded* spared = never.conflict(prefix);
  if (spared == nullptr) return to_text(prefix) + " is never banned";
  const std::string why(to_text(spared->why));
  if (spared->prefix == prefix) return to_text(prefix) + " is never banned: it is " + why;
  if (spared->prefix.bits < prefix.bits) return to_text(prefix) + " is never banned: it lies in " + to_text(spared->prefix) + ", " + why;
  return to_text(prefix) + " is never banned: it holds " + to_text(spared->prefix) + ", " + why;
}

}  // namespace

void say_order(const ControlDesk& desk, const ControlSession& session, const std::string& what) {
  desk.journal.say(Level::notice, wall_now(),
                   what + ", by uid " + std::to_string(session.peer.uid) + " (pid " + std::to_string(session.peer.pid) + ")");
}

Task<> answer_ban(ControlDesk& desk, ControlSession& session, const Request& request) {
  const std::string_view text = request.text("prefix").value_or("");
  const auto prefix = parse_prefix(text);
  if (!prefix) co_return session.fail(request, no_prefix(text));
  // A slip of the finger must not shut out the world.
  const bool is_too_wide = prefix->bits < (prefix->is_v4() ? 96 + kWidestV4 : kWidestV6);
  if (is_too_wide) co_return session.fail(request, {kInvalid, to_text(*prefix) + " is too wide: at most a /8, or a /16 of IPv6"});
  const auto seconds = request.number("seconds");
  if (seconds && (*seconds < 1 || *seconds > kLongestBan)) co_return session.fail(request, {kInvalid, "`seconds` is from 1 to ten years"});
  const auto from = request.text("operator");
  const auto own = from ? parse_address(*from) : std::nullopt;
  if (from && !own) co_return session.fail(request, {kInvalid, "`operator` has to be an address"});
  if (own && prefix->contains(*own) && !request.flag("even_me")) {
    const std::string what = *prefix == Prefix::host(*own) ? " is the address" : " holds " + to_text(*own) + ", the address";
    co_return session.fail(request, {kFailed, to_text(*prefix) + what + " that you work from: `--even-me` if you mean it"});
  }
  const std::string reason = printable(request.text("because").value_or("reeve ban"), BanTable::kMaxReasonBytes);
  const Instant now = instant_now();
  const auto until = seconds ? std::optional(now + std::chrono::seconds(*seconds)) : std::nullopt;
  const Bans::Done done = desk.bans.ban({.prefix = *prefix, .until = until, .reason = reason}, now);
  const BanTable::Outcome outcome = done.outcome;
  if (outcome == BanTable::Outcome::never_ban)
    co_return session.fail(request, {kFailed, spared_text(*prefix, desk.gate.bans().never_ban())});
  if (outcome == BanTable::Outcome::full)
    co_return session.fail(request, {kFailed, "the list of bans is full, and nothing on it ends earlier"});
  say_order(desk, session, "ban of " + to_text(*prefix) + (seconds ? " for " + std::to_string(*seconds) + " s" : "") + ": " + reason);
  if (desk.bans.keeping() != Bans::Keeping::no && !desk.bans.is_kept(done.number)) {
    const Instant deadline = now + kKeepPatience;
    MonitorAnswer answer(desk.answers, deadline);
    desk.bans.answers().await_kept(done.number, answer.number());
    co_await answer;
  }
  LastLine line(session.out, request);
  line.field("prefix", to_text(*prefix));
  line.field("left_s", seconds);
  line.field("kept", word_of_keeping(desk.bans, done.number));
  line.field("was_there", outcome == BanTable::Outcome::extended);
  line.finish();
}

Task<> answer_unban(ControlDesk& desk, ControlSession& session, const Request& request) {
  const std::string_view text = request.text("prefix").value_or("");
  const auto prefix = parse_prefix(text);
  if (!prefix) co_return session.fail(request, no_prefix(text));
  if (!desk.bans.lift(*prefix, BanOrigin::operator_, instant_now())) {
    const auto around = desk.gate.bans().find(prefix->address, instant_now());
    std::string why = to_text(*prefix) + " is not banned";
    if (around) why += "; " + to_text(around->prefix) + ", which holds it, is";
    co_return session.fail(request, {kNotFound, why});
  }
  say_order(desk, session, "end of the ban of " + to_text(*prefix));
  LastLine line(session.out, request);
  line.field("prefix", to_text(*prefix));
  line.finish();
}

}  // namespace reeve
