// The half of Reload for `reeve reload`: somebody waits for the result, wants the plan only, or wants the former
// configuration back unless he confirms in time.
#include <fcntl.h>

#include <utility>

#include <fmt/format.h>

#include "config/plan_text.h"
#include "monitor/reload.h"
#include "sys/memory_file.h"
#include "sys/names.h"

namespace reeve {

namespace {

constexpr std::chrono::seconds kTryAgain{1};

}  // namespace

void Reload::ask(const ReloadMessage& wanted, Instant now) {
  MessageSocket& engine = parts_.engine.socket();
  if (wanted.what == ReloadAsk::confirm) {
    ReloadReport answer;
    answer.begin(wanted);
    const bool waited = revert_due_.has_value();
    forget_revert();
    if (waited) parts_.log.say(Level::notice, "the configuration is confirmed");
    return answer.finish(engine, waited, waited ? "the configuration is confirmed" : "nothing waits to be confirmed", {});
  }
  const bool is_busy = !current_ || report_.is_awaited() || trial_.is_under_way() || next_ || takeover_awaited_;
  const bool would_lose = wanted.confirm_seconds != 0 && revert_due_;
  if (is_busy || would_lose) {
    ReloadReport answer;
    answer.begin(wanted);
    return answer.finish(engine, false,
                         is_busy ? "another reload is under way" : "a reload waits to be confirmed: `reeve confirm`, or wait", {});
  }
  report_.begin(wanted);
  begin(now);
}

void Reload::show_plan(const Loaded& loaded, Instant now) {
  const Plan plan = diff(*current_->configuration, *loaded.parsed.configuration);
  report_.add(plan_lines(*current_->configuration, *loaded.parsed.configuration, plan));
  UniqueFd bundle(::fcntl(loaded.memory_file.get(), F_DUPFD_CLOEXEC, 3));
  report_.finish(parts_.engine.socket(), true, "would be: " + plan.summary(), std::move(bundle));
  come_to_rest(now);
}

void Reload::expect_confirmation(Instant now) {
  const std::uint32_t seconds = report_.is_awaited() ? report_.wanted().confirm_seconds : 0;
  if (seconds == 0) return;
  revert_to_.reset(::fcntl(current_->bundle.get(), F_DUPFD_CLOEXEC, 3));
  if (revert_to_) revert_due_ = now + std::chrono::seconds(seconds);
}

void Reload::forget_revert() {
  revert_due_.reset();
  revert_to_.reset();
}

// The same bytes as before, with the answers of then; a file may have changed since.
void Reload::revert(Instant now) {
  if (trial_.is_under_way() || next_ || takeover_awaited_ || !parts_.engine.is_running()) {
    revert_due_ = now + kTryAgain;
    return;
  }
  const auto bytes = read_memory_file(revert_to_.get());
  forget_revert();
  auto bundle = bytes ? deserialize(*bytes) : std::unexpected(bytes.error());
  if (!bundle) return parts_.log.say(Level::error, "cannot go back to the former configuration: " + bundle.error().text());
  const auto names = system_names();
  (void)refresh_addresses(*bundle, *names);
  Parsed parsed = parse(*bundle, *recorded_names(*bundle), trial_.options());
  auto memory_file = make_memory_file("reeve configuration", serialize(*bundle));
  if (parsed.unusable || !memory_file) return parts_.log.say(Level::error, "cannot go back to the former configuration");
  parts_.log.say(Level::warning, "nobody confirmed the configuration: going back to the former one");
  Loaded loaded{std::move(*bundle), std::move(parsed), std::move(*memory_file)};
  next_ = acquire(loaded, false);
  offer(next_, current_.get(), now);
}

}  // namespace reeve
