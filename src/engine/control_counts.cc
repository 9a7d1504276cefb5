// `counts`: the totals in one line, and with `services` one short item for each service. For who asks every second.
#include <unistd.h>

#include <cstdint>

#include "control/answer.h"
#include "engine/control_desk.h"
#include "engine/control_words.h"
#include "engine/door_state.h"
#include "sys/clock.h"

namespace reeve {

namespace {

void write_counts(JsonWriter& line, const Post& post, const Doors& doors) {
  line.field("id", post.service().id);
  line.field("state", to_text(door_state(post, doors)));
  line.field("running", post.account.running());
  line.field("admitted", post.admitted);
  line.field("refused", post.all_refused);
  if (post.last_refusal) line.field("last_refusal", to_text(*post.last_refusal));
}

}  // namespace

Task<> answer_counts(ControlDesk& desk, ControlSession& session, const Request& request) {
  const std::uint32_t generation = desk.adoption.generation();
  // All at one moment, that of `at_ms`: rates are made of them. Ten thousand services take less than a slice.
  const Instant now = instant_now();
  std::uint64_t running = 0, admitted = 0, refused = 0;
  for (const PostRef& post : desk.adoption.posts()) {
    running += post->account.running();
    admitted += post->admitted;
    refused += post->all_refused;
  }
  const std::size_t services = request.flag("services") ? desk.adoption.posts().size() : 0;
  for (std::size_t each = 0; each < services; ++each) {
    ItemLine line(session.out, request);
    write_counts(line, *desk.adoption.posts()[each], desk.doors);
    line.finish();
    if (session.is_due()) {
      const bool goes_on = co_await session.breathe();
      if (!goes_on) co_return;
      if (desk.adoption.generation() != generation) co_return session.fail(request, configuration_changed());
    }
  }
  LastLine line(session.out, request);
  line.field("at_ms", std::chrono::floor<std::chrono::milliseconds>(now - desk.engine_since).count());
  line.field("version", REEVE_VERSION);
  line.field("role", to_text(session.role));
  line.field("engine_pid", ::getpid());
  line.field("uptime_s", whole_seconds(now - Instant(std::chrono::nanoseconds(desk.told.daemon_since_ns))));
  line.field("generation", generation);
  line.field("services", desk.adoption.posts().size());
  line.field("running", running);
  line.field("admitted", admitted);
  line.field("refused", refused);
  line.field("bans", desk.gate.bans().size());
  line.field("load", load_average());
  line.finish();
}

}  // namespace reeve
