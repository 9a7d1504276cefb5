#include "defence/store_clock.h"

#include <algorithm>
#include <chrono>

namespace reeve {
namespace {

using Ms = std::chrono::milliseconds;

std::int64_t wall_ms(WallTime wall) noexcept {
  return std::chrono::floor<Ms>(wall.time_since_epoch()).count();
}

// What fits into an Instant, whatever a file says: a century and a half.
constexpr std::int64_t kFarthest = INT64_MAX / 2'000'000;
std::int64_t bounded(std::int64_t ms) noexcept {
  return std::clamp(ms, -kFarthest, kFarthest);
}

}  // namespace

StoreClock StoreClock::start(const std::optional<Kept>& kept, std::string boot, const ClockReading& now) {
  const std::int64_t since_boot = std::chrono::floor<Ms>(now.instant.time_since_epoch()).count();
  const std::int64_t wall = wall_ms(now.wall);
  if (!kept) return {std::move(boot), wall - since_boot};
  const std::int64_t ahead = bounded(kept->ahead), last = bounded(kept->last);
  // The same boot, unless its clock shows less than it did: then it is another one's in disguise (a container that was moved).
  if (!boot.empty() && kept->boot == boot && since_boot + ahead >= last) return {std::move(boot), ahead};
  const StoreTime store_now = std::max(last, wall + bounded(kept->wall_behind));
  return {std::move(boot), store_now - since_boot};
}

StoreTime StoreClock::floor(Instant instant) const noexcept {
  return std::chrono::floor<Ms>(instant.time_since_epoch()).count() + ahead_;
}

StoreTime StoreClock::ceil(Instant instant) const noexcept {
  return std::chrono::ceil<Ms>(instant.time_since_epoch()).count() + ahead_;
}

Instant StoreClock::instant(StoreTime time) const noexcept {
  return Instant(Ms(bounded(time) - ahead_));
}

WallTime StoreClock::wall(StoreTime time, StoreTime now, WallTime wall_now) noexcept {
  return wall_now + Ms(bounded(bounded(time) - now));
}

StoreClock::Kept StoreClock::keep(const ClockReading& now) const {
  const StoreTime shown = this->now(now);
  return {.boot = boot_, .ahead = ahead_, .wall_behind = shown - wall_ms(now.wall), .last = shown};
}

}  // namespace reeve
