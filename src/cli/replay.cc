#include "cli/replay.h"

#include <algorithm>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include "base/printable.h"
#include "cli/load.h"
#include "cli/log_calendar.h"
#include "cli/replay_count.h"
#include "cli/replay_picture.h"
#include "cli/replay_text.h"
#include "cli/replay_world.h"
#include "sys/line_file.h"

namespace reeve {
namespace {

using What = ReplayOutcome::What;

Replayed wrong(std::string text) {
  return {.answer = {.err = "reeve: " + printable(text) + "\n", .exit_code = kWrong}, .picture = {}};
}

Result<Loaded> usable(const std::string& path, const ReplayRequest& request, FileReader& files, Names& names) {
  Result<Loaded> loaded = load(path, request.options, files, names);
  if (loaded && loaded->parsed.unusable) return failure(path + " can't be used, see reeve check");
  return loaded;
}

// Programs and targets that failed: the same visit's START is another line.
bool is_second_word(const LogLine& line) noexcept {
  if (line.event != LogLine::Event::refused) return false;
  const auto is = [&](Reason reason) { return line.reason ? *line.reason == reason : may_mean(line.word, reason); };
  return is(Reason::exec) || is(Reason::target);
}

ReplayOutcome told_by(const LogLine& line) noexcept {
  if (line.event != LogLine::Event::refused) return {.what = What::admitted};
  return {.what = What::refused, .reason = line.reason.value_or(Reason::address)};
}

// One or two worlds, led through the same events.
class Replay {
 public:
  Replay(ReplayWorld& now, ReplayWorld* before, LogCalendar& calendar, std::string_view web_service)
      : now_(now), before_(before), calendar_(calendar), web_service_(web_service) {}

  // False: a web server's line, and nobody said which service it is about.
  bool take(const ReplayInput::Event& event) {
    const LogLine& line = event.line;
    instant_ = std::max(instant_, Instant(event.wall.time_since_epoch()));
    const std::string_view name = line.event == LogLine::Event::request ? web_service_ : line.service;
    if (name.empty()) return false;
    if (is_second_word(line)) return true;
    const auto number = now_.find(name);
    const std::uint32_t old_number = before_ == nullptr ? kNoService : before_->find(name).value_or(kNoService);
    if (line.event == LogLine::Event::exit) {
      if (number) now_.leave(*number, line, instant_);
      if (old_number != kNoService) before_->leave(old_number, line, instant_);
      return true;
    }
    if (!number || (before_ != nullptr && old_number == kNoService)) {
      count_.add_unserved(name);
      return true;
    }
    const Service& service = now_.configuration().services[*number];
    if (!line.source && !(service.wait && service.is_stream())) {
      ++nobodies_;
      return true;
    }
    const Address source = line.source ? line.source->address : Address();
    const LocalMinute local = calendar_.local_minute(event.wall);
    ReplayVisit visit{.service = *number, .source = source, .wall = event.wall, .before = {}, .now = {}};
    visit.before = before_ != nullptr ? before_->arrive(old_number, source, line, instant_, local) : told_by(line);
    visit.now = now_.arrive(*number, source, line, instant_, local);
    count_.add(visit);
    return true;
  }

  [[nodiscard]] const ReplayCount& count() const noexcept { return count_; }
  [[nodiscard]] std::uint64_t nobodies() const noexcept { return nobodies_; }

 private:
  static constexpr std::uint32_t kNoService = UINT32_MAX;

  ReplayWorld& now_;
  ReplayWorld* before_;
  LogCalendar& calendar_;
  std::string_view web_service_;
  Instant instant_ = Instant::min();
  ReplayCount count_;
  std::uint64_t nobodies_ = 0;  // visits of which the log doesn't say who it was
};

}  // namespace

Replayed replay(const ReplayRequest& request, std::vector<LogSource> logs, FileReader& files, Names& names) {
  const Result<Loaded> loaded = usable(request.path, request, files, names);
  if (!loaded) return wrong(loaded.error().text());
  const bool has_old = !request.against.empty();
  Result<Loaded> old = has_old ? usable(request.against, request, files, names) : Result<Loaded>(Loaded());
  if (!old) return wrong(old.error().text());
  if (request.duration < 0 || request.duration > 1e7) return wrong("--duration wants seconds, up to 10,000,000");

  const WrapFiles wrap = read_wrap_files(request.wrap_paths, files, names);
  const ReplayWorld::Assumptions assumptions{
      .duration = std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::duration<double>(request.duration)),
      .load = request.load,
      .process_limit = request.process_limit.value_or(kUnlimited),
      .wrap = wrap.rules.rules.empty() ? nullptr : &wrap};
  ReplayWorld now(loaded->parsed.configuration, assumptions);
  std::unique_ptr<ReplayWorld> before;
  if (has_old) before = std::make_unique<ReplayWorld>(old->parsed.configuration, assumptions);
  const std::vector<Service>& services = now.configuration().services;
  if (services.empty()) return wrong("no service of " + request.path + " would start, see reeve check");
  std::string web_service = request.service;
  if (web_service.empty() && services.size() == 1) web_service = services.front().id;
  if (!web_service.empty() && !now.find(web_service)) return wrong(fmt::format("no service `{}` would start", web_service));

  for (const LogSource& log : logs) {
    for (const std::string& service : log.ends) {
      now.expect_ends(service);
      if (before) before->expect_ends(service);
    }
  }
  LogCalendar calendar(request.now);
  ReplayInput input(std::move(logs), calendar);
  Replay run(now, before.get(), calendar, web_service);
  while (const ReplayInput::Event* event = input.next()) {
    if (!run.take(*event)) return wrong("lines of a web server name no service: say which one with --service");
  }

  const ReplaySummary summary{.request = request,
                              .configuration = now.configuration(),
                              .wrap = wrap,
                              .count = run.count(),
                              .input = input.counts(),
                              .logs = request.logs.size(),
                              .nobodies = run.nobodies(),
                              .assumed_ends = now.assumed_ends(),
                              .crowded_out = now.crowded_out(),
                              .bans = now.bans()};
  Replayed replayed;
  replayed.answer.out = request.json ? replay_json(summary) : replay_text(summary);
  replayed.answer.exit_code = run.count().all().newly_refused > 0 ? kTurnsAway : kClean;
  if (loaded->parsed.has_errors) replayed.answer.err = "reeve: there are errors, see reeve check; this is what would start nevertheless\n";
  if (!request.plot.empty()) replayed.picture = Picture{.path = request.plot, .text = replay_picture(summary)};
  return replayed;
}

Replayed replay(const ReplayRequest& request, FileReader& files, Names& names) {
  std::vector<LineFile> open;
  for (const std::string& path : request.logs) {
    auto file = LineFile::open(path);
    if (!file) return wrong(file.error().text());
    open.push_back(std::move(*file));
  }
  constexpr std::size_t kLookAhead = 100'000;
  std::vector<LogSource> logs;
  for (std::size_t each = 0; each < open.size(); ++each) {
    const auto next = [file = &open[each]] { return file->next(); };
    LogSource log{.name = request.logs[each] == "-" ? "standard input" : request.logs[each], .next = next, .ends = {}};
    if (open[each].can_rewind()) {
      log.ends = services_that_end(next, kLookAhead);
      open[each].rewind();
    }
    logs.push_back(std::move(log));
  }
  Replayed replayed = replay(request, std::move(logs), files, names);
  for (const LineFile& file : open) {
    if (!file.error()) continue;
    replayed.answer.err += "reeve: " + printable(file.error()->text()) + "\n";
    replayed.answer.exit_code = kWrong;
  }
  return replayed;
}

}  // namespace reeve
