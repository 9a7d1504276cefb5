// The line that names a service: whole, in pieces, too long, with something behind it.
#include "engine/tcpmux_request.h"

#include <string>

#include <gtest/gtest.h>

namespace reeve {
namespace {

TEST(TcpmuxRequest, IsALineUpToItsEnd) {
  struct Case {
    std::string_view bytes, name;
    std::size_t taken;
  };
  for (const Case& one : {Case{"ftp\r\n", "ftp", 5}, Case{"ftp\n", "ftp", 4}, Case{"ftp\r\nUSER me\r\n", "ftp", 5}, Case{"\r\n", "", 2},
                          Case{"\n\n", "", 1}, Case{"a b \r\r\n", "a b \r", 7}, Case{"\rx\n", "\rx", 3}}) {
    TcpmuxRequest request;
    EXPECT_EQ(request.take(one.bytes), one.taken) << one.bytes;
    EXPECT_TRUE(request.is_complete());
    EXPECT_EQ(request.name(), one.name);
    EXPECT_EQ(request.take("more"), 0U) << "what follows belongs to the service";
  }
}

TEST(TcpmuxRequest, ComesInPiecesOfAnySize) {
  const std::string whole = "service\r\nbehind";
  for (std::size_t piece = 1; piece <= whole.size(); ++piece) {
    TcpmuxRequest request;
    std::size_t taken = 0;
    while (!request.is_complete()) {
      const std::size_t count = request.take(std::string_view(whole).substr(taken, piece));
      ASSERT_GT(count, 0U);
      taken += count;
    }
    EXPECT_EQ(taken, 9U);
    EXPECT_EQ(request.name(), "service");
  }
}

TEST(TcpmuxRequest, HasABound) {
  TcpmuxRequest longest;
  EXPECT_EQ(longest.take(std::string(TcpmuxRequest::kMaxLine - 1, 'x') + "\n"), TcpmuxRequest::kMaxLine);
  EXPECT_TRUE(longest.is_complete());
  EXPECT_FALSE(longest.is_too_long());

  TcpmuxRequest longer;
  EXPECT_EQ(longer.take(std::string(TcpmuxRequest::kMaxLine, 'x') + "\n"), TcpmuxRequest::kMaxLine);
  EXPECT_FALSE(longer.is_complete());
  EXPECT_TRUE(longer.is_too_long());
  EXPECT_EQ(longer.take("\n"), 0U) << "no byte behind the bound";
  EXPECT_FALSE(longer.is_complete());
}

}  // namespace
}  // namespace reeve
