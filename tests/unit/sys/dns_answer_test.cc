#include "sys/dns_answer.h"

#include <gtest/gtest.h>

#include "unit/sys/dns_messages.h"

namespace reeve {
namespace {

using namespace std::chrono_literals;
constexpr unsigned kNoSuchName = 3, kServerFailure = 2;

// "found 300: a b", "none 60:", "failed 0:".
std::string text_of(const DnsAnswer& answer) {
  static constexpr const char* kStatus[] = {"found ", "none ", "failed "};
  std::string text = kStatus[static_cast<int>(answer.status)] + std::to_string(answer.ttl.count()) + ":";
  for (const std::string& name : answer.names) text += " " + name;
  for (const Address& address : answer.addresses) text += " " + to_text(address);
  return text;
}

std::string read(std::string_view question, DnsType type, const std::vector<WireRecord>& answers, unsigned rcode = 0,
                 const std::vector<WireRecord>& authorities = {}) {
  return text_of(read_dns_answer(answer_message(7, rcode, question, type, answers, authorities), question, type));
}

TEST(ReverseNameTest, IsThatOfTheAddress) {
  EXPECT_EQ(reverse_name(parse_address("192.0.2.17").value()), "17.2.0.192.in-addr.arpa");
  EXPECT_EQ(reverse_name(parse_address("2001:db8::567:89ab").value()),
            "b.a.9.8.7.6.5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa");
}

TEST(DnsAnswerTest, TakesRecordsOfItsQuestionOnly) {
  const std::string reverse = "17.2.0.192.in-addr.arpa";
  EXPECT_EQ(read(reverse, DnsType::ptr, {ptr_record(reverse, "Host.Example", 90), ptr_record(reverse, "b.example", 60)}),
            "found 60: host.example b.example");
  EXPECT_EQ(read("17.2.0.192.IN-ADDR.arpa.", DnsType::ptr, {ptr_record("17.2.0.192.in-addr.ARPA", "host.example")}),
            "found 300: host.example");
  EXPECT_EQ(read(reverse, DnsType::ptr, {ptr_record("18.2.0.192.in-addr.arpa", "forged.example")}), "none 0:");
  EXPECT_EQ(read("h.example", DnsType::a,
                 {address_record("h.example", "192.0.2.1"), address_record("h.example", "2001:db8::1"),
                  address_record("other.example", "192.0.2.2"), address_record("h.example", "192.0.2.3", 5)}),
            "found 5: 192.0.2.1 192.0.2.3");
  EXPECT_EQ(read("h.example", DnsType::aaaa, {address_record("h.example", "2001:db8::1")}), "found 300: 2001:db8::1");
}

TEST(DnsAnswerTest, FollowsAliasesWithinTheMessage) {
  // RFC 2317: reverse zones smaller than a /24.
  EXPECT_EQ(read("17.2.0.192.in-addr.arpa", DnsType::ptr,
                 {cname_record("17.2.0.192.in-addr.arpa", "17.0/26.2.0.192.in-addr.arpa", 40),
                  ptr_record("17.0/26.2.0.192.in-addr.arpa", "h.example", 90)}),
            "found 40: h.example");
  // In any order, and round in a circle.
  EXPECT_EQ(
      read("a.example", DnsType::a,
           {address_record("c.example", "192.0.2.1"), cname_record("b.example", "c.example"), cname_record("a.example", "b.example")}),
      "found 300: 192.0.2.1");
  EXPECT_EQ(read("a.example", DnsType::a, {cname_record("a.example", "b.example"), cname_record("b.example", "a.example")}), "none 0:");
}

TEST(DnsAnswerTest, LeavesOutWhatIsNoHostName) {
  const std::string reverse = "17.2.0.192.in-addr.arpa";
  for (const char* name :
       {"a b.example", "x\n26/1/1@00:00:00: START: svc", "$(reboot).example", "b\xc3\xbc.example", "-rf.example", "192.0.2.1"}) {
    EXPECT_EQ(read(reverse, DnsType::ptr, {ptr_record(reverse, name)}), "found 300:") << name;
  }
  // A dot inside a label is no border between labels.
  Bytes trick{11, 'g', 'o', 'o', 'd', '.', 'e', 'x', 'a', 'm', 'p', 'l', 1, 'e', 0};
  EXPECT_EQ(read(reverse, DnsType::ptr, {{reverse, DnsType::ptr, 300, trick}}), "found 300:");
  const std::string longest = std::string(63, 'a') + "." + std::string(63, 'b') + "." + std::string(63, 'c') + "." + std::string(61, 'd');
  EXPECT_EQ(read(reverse, DnsType::ptr, {ptr_record(reverse, longest)}), "found 300: " + longest);
  EXPECT_EQ(read(reverse, DnsType::ptr, {ptr_record(reverse, longest + "e")}), "found 300:");
}

TEST(DnsAnswerTest, KnowsHowLongNothingHolds) {
  EXPECT_EQ(read("h.example", DnsType::a, {}, kNoSuchName, {soa_record("example", 900, 60)}), "none 60:");
  EXPECT_EQ(read("h.example", DnsType::a, {}, 0, {soa_record("example", 30, 60)}), "none 30:");
  EXPECT_EQ(read("h.example", DnsType::a, {}, kNoSuchName), "none 0:");
  EXPECT_EQ(read("h.example", DnsType::a, {address_record("h.example", "192.0.2.1")}, kServerFailure), "failed 0:");
  EXPECT_EQ(read("h.example", DnsType::a, {address_record("h.example", "192.0.2.1", 0x80000000u)}), "found 0: 192.0.2.1");
}

TEST(DnsAnswerTest, FailsOnWhatItCannotRead) {
  const Bytes whole = answer_message(7, 0, "h.example", DnsType::a, {address_record("h.example", "192.0.2.1")});
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_EQ(text_of(read_dns_answer(cut, "h.example", DnsType::a)), "failed 0:") << size;
  }
  Bytes query = whole;
  query[2] &= 0x7f;
  EXPECT_EQ(text_of(read_dns_answer(query, "h.example", DnsType::a)), "failed 0:");
  // A name that points at itself, and one that points forward.
  for (const bool forward : {false, true}) {
    Bytes circle = answer_message(7, 0, "h", DnsType::a, {});
    circle[7] = 1;
    const auto target = static_cast<std::uint8_t>(circle.size() + (forward ? 20 : 0));
    circle.insert(circle.end(), {0xc0, target, 0, 1, 0, 1, 0, 0, 0, 9, 0, 4, 1, 2, 3, 4});
    EXPECT_EQ(text_of(read_dns_answer(circle, "h", DnsType::a)), "failed 0:");
  }
  // Compressed as servers do it.
  Bytes compressed = answer_message(7, 0, "h.example", DnsType::a, {});
  compressed[7] = 1;
  compressed.insert(compressed.end(), {0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 9, 0, 4, 192, 0, 2, 1});
  EXPECT_EQ(text_of(read_dns_answer(compressed, "h.example", DnsType::a)), "found 9: 192.0.2.1");
}

}  // namespace
}  // namespace reeve
