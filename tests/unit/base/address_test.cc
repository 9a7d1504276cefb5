#include "base/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstring>
#include <random>
#include <string>

#include <gtest/gtest.h>

namespace reeve {
namespace {

Address parsed(std::string_view text) {
  const auto address = parse_address(text);
  EXPECT_TRUE(address.has_value()) << text;
  return address.value_or(Address());
}

TEST(AddressTest, TextIsReadAndWrittenInItsCanonicalForm) {
  const struct {
    const char *text, *canonical;
  } kCases[] = {
      {"0.0.0.0", "0.0.0.0"},
      {"127.0.0.1", "127.0.0.1"},
      {"255.255.255.255", "255.255.255.255"},
      {"::ffff:192.0.2.1", "192.0.2.1"},
      {"::FFFF:c000:201", "192.0.2.1"},
      {"::", "::"},
      {"::1", "::1"},
      {"1::", "1::"},
      {"0:0:0:0:0:0:0:0", "::"},
      {"2001:0DB8:0:0:0:0:0:1", "2001:db8::1"},
      {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},  // one group is not shortened
      {"2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},
      {"2001:0:0:1:0:0:0:1", "2001:0:0:1::1"},        // the longest run
      {"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},  // the first of equals
      {"1:0:0:0:0:0:0:0", "1::"},
      {"0:0:0:0:0:0:1:0", "::1:0"},
      {"64:ff9b::192.0.2.33", "64:ff9b::c000:221"},
      {"1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"},
      {"1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"},
      {"::1.2.3.4", "::102:304"},
      {"1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"},
      {"::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"},
  };
  for (const auto& c : kCases) EXPECT_EQ(to_text(parsed(c.text)), c.canonical) << c.text;
}

TEST(AddressTest, AnythingElseIsRefused) {
  const std::string_view kBad[] = {"",
                                   " ",
                                   "1",
                                   "1.2.3",
                                   "1.2.3.",
                                   "1.2.3.4.",
                                   ".1.2.3.4",
                                   "1.2.3.4.5",
                                   "1..2.3",
                                   "256.1.1.1",
                                   "1.2.3.999",
                                   "1.2.3.0004",
                                   "01.2.3.4",
                                   "1.2.3.00",
                                   " 1.2.3.4",
                                   "1.2.3.4 ",
                                   "1.2.3.4\n",
                                   "+1.2.3.4",
                                   "-1.2.3.4",
                                   "0x7f.0.0.1",
                                   "1.2.3.a",
                                   "1.2.3.4/24",
                                   ":",
                                   ":::",
                                   "1:",
                                   ":1",
                                   "1:2:3:4:5:6:7",
                                   "1:2:3:4:5:6:7:8:9",
                                   "1:2:3:4:5:6:7:8::",
                                   "::1:2:3:4:5:6:7:8",
                                   "1::2::3",
                                   "1:::2",
                                   "12345::",
                                   "g::",
                                   "::1%lo",
                                   "[::1]",
                                   "::1 ",
                                   "::1.2.3",
                                   "::1.2.3.256",
                                   "1.2.3.4::",
                                   "1.2.3.4:1::",
                                   "::1.2.3.4:5",
                                   "1:2:3:4:5:6:7:1.2.3.4",
                                   "::-1",
                                   "fe80::1/64",
                                   "localhost",
                                   std::string_view("::1\0", 4),
                                   std::string_view("1.2.3.4\0", 8)};
  for (const std::string_view text : kBad) EXPECT_FALSE(parse_address(text).has_value()) << '"' << text << '"';
}

// inet_pton(3) and reeve agree about every text near an address.
TEST(AddressTest, AgreesWithTheSystemOnMutatedTexts) {
  std::mt19937 random(20261122);
  const std::string kSeeds[] = {"192.0.2.1", "::ffff:192.0.2.1", "2001:db8::1", "1:2:3:4:5:6:7:8", "fe80::a:0:0:1",
                                "::",        "255.255.255.255"};
  const std::string kLetters = "0123456789abcdefF.:x ";
  for (int round = 0; round < 50'000; ++round) {
    std::string text = kSeeds[random() % std::size(kSeeds)];
    for (auto edits = random() % 4; edits > 0; --edits) {
      const std::size_t at = random() % (text.size() + 1);
      const char letter = kLetters[random() % kLetters.size()];
      if (random() % 3 == 0) {
        text.insert(at, 1, letter);
      } else if (at < text.size() && random() % 2 == 0) {
        text.erase(at, 1);
      } else if (at < text.size()) {
        text[at] = letter;
      }
    }
    std::array<std::uint8_t, 16> system{};
    in_addr v4{};
    bool valid = false;
    if (inet_pton(AF_INET, text.c_str(), &v4) == 1) {
      valid = true;
      system = Address::v4(ntohl(v4.s_addr)).bytes();
    } else if (inet_pton(AF_INET6, text.c_str(), system.data()) == 1) {
      valid = true;
    }
    const auto ours = parse_address(text);
    ASSERT_EQ(ours.has_value(), valid) << text;
    if (!ours) continue;
    ASSERT_EQ(ours->bytes(), system) << text;
  }
}

TEST(AddressTest, WrittenTextReadsBackAsTheSameAddress) {
  std::mt19937_64 random(7);
  for (int round = 0; round < 30'000; ++round) {
    std::array<std::uint8_t, 16> bytes{};
    for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random() % 4 == 0 ? random() : 0);
    if (round % 5 == 0) bytes = Address::v4(static_cast<std::uint32_t>(random())).bytes();
    const Address address(bytes);
    ASSERT_EQ(parse_address(to_text(address)), address) << to_text(address);
  }
}

TEST(AddressTest, KnowsTheSpecialRanges) {
  const struct {
    const char* text;
    bool v4, loopback, multicast, unspecified;
  } kCases[] = {
      {"127.0.0.1", true, true, false, false},
      {"127.255.255.255", true, true, false, false},
      {"128.0.0.1", true, false, false, false},
      {"224.0.0.1", true, false, true, false},
      {"239.255.255.255", true, false, true, false},
      {"240.0.0.0", true, false, false, false},
      {"223.255.255.255", true, false, false, false},
      {"0.0.0.0", true, false, false, true},
      {"::", false, false, false, true},
      {"::1", false, true, false, false},
      {"::2", false, false, false, false},
      {"ff02::1", false, false, true, false},
      {"fe80::1", false, false, false, false},
      {"::127.0.0.1", false, false, false, false},
  };
  for (const auto& c : kCases) {
    const Address address = parsed(c.text);
    EXPECT_EQ(address.is_v4(), c.v4) << c.text;
    EXPECT_EQ(address.is_loopback(), c.loopback) << c.text;
    EXPECT_EQ(address.is_multicast(), c.multicast) << c.text;
    EXPECT_EQ(address.is_unspecified(), c.unspecified) << c.text;
  }
  EXPECT_EQ(Address::v4(0x7f000001), parsed("127.0.0.1"));
  EXPECT_EQ(parsed("192.0.2.1").to_v4(), 0xc0000201u);
}

TEST(PrefixTest, MasksAndContains) {
  const Prefix net = Prefix::of(parsed("192.0.2.77"), 96 + 24);
  EXPECT_EQ(to_text(net), "192.0.2.0/24");
  EXPECT_TRUE(net.contains(parsed("192.0.2.255")));
  EXPECT_FALSE(net.contains(parsed("192.0.3.0")));
  EXPECT_FALSE(net.contains(parsed("::c000:201")));
  EXPECT_EQ(to_text(Prefix::of(parsed("192.0.2.77"), 96)), "0.0.0.0/0");
  EXPECT_EQ(to_text(Prefix::of(parsed("192.0.2.77"), 0)), "::/0");
  EXPECT_TRUE(Prefix::of(parsed("::"), 0).contains(parsed("192.0.2.77")));
  EXPECT_EQ(to_text(Prefix::of(parsed("2001:db8:ffff::1"), 33)), "2001:db8:8000::/33");
  EXPECT_EQ(to_text(Prefix::host(parsed("2001:db8::1"))), "2001:db8::1");
  EXPECT_EQ(to_text(Prefix::host(parsed("10.0.0.1"))), "10.0.0.1");
}

TEST(PrefixTest, IsReadWithALengthOrAMask) {
  const struct {
    const char *text, *written;  // nullptr: refused
  } kCases[] = {{"192.0.2.7", "192.0.2.7"},
                {"192.0.2.7/24", "192.0.2.0/24"},
                {"192.0.2.7/32", "192.0.2.7"},
                {"192.0.2.7/0", "0.0.0.0/0"},
                {"192.0.2.7/255.255.255.0", "192.0.2.0/24"},
                {"192.0.2.7/255.255.255.255", "192.0.2.7"},
                {"192.0.2.7/0.0.0.0", "0.0.0.0/0"},
                {"2001:db8::1/32", "2001:db8::/32"},
                {"2001:db8::1", "2001:db8::1"},
                {"::/0", "::/0"},
                {"::ffff:192.0.2.7/24", "192.0.2.0/24"},
                {"192.0.2.7/33", nullptr},
                {"192.0.2.7/", nullptr},
                {"192.0.2.7/-1", nullptr},
                {"192.0.2.7/+1", nullptr},
                {"192.0.2.7/24 ", nullptr},
                {"192.0.2.7/255.0.255.0", nullptr},
                {"192.0.2.7/0.0.0.255", nullptr},
                {"2001:db8::1/129", nullptr},
                {"2001:db8::1/255.255.255.0", nullptr},
                {"192.0.2.7/ffff::", nullptr},
                {"/24", nullptr},
                {"", nullptr},
                {"uid:1000", nullptr}};
  for (const auto& [text, written] : kCases) {
    const auto prefix = parse_prefix(text);
    ASSERT_EQ(prefix.has_value(), written != nullptr) << text;
    if (prefix) {
      EXPECT_EQ(to_text(*prefix), written) << text;
    }
  }
}

TEST(PrefixTest, ContainsExactlyWhatSharesItsBits) {
  std::mt19937 random(3);
  for (int round = 0; round < 20'000; ++round) {
    std::array<std::uint8_t, 16> bytes{};
    for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random());
    const auto bits = static_cast<unsigned>(random() % 129), flipped = static_cast<unsigned>(random() % 128);
    const Prefix prefix = Prefix::of(Address(bytes), bits);
    auto other = bytes;
    other[flipped / 8] = static_cast<std::uint8_t>(other[flipped / 8] ^ (0x80 >> flipped % 8));
    ASSERT_TRUE(prefix.contains(Address(bytes)));
    ASSERT_EQ(prefix.contains(Address(other)), flipped >= bits) << to_text(prefix) << ' ' << flipped;
  }
}

TEST(EndpointTest, ComesFromASocketAddress) {
  sockaddr_storage raw{};
  sockaddr_in in{};
  in.sin_family = AF_INET;
  in.sin_port = htons(80);
  in.sin_addr.s_addr = htonl(0xc0000201);
  std::memcpy(&raw, &in, sizeof in);
  ASSERT_TRUE(endpoint_of(raw).has_value());
  EXPECT_EQ(to_text(*endpoint_of(raw)), "192.0.2.1:80");

  sockaddr_in6 in6{};
  in6.sin6_family = AF_INET6;
  in6.sin6_port = htons(65535);
  const Address mapped = Address::v4(0xc0000201);
  std::memcpy(&in6.sin6_addr, mapped.bytes().data(), 16);
  std::memcpy(&raw, &in6, sizeof in6);
  EXPECT_EQ(to_text(*endpoint_of(raw)), "192.0.2.1:65535");  // one identity, whatever socket it came by

  in6.sin6_addr = in6addr_loopback;
  std::memcpy(&raw, &in6, sizeof in6);
  EXPECT_EQ(to_text(*endpoint_of(raw)), "[::1]:65535");

  raw.ss_family = AF_UNIX;
  EXPECT_TRUE(endpoint_of(raw)->address.is_local());
  raw.ss_family = AF_PACKET;
  EXPECT_FALSE(endpoint_of(raw).has_value());
}

TEST(AddressTest, UsersOfThisMachineAreNoAddressOfANetwork) {
  const Address user = Address::local(1000);
  EXPECT_TRUE(user.is_local());
  EXPECT_EQ(user.uid(), 1000u);
  EXPECT_EQ(to_text(user), "uid:1000");
  EXPECT_EQ(to_text(Endpoint{Address::local(Address::kUnknownUser), 0}), "local");
  EXPECT_FALSE(user.is_v4());
  for (const char* text : {"::", "::1", "127.0.0.1", "2001:db8::1"}) EXPECT_FALSE(parse_address(text)->is_local()) << text;
  // A packet that claims to come from there is nobody's.
  sockaddr_in6 forged{};
  forged.sin6_family = AF_INET6;
  std::memcpy(&forged.sin6_addr, user.bytes().data(), 16);
  sockaddr_storage raw{};
  std::memcpy(&raw, &forged, sizeof forged);
  EXPECT_FALSE(endpoint_of(raw)->address.is_local());
}

}  // namespace
}  // namespace reeve
