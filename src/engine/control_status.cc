// `status`: the daemon in one answer.
#include <unistd.h>

#include <array>

#include "control/answer.h"
#include "engine/bans.h"
#include "engine/control_desk.h"
#include "engine/control_words.h"
#include "engine/door_state.h"
#include "sys/clock.h"

namespace reeve {

namespace {

struct Totals {
  std::array<std::size_t, kDoorStates> services{};
  std::uint64_t running = 0, admitted = 0;
  std::array<std::uint64_t, kReasons> refused{};
};

void add(Totals& totals, const Post& post, const Doors& doors) {
  ++totals.services[static_cast<std::size_t>(door_state(post, doors))];
  totals.running += post.account.running();
  totals.admitted += post.admitted;
  for (std::size_t reason = 0; reason < kReasons; ++reason) totals.refused[reason] += post.refused[reason];
}

}  // namespace

Task<> answer_status(ControlDesk& desk, ControlSession& session, const Request& request) {
  Totals totals;
  for (std::size_t each = 0; each < desk.adoption.posts().size(); ++each) {
    add(totals, *desk.adoption.posts()[each], desk.doors);
    if (session.is_due()) {
      const bool goes_on = co_await session.breathe();
      if (!goes_on) co_return;
    }
  }
  const Instant now = instant_now();
  const ConfigurationRef& configuration = desk.adoption.configuration();
  LastLine line(session.out, request);
  line.field("version", REEVE_VERSION);
  line.field("role", to_text(session.role));
  line.field("monitor_pid", desk.daemon_pid);
  line.field("engine_pid", ::getpid());
  line.field("engines", desk.told.engines);
  line.field("uptime_s", whole_seconds(now - Instant(std::chrono::nanoseconds(desk.told.daemon_since_ns))));
  line.field("engine_uptime_s", whole_seconds(now - desk.engine_since));
  line.field("generation", desk.adoption.generation());
  if (configuration && !configuration->files.empty()) line.field("configuration", configuration->files.front());
  line.field("configured_at", std::chrono::floor<std::chrono::seconds>(std::chrono::nanoseconds(desk.told.configured_wall_ns)).count());
  line.field("services", desk.adoption.posts().size());
  line.begin_object("services_by");
  for (std::size_t state = 0; state < kDoorStates; ++state) {
    if (totals.services[state] != 0) line.field(to_text(static_cast<DoorState>(state)), totals.services[state]);
  }
  line.end_object();
  line.field("listeners", desk.doors.all().size());
  line.field("running", totals.running);
  line.field("processes", desk.gate.ledger().processes());
  line.field("process_limit", desk.gate.process_limit() == kUnlimited ? std::nullopt : std::optional(desk.gate.process_limit()));
  line.field("admitted", totals.admitted);
  write_refusals(line, totals.refused);
  line.field("bans", desk.gate.bans().size());
  line.field("bans_pushed_out", desk.gate.bans().evicted());
  for (const FollowerKind kind : {FollowerKind::keeper, FollowerKind::firewall}) {
    if (!desk.bans.followers().has(kind)) continue;
    line.begin_object(to_text(kind));
    for (const auto& [name, text] : desk.bans.followers().states(kind)) line.field(name, text);
    line.end_object();
  }
  line.field("tarpit", desk.tarpit.size());
  line.field("tarpit_caught", desk.tarpit.caught());
  line.field("tarpit_pushed_out", desk.tarpit.pushed_out());
  line.field("load", load_average());
  line.field("log_lines_lost", desk.journal.lost());
  line.field("messages_queued", desk.monitor.queued());
  line.field("inquiries", desk.inquiries.under_way());
  line.field("sessions", desk.sessions);
  line.finish();
}

}  // namespace reeve
