#include "base/source_text.h"

#include <gtest/gtest.h>

namespace reeve {
namespace {

TEST(SourceText, ReadsWhatIsWritten) {
  for (const char* text : {"192.0.2.1", "2001:db8::1", "uid:0", "uid:1000", "uid:4294967294", "local"}) {
    const auto source = parse_source(text);
    ASSERT_TRUE(source) << text;
    EXPECT_EQ(to_text(*source), text);
  }
}

TEST(SourceText, TakesNothingElse) {
  for (const char* text : {"", "uid:", "uid:-1", "uid:1x", "uid:4294967296", "uid: 1", "locals", "UID:1", "192.0.2", "joe"}) {
    EXPECT_FALSE(parse_source(text)) << text;
  }
}

}  // namespace
}  // namespace reeve
