// How the monitor waits: until when, and whether it sleeps or looks out a moment first.
#include <sched.h>

#include <utility>

#include "monitor/monitor.h"
#include "sys/clock.h"

namespace reeve {

namespace {

constexpr std::chrono::milliseconds kUnsettledTime{1};
constexpr std::chrono::microseconds kLookTime{15};

void keep_earlier(std::optional<Instant>& earliest, std::optional<Instant> other) {
  if (other && (!earliest || *other < *earliest)) earliest = other;
}

}  // namespace

std::optional<Instant> Monitor::next_deadline(Instant now) {
  std::optional<Instant> earliest;
  // A child may still use our descriptor table, and its connection is open here as long: its client would see the
  // end of the connection late. The child is about to run, so a moment's look is cheaper than a sleep.
  bool settled = servers_.settle();
  for (const Instant enough = now + kLookTime; !settled && instant_now() < enough; settled = servers_.settle()) ::sched_yield();
  if (!settled) earliest = now + kUnsettledTime;
  for (const auto& due : {engine_due_, flush_due_, check_due_, addresses_due_, leaving_due_, reload_.deadline(), rpc_services_.deadline(),
                          followers_.deadline(), servers_.processes().next_deadline(), wrapping_.deadline()}) {
    keep_earlier(earliest, due);
  }
  return earliest;
}

std::span<const Poller::Ready> Monitor::wait(std::optional<Instant> until) {
  if (!std::exchange(has_reaped_, false)) return parts_.poller.wait(until);
  const Instant begin = instant_now();
  if (lookout_.pays(begin)) {
    const auto ready = look_out(begin);
    return ready.empty() ? parts_.poller.wait(until) : ready;
  }
  const auto ready = parts_.poller.wait(until);
  lookout_.slept(instant_now() - begin);
  return ready;
}

// A moment's look for the next visit instead of a sleep, with everybody else let first.
std::span<const Poller::Ready> Monitor::look_out(Instant now) {
  const Instant enough = now + Lookout::kLook;
  std::chrono::nanoseconds turn{};
  std::span<const Poller::Ready> ready;
  while (ready.empty() && now < enough) {
    ::sched_yield();
    ready = parts_.poller.look();
    turn = instant_now() - now;
    now += turn;
  }
  lookout_.looked(!ready.empty(), turn, now);
  return ready;
}

}  // namespace reeve
