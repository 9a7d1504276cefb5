#include "base/source_text.h"

#include <charconv>
#include <cstdint>

namespace reeve {

std::optional<Address> parse_source(std::string_view text) noexcept {
  constexpr std::string_view kUser = "uid:";
  if (text == "local") return Address::local(Address::kUnknownUser);
  if (!text.starts_with(kUser)) return parse_address(text);
  text.remove_prefix(kUser.size());
  std::uint32_t uid = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), uid);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return Address::local(uid);
}

}  // namespace reeve
