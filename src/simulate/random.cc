#include "simulate/random.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace reeve {
namespace {

constexpr double kLn2 = 0.693'147'180'559'945'309'4;

}  // namespace

std::uint64_t random_state(std::uint64_t seed, std::uint64_t index) noexcept {
  std::uint64_t state = seed;
  state = next_random(state) + index;
  return next_random(state);
}

double random_share(std::uint64_t& state) noexcept {
  return (static_cast<double>(next_random(state) >> 11) + 1) / 9'007'199'254'740'992.0;  // 2^53
}

std::uint64_t random_below(std::uint64_t& state, std::uint64_t count) noexcept {
  // The high half of the product: no bias that anybody could see for counts far below 2^64.
  const std::uint64_t number = next_random(state);
  const std::uint64_t low = (number & 0xffff'ffff) * (count & 0xffff'ffff);
  const std::uint64_t first = (number >> 32) * (count & 0xffff'ffff), second = (number & 0xffff'ffff) * (count >> 32);
  const std::uint64_t middle = (low >> 32) + (first & 0xffff'ffff) + (second & 0xffff'ffff);
  return (number >> 32) * (count >> 32) + (first >> 32) + (second >> 32) + (middle >> 32);
}

double random_normal(std::uint64_t& state) noexcept {
  // Marsaglia's polar method; the second number is not kept, so that a sequence is nothing but its state.
  for (;;) {
    const double x = 2 * random_share(state) - 1, y = 2 * random_share(state) - 1;
    const double square = x * x + y * y;
    if (square > 0 && square < 1) return x * std::sqrt(-2 * natural_log(square) / square);
  }
}

double natural_log(double x) noexcept {
  int exponent = 0;
  double mantissa = std::frexp(x, &exponent);  // exact; 0.5 <= mantissa < 1
  if (mantissa < 0.707) {
    mantissa *= 2;
    --exponent;
  }
  // ln m = 2 atanh((m - 1) / (m + 1)), and that is small.
  const double ratio = (mantissa - 1) / (mantissa + 1), square = ratio * ratio;
  double term = ratio, sum = 0;
  for (int i = 1; i < 24; i += 2) {
    sum += term / i;
    term *= square;
  }
  return 2 * sum + exponent * kLn2;
}

double power_of_e(double x) noexcept {
  if (x > 700) return std::numeric_limits<double>::max();
  if (x < -700) return 0;
  const double twos = std::floor(x / kLn2 + 0.5), rest = x - twos * kLn2;
  double term = 1, sum = 1;
  for (int i = 1; i < 16; ++i) {
    term *= rest / i;
    sum += term;
  }
  return std::ldexp(sum, static_cast<int>(twos));
}

std::chrono::nanoseconds Duration::draw(std::uint64_t& state) const noexcept {
  double factor = 1;
  if (form == Form::exponential) factor = -natural_log(random_share(state));
  if (form == Form::log_normal) factor = power_of_e(natural_log(spread) * random_normal(state));
  const double drawn = static_cast<double>(typical.count()) * factor;
  return std::chrono::nanoseconds(static_cast<std::int64_t>(std::min(drawn, static_cast<double>(kLongest.count()))));
}

}  // namespace reeve
