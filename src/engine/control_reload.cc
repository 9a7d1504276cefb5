// `reload`, `confirm`: the monitor reads the files again, or says what would change; here is who waits for it.
#include <algorithm>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "config/plan.h"
#include "control/answer.h"
#include "engine/control_desk.h"
#include "engine/control_words.h"
#include "sys/clock.h"
#include "sys/memory_file.h"

namespace reeve {

namespace {

// A trial has five seconds, the engine ten to take over.
constexpr std::chrono::seconds kAnswerTime{30};
constexpr std::int64_t kLongestConfirm = 86400;

std::string place_of(const Configuration& wanted, Where where) {
  return where.line == 0 ? std::string() : ", " + std::string(wanted.files[where.file]) + ":" + std::to_string(where.line);
}

// What would become of a running instance for what it is itself.
std::optional<std::string> fate(const Instance& instance, const Configuration& wanted, const std::vector<std::uint32_t>& continued_by,
                                LocalMinute local) {
  const std::uint32_t index = instance.post->index;
  if (instance.post->retired) return std::nullopt;
  if (index >= continued_by.size() || continued_by[index] == Plan::kNone) return "its service is gone";
  if (!instance.source) return std::nullopt;
  const HostName* const name = instance.identity ? &instance.identity->name : nullptr;
  const Verdict verdict = decide_again(wanted, wanted.services[continued_by[index]], instance.source->address, local, name);
  if (std::holds_alternative<Undecided>(verdict)) return "its name would be asked for";
  const auto* const refusal = std::get_if<Refusal>(&verdict);
  if (refusal == nullptr) return std::nullopt;
  return "refused by " + std::string(to_text(refusal->reason)) + place_of(wanted, refusal->where);
}

// Those that would stay, counted in the order in which they came: over the new `instances` the last to come go, as
// Reception::look_again has it.
class Places {
 public:
  explicit Places(const Configuration& wanted) : wanted_(wanted), taken_(wanted.services.size()) {}
  std::optional<std::string> take(std::uint32_t service) {
    const Service& one = wanted_.services[service];
    if (one.instances == kUnlimited || taken_[service]++ < one.instances) return std::nullopt;
    return "over instances" + place_of(wanted_, wanted_.where_of(one, "instances"));
  }

 private:
  const Configuration& wanted_;
  std::vector<std::uint32_t> taken_;
};

std::vector<std::uint32_t> inverted(const std::vector<std::uint32_t>& continues, std::size_t old_services) {
  std::vector<std::uint32_t> by(old_services, Plan::kNone);
  for (std::uint32_t fresh = 0; fresh < continues.size(); ++fresh) {
    if (continues[fresh] < old_services) by[continues[fresh]] = fresh;
  }
  return by;
}

// Running clients that would be ended. False: the peer is gone.
Task<bool> write_ended(ControlDesk& desk, ControlSession& session, const Request& request, ConfigurationRef wanted) {
  const std::uint32_t generation = desk.adoption.generation();
  const ConfigurationRef current = desk.adoption.configuration();
  const auto continued_by = inverted(continued_services(*current, *wanted), current->services.size());
  const LocalMinute local = local_minute(wall_now());
  Places places(*wanted);
  std::vector<InstanceId> ids = desk.instances.ids();
  std::ranges::sort(ids);  // they were given out one after the other
  for (const InstanceId id : ids) {
    const Instance* const instance = desk.instances.find(id);
    auto what = instance == nullptr ? std::nullopt : fate(*instance, *wanted, continued_by, local);
    if (!what && instance != nullptr && !instance->post->retired) what = places.take(continued_by[instance->post->index]);
    if (what) {
      ItemLine line(session.out, request);
      line.field("kind", "ends");
      line.field("text", "service " + std::string(instance->post->service().id) + ", pid " + std::to_string(instance->pid) +
                             (instance->source ? ", from " + to_text(*instance->source) : "") + ": " + *what);
      line.finish();
    }
    if (session.is_due()) {
      const bool goes_on = co_await session.breathe();
      if (!goes_on || desk.adoption.generation() != generation) co_return goes_on;
    }
  }
  co_return true;
}

}  // namespace

Task<bool> ask_for_reload(ControlDesk& desk, ControlSession& session, const Request& request, ReloadAsk what,
                          std::uint32_t confirm_seconds) {
  const Instant deadline = instant_now() + kAnswerTime;
  MonitorAnswer answer(desk.answers, deadline);
  desk.monitor.send(ReloadMessage{.what = what, .confirm_seconds = confirm_seconds, .number = answer.number()}, {});
  const bool came = co_await answer;
  if (!came || answer.descriptors.empty()) {
    session.fail(request, {kFailed, "the monitor does not answer"});
    co_return false;
  }
  const auto report = read_memory_file(answer.descriptors.front().get());
  if (!report) {
    session.fail(request, {kFailed, report.error().text()});
    co_return false;
  }
  session.begin_slice();
  std::string result;
  for (std::string_view left = *report; !left.empty();) {
    const std::size_t end = std::min(left.find('\n'), left.size() - 1);
    const std::string_view one = left.substr(0, end);
    left.remove_prefix(end + 1);
    const std::size_t tab = std::min(one.find('\t'), one.size());
    const std::string_view kind = one.substr(0, tab), text = one.substr(std::min(tab + 1, one.size()));
    if (kind == "result") {
      result = text;
      continue;
    }
    ItemLine line(session.out, request);
    line.field("kind", kind);
    line.field("text", text);
    line.finish();
    if (session.is_due()) {
      const bool goes_on = co_await session.breathe();
      if (!goes_on) co_return false;
    }
  }
  if (what == ReloadAsk::plan && answer.descriptors.size() > 1) {
    auto wanted = desk.adoption.parse(answer.descriptors[1].get());
    if (wanted) {
      ConfigurationRef configuration = std::move(*wanted);
      const bool goes_on = co_await write_ended(desk, session, request, std::move(configuration));
      if (!goes_on) co_return false;
    }
  }
  if (answer.value == 0) {
    session.fail(request, {kFailed, result});
    co_return false;
  }
  LastLine line(session.out, request);
  line.field("result", result);
  line.field("generation", desk.adoption.generation());
  if (confirm_seconds != 0) line.field("confirm_within_s", confirm_seconds);
  line.finish();
  co_return true;
}

Task<> answer_reload(ControlDesk& desk, ControlSession& session, const Request& request) {
  const bool plans = request.flag("plan");
  const std::int64_t confirm = request.number("confirm_within").value_or(0);
  if (confirm < 0 || confirm > kLongestConfirm || (plans && confirm != 0))
    co_return session.fail(request, {kInvalid, "`confirm_within` is from 1 second to a day, and not for a plan"});
  if (!plans) say_order(desk, session, "reload");
  const ReloadAsk what = plans ? ReloadAsk::plan : ReloadAsk::reload;
  const auto seconds = static_cast<std::uint32_t>(confirm);
  co_await ask_for_reload(desk, session, request, what, seconds);
}

Task<> answer_confirm(ControlDesk& desk, ControlSession& session, const Request& request) {
  const ReloadAsk what = ReloadAsk::confirm;
  const std::uint32_t none = 0;
  const bool done = co_await ask_for_reload(desk, session, request, what, none);
  if (done) say_order(desk, session, "confirm");
}

}  // namespace reeve
