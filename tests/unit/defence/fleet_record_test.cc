// A record says what was signed, in the one spelling there is, or nothing.
#include "defence/fleet_record.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

#include <gtest/gtest.h>

#include "base/unique_fd.h"

namespace reeve {
namespace {

const std::string kSecret = "0123456789abcdef0123456789abcdef";

FleetKey key(std::string_view secret = kSecret, std::string_view fleet = "reeve") {
  return *FleetKey::from(secret, fleet);
}

FleetRecord ban() {
  FleetRecord record;
  record.node = "web-1";
  record.prefix = Prefix::of(*parse_address("198.51.100.7"), 128);
  record.origin = BanOrigin::penalty;
  record.since = 1'700'000'000'000;
  record.said = 1'700'000'001'000;
  record.until = 1'700'000'600'000;
  record.hits = 3;
  record.times = 2;
  record.reason = "penalties over 100";
  return record;
}

TEST(FleetKey, SignsAsRfc2104Says) {
  // The signature was made with `openssl mac -digest SHA256 HMAC`.
  EXPECT_EQ(key(kSecret, "f").sign("text"), key(kSecret + "\n", "f").sign("text"));
  EXPECT_EQ("a797fb77db617416fbbdde1b4dad118a36961c89d00f06124640cced5a6dcc44", key(kSecret, "f").sign("text"));
}

TEST(FleetKey, IsNotTooShort) {
  EXPECT_FALSE(FleetKey::from("short", "reeve"));
  EXPECT_FALSE(FleetKey::from("                                         short", "reeve"));
  EXPECT_FALSE(FleetKey::from(std::string(5000, 'x'), "reeve"));
}

TEST(FleetKey, ASecretThatEverybodyMayReadIsRefused) {
  char path[] = "/tmp/fleet-key-XXXXXX";
  const UniqueFd file(::mkstemp(path));
  ASSERT_TRUE(file);
  ::unlink(path);
  const std::string text = kSecret + "\n";
  ASSERT_EQ(static_cast<ssize_t>(text.size()), ::write(file.get(), text.data(), text.size()));
  ASSERT_EQ(0, ::fchmod(file.get(), 0640));
  ASSERT_TRUE(read_secret(file.get(), path));
  EXPECT_EQ(text, *read_secret(file.get(), path));
  ASSERT_EQ(0, ::fchmod(file.get(), 0644));
  const auto open = read_secret(file.get(), path);
  ASSERT_FALSE(open);
  EXPECT_NE(std::string::npos, open.error().text().find("chmod o="));
  EXPECT_FALSE(read_secret(-1, path));
  const UniqueFd nothing(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  EXPECT_FALSE(read_secret(nothing.get(), "/dev/null"));
}

TEST(FleetRecord, ComesBackAsItWent) {
  FleetRecord lift;
  lift.kind = FleetRecord::Kind::lift;
  lift.node = "db";
  lift.prefix = Prefix::of(*parse_address("2001:db8:1::"), 48);
  lift.said = 5;
  lift.until = 6;
  FleetRecord here;
  here.kind = FleetRecord::Kind::here;
  here.node = "db";
  here.said = 5;
  here.until = 6;
  FleetRecord wordless = ban();
  wordless.reason.clear();
  for (const FleetRecord& record : {ban(), lift, here, wordless}) {
    const ReadRecord read = read_record(write_record(record, key()), key());
    EXPECT_EQ(RecordFault::none, read.fault);
    EXPECT_EQ(record, read.record);
  }
}

TEST(FleetRecord, IsWrittenAsItsHeaderSays) {
  EXPECT_EQ("ban web-1 198.51.100.7 penalty 1700000001000 1700000000000 1700000600000 3 2 penalties over 100", body_of(ban()));
}

TEST(FleetRecord, AnotherKeyOrFleetIsNotOurs) {
  const std::string text = write_record(ban(), key());
  EXPECT_EQ(RecordFault::unsigned_, read_record(text, key("another secret of at least 32 bytes")).fault);
  EXPECT_EQ(RecordFault::unsigned_, read_record(text, key(kSecret, "other")).fault);
}

TEST(FleetRecord, NotOneByteCanBeChanged) {
  const std::string text = write_record(ban(), key());
  for (std::size_t at = 0; at < text.size(); ++at) {
    std::string changed = text;
    changed[at] = changed[at] == '1' ? '2' : '1';
    EXPECT_NE(RecordFault::none, read_record(changed, key()).fault) << at;
  }
  EXPECT_NE(RecordFault::none, read_record(text + " ", key()).fault);
  EXPECT_NE(RecordFault::none, read_record(std::string_view(text).substr(0, text.size() - 1), key()).fault);
}

// What only a node with the key could write, and should not.
TEST(FleetRecord, ThereIsOneSpelling) {
  const auto fault = [](std::string_view body) {
    FleetRecord record;
    return !read_body(body, record);
  };
  EXPECT_FALSE(fault("ban a 198.51.100.0/24 sensor 2 1 3 1 1 why"));
  EXPECT_TRUE(fault("ban a 198.51.100.7/24 sensor 2 1 3 1 1 why"));   // bits behind the prefix
  EXPECT_TRUE(fault("ban a 198.51.100.7/32 sensor 2 1 3 1 1 why"));   // written without /32
  EXPECT_TRUE(fault("ban a 198.51.100.0/24 sensor 02 1 3 1 1 why"));  // a zero in front
  EXPECT_TRUE(fault("ban a 198.51.100.0/24  sensor 2 1 3 1 1 why"));  // two blanks
  EXPECT_TRUE(fault("ban a 198.51.100.0/24 sensor 2 1 3 1 1  why"));
  EXPECT_TRUE(fault("ban a 198.51.100.0/24 sensor 2 1 3 1 1"));  // no blank before no reason
  EXPECT_TRUE(fault("ban a 198.51.100.0/24 sensor 2 1 3 1 1 w\x01y"));
  EXPECT_TRUE(fault("ban a 198.51.100.0/24 fleet 2 1 3 1 1 why"));   // nobody sends on
  EXPECT_TRUE(fault("ban a 198.51.100.0/24 sensor 2 3 3 1 1 why"));  // began after it was said
  EXPECT_TRUE(fault("ban a 198.51.100.0/24 sensor 3 1 3 1 1 why"));  // has ended when it is said
  EXPECT_TRUE(fault("ban a 198.51.100.0/24 sensor 2 1 3 0 1 why"));
  EXPECT_TRUE(fault("ban a 198.51.100.0/33 sensor 2 1 3 1 1 why"));
  EXPECT_TRUE(fault("ban a 198.51.100.0/24 sensor 2 1 99999999999999999999 1 1 why"));
  EXPECT_TRUE(fault("ban a!b 198.51.100.0/24 sensor 2 1 3 1 1 why"));
  EXPECT_TRUE(fault("ban a ::ffff:198.51.100.7 sensor 2 1 3 1 1 why"));
  EXPECT_TRUE(fault("lift a 198.51.100.7 2 3 4"));
  EXPECT_TRUE(fault("here a 3 3"));
  EXPECT_TRUE(fault("gone a 2 3"));
  EXPECT_TRUE(fault(""));
}

TEST(FleetRecord, NodesHaveNamesThatFitEverywhere) {
  EXPECT_TRUE(is_node_name("web-1.example_2"));
  EXPECT_FALSE(is_node_name(""));
  EXPECT_FALSE(is_node_name("a b"));
  EXPECT_FALSE(is_node_name("a:b"));
  EXPECT_FALSE(is_node_name("a*"));
  EXPECT_TRUE(is_node_name(std::string(63, 'a')));
  EXPECT_FALSE(is_node_name(std::string(64, 'a')));
}

}  // namespace
}  // namespace reeve
