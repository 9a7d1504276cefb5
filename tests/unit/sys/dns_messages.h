// DNS messages made by hand, for tests of what reads them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sys/dns_answer.h"

namespace reeve {

using Bytes = std::vector<std::uint8_t>;

inline void put16(Bytes& bytes, unsigned value) {
  bytes.push_back(static_cast<std::uint8_t>(value >> 8));
  bytes.push_back(static_cast<std::uint8_t>(value));
}
inline void put32(Bytes& bytes, std::uint32_t value) {
  put16(bytes, value >> 16);
  put16(bytes, value & 0xffff);
}

// Labels between dots, as they are: also those that no host name may have.
inline Bytes wire_name(std::string_view name) {
  Bytes bytes;
  while (!name.empty()) {
    const std::size_t dot = std::min(name.find('.'), name.size());
    bytes.push_back(static_cast<std::uint8_t>(dot));
    bytes.insert(bytes.end(), name.begin(), name.begin() + static_cast<std::ptrdiff_t>(dot));
    name.remove_prefix(std::min(dot + 1, name.size()));
  }
  bytes.push_back(0);
  return bytes;
}

struct WireRecord {
  std::string owner;
  DnsType type;
  std::uint32_t ttl;
  Bytes data;
};

inline WireRecord ptr_record(std::string owner, std::string_view target, std::uint32_t ttl = 300) {
  return {std::move(owner), DnsType::ptr, ttl, wire_name(target)};
}
inline WireRecord cname_record(std::string owner, std::string_view target, std::uint32_t ttl = 300) {
  return {std::move(owner), DnsType::cname, ttl, wire_name(target)};
}
inline WireRecord address_record(std::string owner, std::string_view text, std::uint32_t ttl = 300) {
  const Address address = parse_address(text).value();
  const auto& all = address.bytes();
  if (address.is_v4()) return {std::move(owner), DnsType::a, ttl, Bytes(all.begin() + 12, all.end())};
  return {std::move(owner), DnsType::aaaa, ttl, Bytes(all.begin(), all.end())};
}
inline WireRecord soa_record(std::string owner, std::uint32_t ttl, std::uint32_t negative) {
  Bytes data = wire_name("ns.example");
  const Bytes mail = wire_name("root.example");
  data.insert(data.end(), mail.begin(), mail.end());
  for (const std::uint32_t number : {1u, 2u, 3u, 4u, negative}) put32(data, number);
  return {std::move(owner), DnsType::soa, ttl, std::move(data)};
}

inline Bytes answer_message(unsigned id, unsigned rcode, std::string_view question, DnsType type, const std::vector<WireRecord>& answers,
                            const std::vector<WireRecord>& authorities = {}) {
  Bytes bytes;
  put16(bytes, id);
  put16(bytes, 0x8180 | rcode);
  put16(bytes, 1);
  put16(bytes, static_cast<unsigned>(answers.size()));
  put16(bytes, static_cast<unsigned>(authorities.size()));
  put16(bytes, 0);
  const Bytes name = wire_name(question);
  bytes.insert(bytes.end(), name.begin(), name.end());
  put16(bytes, static_cast<unsigned>(type));
  put16(bytes, 1);
  for (const auto* section : {&answers, &authorities}) {
    for (const WireRecord& record : *section) {
      const Bytes owner = wire_name(record.owner);
      bytes.insert(bytes.end(), owner.begin(), owner.end());
      put16(bytes, static_cast<unsigned>(record.type));
      put16(bytes, 1);
      put32(bytes, record.ttl);
      put16(bytes, static_cast<unsigned>(record.data.size()));
      bytes.insert(bytes.end(), record.data.begin(), record.data.end());
    }
  }
  return bytes;
}

}  // namespace reeve
