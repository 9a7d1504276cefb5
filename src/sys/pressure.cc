#include "sys/pressure.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <charconv>

#include "base/unique_fd.h"

namespace reeve {

namespace {

std::optional<float> read_pressure(const char* path) noexcept {
  const UniqueFd file(::open(path, O_RDONLY | O_CLOEXEC));
  std::array<char, 256> text;
  if (!file) return std::nullopt;
  const ssize_t count = ::read(file.get(), text.data(), text.size());  // fails where it is switched off
  if (count <= 0) return std::nullopt;
  return parse_pressure({text.data(), static_cast<std::size_t>(count)});
}

}  // namespace

std::optional<float> parse_pressure(std::string_view text) noexcept {
  constexpr std::string_view kBefore = "avg10=";
  const std::string_view line = text.substr(0, text.find('\n'));
  const std::size_t at = line.find(kBefore);
  if (!line.starts_with("some ") || at == std::string_view::npos) return std::nullopt;
  float value = 0;
  const char* const end = line.data() + line.size();
  const auto [rest, error] = std::from_chars(line.data() + at + kBefore.size(), end, value);
  const bool is_share = error == std::errc() && (rest == end || *rest == ' ') && value >= 0 && value <= 100;
  return is_share ? std::optional(value) : std::nullopt;
}

std::optional<PressureStalls> pressure_stalls() noexcept {
  const auto cpu = read_pressure("/proc/pressure/cpu"), memory = read_pressure("/proc/pressure/memory"),
             io = read_pressure("/proc/pressure/io");
  if (!cpu || !memory || !io) return std::nullopt;
  return PressureStalls{.cpu = *cpu, .memory = *memory, .io = *io};
}

}  // namespace reeve
