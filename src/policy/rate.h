// Rate: how fast visits came, in a few bytes.
//
// RateBudget is a service's token bucket (cps), SourceBudget one source's (rate_per_source), RecentVisits one source's
// count of the last second. All are plain values used by the ledger alone; the moment comes in, and time may stand still but not run
// backwards.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "base/time.h"

namespace reeve {

constexpr std::chrono::nanoseconds kRateSecond = std::chrono::seconds(1);

// A token bucket, kept as the moment until which visits have used up the time: each visit books 1/rate of a
// second. Who is not more than a second ahead is within the rate, so `rate` visits may come at once and
// `rate` a second from then on. The next second's worth is debt: the ledger grants it to light sources only.
class RateBudget {
 public:
  enum class Room : std::uint8_t { free, debt, none };

  [[nodiscard]] Room room(std::uint32_t rate, Instant now) const noexcept {
    const auto ahead = std::max(booked_ - now, std::chrono::nanoseconds(0)) + cost(rate);
    if (ahead <= kRateSecond) return Room::free;
    return ahead <= 2 * kRateSecond ? Room::debt : Room::none;
  }
  void book(std::uint32_t rate, Instant now) noexcept { booked_ = std::max(booked_, now) + cost(rate); }

 private:
  // Rounded down: `rate` visits never cost more than a second.
  [[nodiscard]] static std::chrono::nanoseconds cost(std::uint32_t rate) noexcept { return kRateSecond / rate; }

  Instant booked_{};
};

// The same for one source and any interval: `visits` may come at once, and `visits` an interval from then on.
class SourceBudget {
 public:
  [[nodiscard]] bool has_room(std::uint32_t visits, std::chrono::nanoseconds interval, Instant now) const noexcept {
    return std::max(booked_ - now, std::chrono::nanoseconds(0)) + interval / visits <= interval;
  }
  void book(std::uint32_t visits, std::chrono::nanoseconds interval, Instant now) noexcept {
    booked_ = std::max(booked_, now) + interval / visits;
  }
  // Nothing is to be remembered from then on.
  [[nodiscard]] Instant booked_until() const noexcept { return booked_; }

 private:
  Instant booked_{};
};

// Counts by whole seconds, of which the last one is taken to have been even. Never counts a visit that is a
// second old, so a source that keeps to one a second has a count of zero when its next one comes.
class RecentVisits {
 public:
  [[nodiscard]] std::uint32_t count(Instant now) const noexcept {
    const auto age = now - begin_;
    if (age >= 2 * kRateSecond) return 0;
    if (age < kRateSecond) return current_ + remaining(previous_, age);
    return remaining(current_, age - kRateSecond);
  }
  void add(Instant now) noexcept {
    const auto age = now - begin_;
    if (age >= 2 * kRateSecond) {
      *this = {};
      begin_ = now;
    } else if (age >= kRateSecond) {
      begin_ += kRateSecond;
      previous_ = current_;
      current_ = 0;
    }
    ++current_;
  }

 private:
  // What of a second's visits lies within the last second, `age` after that second's end.
  [[nodiscard]] static std::uint32_t remaining(std::uint32_t visits, std::chrono::nanoseconds age) noexcept {
    const auto share = static_cast<std::uint64_t>((kRateSecond - age).count()) - 1;
    return static_cast<std::uint32_t>(visits * share / static_cast<std::uint64_t>(kRateSecond.count()));
  }

  Instant begin_ = Instant() - 2 * kRateSecond;
  std::uint32_t current_ = 0, previous_ = 0;
};

}  // namespace reeve
