// Random: numbers that only depend on a seed, on every machine.
//
// The standard library's distributions differ between implementations, and the mathematics library's last digits between
// processors. Whoever simulates the same scenario with the same seed has to see the same figures, so both are our own here,
// from additions, multiplications and square roots, which IEEE 754 fixes. Not for secrets.
#pragma once

#include <chrono>
#include <cstdint>

namespace reeve {

// The next number of the sequence whose state is `state` (SplitMix64: the state counts, the number is its hash).
[[nodiscard]] constexpr std::uint64_t next_random(std::uint64_t& state) noexcept {
  state += 0x9e37'79b9'7f4a'7c15;
  std::uint64_t number = state;
  number = (number ^ (number >> 30)) * 0xbf58'476d'1ce4'e5b9;
  number = (number ^ (number >> 27)) * 0x94d0'49bb'1331'11eb;
  return number ^ (number >> 31);
}

// A state of its own for the `index`-th sequence of a seed.
[[nodiscard]] std::uint64_t random_state(std::uint64_t seed, std::uint64_t index) noexcept;

// Above 0, and 1 at most.
[[nodiscard]] double random_share(std::uint64_t& state) noexcept;
// Below `count`, which is above 0.
[[nodiscard]] std::uint64_t random_below(std::uint64_t& state, std::uint64_t count) noexcept;
// Mean 0, standard deviation 1.
[[nodiscard]] double random_normal(std::uint64_t& state) noexcept;

// ln and e^x to about twelve digits. `x` of the logarithm is above 0; e^x is 0 or the largest double where it does not fit.
[[nodiscard]] double natural_log(double x) noexcept;
[[nodiscard]] double power_of_e(double x) noexcept;

// How long something takes.
struct Duration {
  enum class Form : std::uint8_t { fixed, exponential, log_normal } form = Form::fixed;
  std::chrono::nanoseconds typical{};  // the mean; the median of a log-normal one
  double spread = 1;                   // log-normal: two thirds lie between typical / spread and typical * spread

  // Never longer than kLongest.
  [[nodiscard]] std::chrono::nanoseconds draw(std::uint64_t& state) const noexcept;
  static constexpr std::chrono::nanoseconds kLongest = std::chrono::hours(24 * 366);
};

}  // namespace reeve
