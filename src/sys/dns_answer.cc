#include "sys/dns_answer.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/host_name.h"

namespace reeve {
namespace {

constexpr std::size_t kHeader = 12;
constexpr std::size_t kMaxName = 255;
constexpr int kMaxAliases = 8;
constexpr std::uint16_t kInternet = 1;
constexpr std::uint8_t kNoError = 0, kNoSuchName = 3;
constexpr std::uint32_t kMaxTtl = 0x7fffffff;  // RFC 2181: a larger one means 0
// No byte of a host name: takes the place of what may not stand in one, so that it equals none.
constexpr char kForeign = '\x01';

class Reader {
 public:
  explicit Reader(std::span<const std::uint8_t> message) : message_(message) {}

  [[nodiscard]] std::size_t position() const noexcept { return position_; }
  [[nodiscard]] std::span<const std::uint8_t> rest(std::size_t size) const noexcept { return message_.subspan(position_, size); }
  bool skip(std::size_t size) noexcept {
    if (message_.size() - position_ < size) return false;
    position_ += size;
    return true;
  }
  bool number(std::uint16_t& value) noexcept {
    if (message_.size() - position_ < 2) return false;
    value = static_cast<std::uint16_t>(message_[position_] << 8 | message_[position_ + 1]);
    position_ += 2;
    return true;
  }
  bool number(std::uint32_t& value) noexcept {
    std::uint16_t high = 0, low = 0;
    if (!number(high) || !number(low)) return false;
    value = std::uint32_t{high} << 16 | low;
    return true;
  }
  // A name, folded. Compression pointers only lead backwards, so that every name ends.
  bool name(std::string& text) {
    text.clear();
    std::size_t at = position_, lowest = position_;
    bool jumped = false;
    for (;;) {
      if (at >= message_.size()) return false;
      const std::size_t length = message_[at];
      if (length >= 0xc0) {
        if (at + 1 >= message_.size()) return false;
        const std::size_t target = (length & 0x3f) << 8 | message_[at + 1];
        if (target >= lowest) return false;
        if (!std::exchange(jumped, true)) position_ = at + 2;
        at = lowest = target;
        continue;
      }
      if (length > 63 || at + length >= message_.size()) return false;
      ++at;
      if (length == 0) break;
      if (!text.empty()) text += '.';
      for (std::size_t each = 0; each < length; ++each) text += letter(message_[at + each]);
      at += length;
      if (text.size() > kMaxName) return false;
    }
    if (!jumped) position_ = at;
    return true;
  }

 private:
  static char letter(std::uint8_t byte) noexcept {
    const char c = static_cast<char>(byte);
    if (c >= 'A' && c <= 'Z') return static_cast<char>(c - 'A' + 'a');
    return c > ' ' && c <= '~' && c != '.' ? c : kForeign;
  }

