// Headers of proxies: any bytes, cut anywhere. The end is found at the same byte, and never before it has come.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "base/proxy_protocol.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using Outcome = reeve::ProxyHeader::Outcome;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const reeve::ProxyHeader whole = reeve::read_proxy_header(bytes);
  if (whole.outcome == Outcome::more) REEVE_CHECK(size < reeve::kMaxProxyHeader);
  if (whole.outcome != Outcome::done) return 0;
  REEVE_CHECK(whole.size <= size && whole.size <= reeve::kMaxProxyHeader);
  REEVE_CHECK(whole.source.has_value() == whole.destination.has_value());
  for (std::size_t cut = 0; cut < whole.size; ++cut) REEVE_CHECK(reeve::read_proxy_header(bytes.substr(0, cut)).outcome == Outcome::more);
  if (!whole.source) return 0;
  for (const std::string& told :
       {reeve::proxy_header_v1(*whole.source, *whole.destination), reeve::proxy_header_v2(*whole.source, *whole.destination)}) {
    const reeve::ProxyHeader again = reeve::read_proxy_header(told);
    REEVE_CHECK(again.outcome == Outcome::done && again.source == whole.source && again.destination == whole.destination);
  }
  return 0;
}
