// StoreClock: the time in which the store keeps when a ban began and when it ends.
//
// Bans end by the clock that never jumps (CLOCK_BOOTTIME), which begins anew with each boot. The store's clock goes on from boot to
// boot: within one boot it runs with the boot clock, so a step of the wall clock frees nobody and locks nobody in; over a reboot it
// goes on by as much as the wall clock says has passed, and never backward, so a machine that wakes up in 1970 keeps its bans
// for as long as they still had to last. What it must remember for that is one row, which is written with every change. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "base/time.h"

namespace reeve {

using StoreTime = std::int64_t;  // milliseconds of the store's clock

// The clocks, read at one moment.
struct ClockReading {
  Instant instant;
  WallTime wall;
};

class StoreClock {
 public:
  struct Kept {
    std::string boot;              // id of the boot that wrote it
    std::int64_t ahead = 0;        // what the store's clock showed when the boot's clock showed 0
    std::int64_t wall_behind = 0;  // the store's clock less the wall clock, when it was last compared
    StoreTime last = 0;            // what the clock has shown already
  };

  // `kept`: of a store that was there before. `boot`: empty where it is not known; then each start counts as a boot.
  [[nodiscard]] static StoreClock start(const std::optional<Kept>& kept, std::string boot, const ClockReading& now);

  [[nodiscard]] StoreTime now(const ClockReading& now) const noexcept { return floor(now.instant); }
  // A ban must not end early: its end is rounded up, all else down.
  [[nodiscard]] StoreTime floor(Instant instant) const noexcept;
  [[nodiscard]] StoreTime ceil(Instant instant) const noexcept;
  [[nodiscard]] Instant instant(StoreTime time) const noexcept;
  // The date of a moment, by what the wall clock says now.
  [[nodiscard]] static WallTime wall(StoreTime time, StoreTime now, WallTime wall_now) noexcept;

  [[nodiscard]] Kept keep(const ClockReading& now) const;

 private:
  StoreClock(std::string boot, std::int64_t ahead) : boot_(std::move(boot)), ahead_(ahead) {}
  std::string boot_;
  std::int64_t ahead_;
};

}  // namespace reeve
