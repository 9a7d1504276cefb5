// Foreign bytes to tcpmux, cut into pieces as the first bytes say: the line ends at the same place however it was cut.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "engine/tcpmux_request.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data + 1), size - 1);
  const std::size_t piece = std::size_t{data[0]} + 1;

  reeve::TcpmuxRequest whole;
  const std::size_t taken = whole.take(bytes);
  REEVE_CHECK(taken <= std::min(bytes.size(), reeve::TcpmuxRequest::kMaxLine));
  REEVE_CHECK(whole.is_complete() == (bytes.substr(0, reeve::TcpmuxRequest::kMaxLine).find('\n') != std::string_view::npos));
  REEVE_CHECK(whole.is_too_long() == (!whole.is_complete() && bytes.size() >= reeve::TcpmuxRequest::kMaxLine));
  if (whole.is_complete()) REEVE_CHECK(bytes.starts_with(whole.name()) && whole.name().find('\n') == std::string_view::npos);

  reeve::TcpmuxRequest cut;
  std::size_t at = 0;
  while (at < bytes.size()) {
    const std::size_t count = cut.take(bytes.substr(at, piece));
    if (count == 0) break;
    at += count;
  }
  REEVE_CHECK(at == taken && cut.is_complete() == whole.is_complete() && cut.name() == whole.name());
  return 0;
}
