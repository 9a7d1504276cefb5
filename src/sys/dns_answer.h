// The answers of name servers, read without trust: the one place that takes a DNS message (RFC 1035) apart.
//
// Pure and total over all bytes. Names that are not host names (base/host_name.h) are left out, so what comes out can
// go into logs and rules.
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.h"

namespace reeve {

enum class DnsType : std::uint16_t { a = 1, cname = 5, soa = 6, ptr = 12, aaaa = 28 };

struct DnsAnswer {
  enum class Status : std::uint8_t {
    found,   // the name has records of this type; `names` may be empty all the same, if none of them is a host name
    none,    // there is no such name, or it has none of this type
    failed,  // no answer, an error, or a message that can't be read
  };
  Status status = Status::failed;
  std::vector<std::string> names;  // PTR, in small letters and without final dot; at most kMaxDnsRecords
  std::vector<Address> addresses;  // A, AAAA; at most kMaxDnsRecords
  // How long it may be remembered: the smallest TTL of the records that led here; of `none` what the zone says (RFC 2308).
  std::chrono::seconds ttl{0};
};
constexpr std::size_t kMaxDnsRecords = 64;  // of one message; what follows is left out

// `message` as it came for `question` (a name in any case) and `type`. CNAME records are followed within the message.
[[nodiscard]] DnsAnswer read_dns_answer(std::span<const std::uint8_t> message, std::string_view question, DnsType type);

// The name under which an address's PTR records stand: "1.2.0.192.in-addr.arpa", "...ip6.arpa".
[[nodiscard]] std::string reverse_name(const Address& address);

}  // namespace reeve
