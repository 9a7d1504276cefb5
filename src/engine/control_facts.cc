// `facts`: what the gate knows now about visits of one source: what `reeve explain` explains with.
#include "base/source_text.h"
#include "config/defence.h"
#include "control/answer.h"
#include "engine/control_desk.h"
#include "engine/control_words.h"
#include "sys/clock.h"
#include "sys/pressure.h"

namespace reeve {

namespace {

void write_facts(JsonWriter& line, const Service& service, const Facts& facts, bool resting) {
  line.field("service", service.id);
  line.field("running", facts.running);
  line.field("running_from", facts.running_from_source);
  line.field("over_cps", facts.rate == RateState::shed);
  line.field("over_source_rate", facts.over_source_rate);
  line.field("resting", resting);
  line.field("stopped", facts.stopped);
}

void write_ban(JsonWriter& line, const std::optional<Ban>& ban, Instant now) {
  line.field("banned", ban.has_value());
  if (!ban) return;
  line.field("ban_prefix", to_text(ban->prefix));
  line.field("ban_reason", ban->reason);
  line.field("ban_left_s", ban->until ? std::optional(whole_seconds(*ban->until - now)) : std::nullopt);
}

// What it did so far, where penalties are on.
void write_score(JsonWriter& line, const ControlDesk& desk, const Address& source, Instant now) {
  const PenaltyTerms& terms = desk.adoption.configuration()->defence->penalties;
  if (!terms.are_on()) return;
  const auto account = desk.gate.penalties().account(desk.gate.bans().prefix_for(source), now);
  line.field("penalty_score", account ? account->score : 0);
  line.field("penalty_limit", terms.limit);
  if (account) line.field("penalties", account->reason());
}

// Why it is never banned, if so.
void write_spared(JsonWriter& line, const BanTable& bans, const Address& source) {
  if (const Guarded* spared = bans.never_ban().conflict(Prefix::host(source))) line.field("never_banned", to_text(spared->why));
}

}  // namespace

Task<> answer_facts(ControlDesk& desk, ControlSession& session, const Request& request) {
  const auto text = request.text("source");
  const auto source = text ? parse_source(*text) : std::nullopt;
  if (!source) co_return session.fail(request, {kInvalid, "`source` has to be an address, or uid:N"});
  const auto wanted = request.text("service");
  const std::uint32_t generation = desk.adoption.generation();
  std::size_t found = 0;
  for (std::size_t each = 0; each < desk.adoption.posts().size(); ++each) {
    Post& post = *desk.adoption.posts()[each];
    if (!wanted || is_named(post.service(), *wanted)) {
      ++found;
      const Instant now = instant_now();
      ItemLine line(session.out, request);
      write_facts(line, post.service(), desk.gate.facts(post, *source, now), post.account.should_rest(post.service(), now));
      line.finish();
    }
    if (session.is_due()) {
      const bool goes_on = co_await session.breathe();
      if (!goes_on) co_return;
      if (desk.adoption.generation() != generation) co_return session.fail(request, configuration_changed());
    }
  }
  if (wanted && found == 0) co_return session.fail(request, no_such_service(*wanted));
  const Instant now = instant_now();
  const ConfigurationRef& configuration = desk.adoption.configuration();
  LastLine line(session.out, request);
  line.field("count", found);
  if (configuration && !configuration->files.empty()) line.field("configuration", configuration->files.front());
  write_ban(line, desk.gate.bans().find(*source, now), now);
  write_spared(line, desk.gate.bans(), *source);
  line.field("load", load_average());
  const auto stalls = pressure_stalls();
  line.field("pressure_cpu", stalls ? std::optional(static_cast<double>(stalls->cpu)) : std::nullopt);
  line.field("pressure_memory", stalls ? std::optional(static_cast<double>(stalls->memory)) : std::nullopt);
  line.field("pressure_io", stalls ? std::optional(static_cast<double>(stalls->io)) : std::nullopt);
  write_score(line, desk, *source, now);
  line.field("processes", desk.gate.ledger().processes());
  line.field("process_limit", desk.gate.process_limit() == kUnlimited ? std::nullopt : std::optional(desk.gate.process_limit()));
  line.finish();
}

}  // namespace reeve
