// What name servers and identification servers say: nothing that is read from it can harm a log line, a rule or a
// program's environment.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "base/host_name.h"
#include "base/printable.h"
#include "policy/ident_answer.h"
#include "sys/dns_answer.h"

namespace {

using namespace reeve;

void check_dns(std::span<const std::uint8_t> message) {
  for (const DnsType type : {DnsType::ptr, DnsType::a, DnsType::aaaa}) {
    const DnsAnswer answer = read_dns_answer(message, "1.2.0.192.in-addr.arpa", type);
    REEVE_CHECK(answer.names.size() <= kMaxDnsRecords && answer.addresses.size() <= kMaxDnsRecords);
    REEVE_CHECK(answer.ttl.count() >= 0);
    REEVE_CHECK(answer.status == DnsAnswer::Status::found || (answer.names.empty() && answer.addresses.empty()));
    for (const std::string& name : answer.names) REEVE_CHECK(is_host_name(name) && name == folded_host_name(name));
  }
}

void check_ident(std::string_view text) {
  const RemoteUser user = read_ident_answer(text, 6193, 23);
  for (std::string_view each : {std::string_view(user.answer), std::string_view(user.user), std::string_view(user.reason)}) {
    while (!each.empty()) {
      const Utf8Character character = first_character(each);
      REEVE_CHECK(character.printable);
      each.remove_prefix(character.bytes);
    }
  }
  REEVE_CHECK(user.state == RemoteUser::State::known ? !user.user.empty() : !user.reason.empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::span<const std::uint8_t> rest(data + 1, size - 1);
  if ((data[0] & 1) != 0) {
    check_dns(rest);
  } else {
    check_ident({reinterpret_cast<const char*>(rest.data()), rest.size()});
  }
  return 0;
}