  std::span<const std::uint8_t> message_;
  std::size_t position_ = 0;
};

struct Record {
  std::string owner;
  DnsType type{};
  std::uint32_t ttl = 0;
  std::size_t data = 0;  // where it begins: names in it may point to what is before
  std::size_t size = 0;
};

bool read_record(Reader& reader, Record& record) {
  std::uint16_t type = 0, internet = 0, size = 0;
  if (!reader.name(record.owner) || !reader.number(type) || !reader.number(internet) || !reader.number(record.ttl) || !reader.number(size))
    return false;
  record.type = internet == kInternet ? static_cast<DnsType>(type) : DnsType{};
  if (record.ttl > kMaxTtl) record.ttl = 0;
  record.data = reader.position();
  record.size = size;
  return reader.skip(size);
}

std::optional<std::string> name_in(std::span<const std::uint8_t> message, const Record& record) {
  Reader reader(message.first(record.data + record.size));
  std::string name;
  if (!reader.skip(record.data) || !reader.name(name)) return std::nullopt;
  return name;
}

std::optional<Address> address_in(std::span<const std::uint8_t> message, const Record& record) {
  const auto data = message.subspan(record.data, record.size);
  if (record.type == DnsType::a && data.size() == 4) {
    return Address::v4(std::uint32_t{data[0]} << 24 | std::uint32_t{data[1]} << 16 | std::uint32_t{data[2]} << 8 | data[3]);
  }
  if (record.type != DnsType::aaaa || data.size() != 16) return std::nullopt;
  std::array<std::uint8_t, 16> bytes{};
  std::ranges::copy(data, bytes.begin());
  return Address(bytes);
}

// SOA: two names, then five numbers, of which the last is the negative TTL.
std::uint32_t negative_ttl(std::span<const std::uint8_t> message, const Record& record) {
  Reader reader(message.first(record.data + record.size));
  std::string ignored;
  std::uint32_t minimum = 0;
  if (!reader.skip(record.data) || !reader.name(ignored) || !reader.name(ignored) || !reader.skip(16) || !reader.number(minimum)) return 0;
  return std::min(minimum, record.ttl);
}

void collect(DnsAnswer& answer, std::span<const std::uint8_t> message, const Record& record) {
  if (record.type == DnsType::ptr) {
    const auto name = name_in(message, record);
    if (name && is_host_name(*name) && std::ranges::find(answer.names, *name) == answer.names.end()) answer.names.push_back(*name);
  } else if (const auto address = address_in(message, record)) {
    answer.addresses.push_back(*address);
  }
}

}  // namespace

DnsAnswer read_dns_answer(std::span<const std::uint8_t> message, std::string_view question, DnsType type) {
  DnsAnswer answer;
  Reader reader(message);
  std::uint16_t id = 0, flags = 0, questions = 0, answers = 0, authorities = 0, additional = 0;
  if (!reader.number(id) || !reader.number(flags) || !reader.number(questions) || !reader.number(answers) || !reader.number(authorities) ||
      !reader.number(additional) || message.size() < kHeader)
    return answer;
  const auto rcode = static_cast<std::uint8_t>(flags & 0xf);
  const bool is_response = (flags & 0x8000) != 0;
  if (!is_response || (rcode != kNoError && rcode != kNoSuchName)) return answer;
  std::string ignored;
  for (unsigned each = 0; each < questions; ++each) {
    if (!reader.name(ignored) || !reader.skip(4)) return answer;
  }
  std::vector<Record> records;
  for (unsigned each = 0; each < answers; ++each) {
    Record record;
    if (!read_record(reader, record)) return answer;
    if (records.size() < kMaxDnsRecords) records.push_back(std::move(record));
  }

  std::string owner = folded_host_name(question);
  std::uint32_t ttl = kMaxTtl;
  for (int alias = 0; alias <= kMaxAliases; ++alias) {
    bool found = false;
    const Record* next = nullptr;
    for (const Record& record : records) {
      if (record.owner != owner) continue;
      if (record.type == type) {
        found = true;
        ttl = std::min(ttl, record.ttl);
        collect(answer, message, record);
      } else if (record.type == DnsType::cname) {
        next = &record;
      }
    }
    if (found) {
      answer.status = DnsAnswer::Status::found;
      answer.ttl = std::chrono::seconds(ttl);
      return answer;
    }
    if (next == nullptr) break;
    const auto target = name_in(message, *next);
    if (!target) return answer;
    ttl = std::min(ttl, next->ttl);
    owner = *target;
  }

  answer.status = DnsAnswer::Status::none;
  for (unsigned each = 0; each < authorities; ++each) {
    Record record;
    if (!read_record(reader, record)) break;
    if (record.type == DnsType::soa) answer.ttl = std::chrono::seconds(std::min(ttl, negative_ttl(message, record)));
  }
  return answer;
}

std::string reverse_name(const Address& address) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  const auto& bytes = address.bytes();
  std::string name;
  if (address.is_v4()) {
    for (std::size_t each = bytes.size(); each-- > 12;) name += std::to_string(bytes[each]) + ".";
    return name + "in-addr.arpa";
  }
  for (std::size_t each = bytes.size(); each-- > 0;) {
    for (const unsigned half : {bytes[each] & 0xfu, unsigned{bytes[each]} >> 4}) {
      name += kDigits[half];
      name += '.';
    }
  }
  return name + "ip6.arpa";
}

}  // namespace reeve
