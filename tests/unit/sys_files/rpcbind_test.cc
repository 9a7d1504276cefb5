// Addresses as rpcbind writes them.
#include "sys/rpcbind.h"

#include <gtest/gtest.h>

namespace reeve {
namespace {

TEST(UniversalAddress, IsAnAddressAndTwoBytesOfPort) {
  const auto text = [](std::string_view universal) {
    const auto parsed = parse_universal_address(universal);
    return parsed ? to_text(*parsed) : std::string("nothing");
  };
  EXPECT_EQ(text("192.0.2.1.17.92"), "192.0.2.1:4444");
  EXPECT_EQ(text("0.0.0.0.0.111"), "0.0.0.0:111");
  EXPECT_EQ(text("::.255.255"), "[::]:65535");
  EXPECT_EQ(text("2001:db8::1.0.1"), "[2001:db8::1]:1");
  for (const char* wrong : {"", ".", "..", "1.2", "192.0.2.1", "192.0.2.1.0", "192.0.2.1.256.1", "192.0.2.1.0.-1", "::.1", "::.1.", "x.0.1",
                            "/run/rpcbind.sock", "192.0.2.1.0.1 ", "192.0.2.1.0x1.1"})
    EXPECT_EQ(text(wrong), "nothing") << wrong;
}

}  // namespace
}  // namespace reeve
