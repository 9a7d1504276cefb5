// `instances`: who is being served, and which of them run a program that was replaced since. `end_old`: those end.
#include <algorithm>
#include <vector>

#include "control/answer.h"
#include "engine/control_desk.h"
#include "engine/control_words.h"
#include "sys/clock.h"

namespace reeve {

namespace {

constexpr std::chrono::seconds kAnswerTime{5};

struct Wanted {
  std::vector<InstanceId> ids;
  std::uint64_t old = 0;  // bit i: that of ids[i] runs an old program
};

void write_instance(JsonWriter& line, const Instance& instance, bool old, Instant now) {
  line.field("instance", instance.id);
  line.field("service", instance.post->service().id);
  line.field("pid", instance.pid == 0 ? std::nullopt : std::optional(instance.pid));
  line.field("source", instance.source ? std::optional(to_text(*instance.source)) : std::nullopt);
  line.field("age_s", whole_seconds(now - instance.since));
  line.field("old_program", old);
  line.field("ending", instance.ending);
  line.field("gone", instance.post->retired);  // its service is not configured any more
}

// The next batch of those that are wanted; only the monitor can see what they run. False: no answer.
Task<bool> look(ControlDesk& desk, Wanted& batch) {
  LookMessage message;
  for (const InstanceId id : batch.ids) message.instances[message.count++] = id;
  const Instant deadline = instant_now() + kAnswerTime;
  MonitorAnswer answer(desk.answers, deadline);
  message.number = answer.number();
  desk.monitor.send(message, {});
  const bool came = co_await answer;
  batch.old = answer.value;
  co_return came;
}

}  // namespace

// Both commands: `ends_old` ends what it finds.
static Task<> walk_instances(ControlDesk& desk, ControlSession& session, const Request& request, bool ends_old) {
  const auto service = request.text("service");
  const bool only_old = ends_old || request.flag("old");
  if (service && !is_configured(desk, *service)) co_return session.fail(request, no_such_service(*service));
  std::size_t count = 0, at = 0;
  const std::vector<InstanceId> ids = desk.instances.ids();
  while (at < ids.size()) {
    Wanted batch;
    for (; at < ids.size() && batch.ids.size() < kMaxLooks; ++at) {
      const Instance* const instance = desk.instances.find(ids[at]);
      if (instance != nullptr && (!service || is_named(instance->post->service(), *service))) batch.ids.push_back(ids[at]);
      if (session.is_due()) {
        const bool goes_on = co_await session.breathe();
        if (!goes_on) co_return;
      }
    }
    if (batch.ids.empty()) break;
    const bool came = co_await look(desk, batch);
    if (!came) co_return session.fail(request, {kFailed, "the monitor does not answer"});
    session.begin_slice();
    for (std::size_t each = 0; each < batch.ids.size(); ++each) {
      const bool old = (batch.old >> each & 1) != 0;
      Instance* const instance = desk.instances.find(batch.ids[each]);
      if (instance == nullptr || (only_old && !old)) continue;
      ++count;
      if (ends_old) desk.reception.end(*instance);
      ItemLine line(session.out, request);
      write_instance(line, *instance, old, instant_now());
      line.finish();
      if (session.is_due()) {
        const bool goes_on = co_await session.breathe();
        if (!goes_on) co_return;
      }
    }
  }
  if (ends_old) {
    say_order(
        desk, session,
        std::to_string(count) + " instances of old programs" + (service ? " of service " + std::string(*service) : "") + " are ended");
  }
  LastLine line(session.out, request);
  line.field("count", count);
  line.finish();
}

Task<> answer_instances(ControlDesk& desk, ControlSession& session, const Request& request) {
  return walk_instances(desk, session, request, false);
}

Task<> answer_end_old(ControlDesk& desk, ControlSession& session, const Request& request) {
  return walk_instances(desk, session, request, true);
}

}  // namespace reeve
