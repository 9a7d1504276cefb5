#include "engine/network_watch.h"

#include "sys/clock.h"

namespace reeve {

void NetworkWatch::start(std::function<void()> changed) {
  changed_ = std::move(changed);
  if (!source_) {
    journal_.say(Level::warning, wall_now(),
                 "this machine's addresses and gateways can't be found out: of its own only what services are bound to is never banned");
    return;
  }
  loop_.start(follow());
}

void NetworkWatch::look(Instant now) {
  if (!source_) return;
  looked_ = now;
  LocalNetwork found = source_->read();
  if (found == network_) return;
  network_ = std::move(found);
  if (changed_) changed_();
}

Task<> NetworkWatch::follow() {
  Watch watch(loop_, source_->news());
  for (;;) {
    const Wake wake = co_await watch.readable(kNoDeadline);
    if (wake != Wake::ready) continue;
    const Instant later = instant_now() + kSettle;
    co_await loop_.sleep_until(later);
    source_->take();
    look(instant_now());
  }
}

}  // namespace reeve
