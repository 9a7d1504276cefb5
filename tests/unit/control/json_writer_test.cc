#include "control/json_writer.h"

#include <gtest/gtest.h>

namespace reeve {
namespace {

TEST(JsonWriterTest, Everything) {
  std::string out;
  JsonWriter writer(out);
  writer.field("text", "a\"\n\x1b[1m");
  writer.field("yes", true);
  writer.field("number", std::uint64_t{18446744073709551615u});
  writer.field("minus", -1);
  writer.field("load", 0.5);
  writer.field("none", std::optional<std::uint32_t>());
  writer.field("some", std::optional<std::uint32_t>(3));
  writer.begin_object("inner");
  writer.field("a", 1);
  writer.field("b", 2);
  writer.end_object();
  writer.begin_object("empty");
  writer.end_object();
  writer.begin_array("list");
  writer.element("x");
  writer.begin_element();
  writer.field("y", 1);
  writer.end_object();
  writer.end_array();
  writer.raw("id", "7");
  writer.end();
  EXPECT_EQ(out, R"({"text":"a\"\n\u001b[1m","yes":true,"number":18446744073709551615,"minus":-1,"load":0.50,"none":null,"some":3,)"
                 R"("inner":{"a":1,"b":2},"empty":{},"list":["x",{"y":1}],"id":7})");
}

}  // namespace
}  // namespace reeve
