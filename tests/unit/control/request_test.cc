#include "control/request.h"

#include <random>

#include <gtest/gtest.h>

#include "control/answer.h"

namespace reeve {
namespace {

std::string_view code_of(std::string_view line) {
  const auto request = decode_request(line);
  return request ? std::string_view("good") : request.error().code;
}

TEST(RequestTest, AllThatARequestMayHave) {
  const auto request = decode_request(R"( {"v":1,"id":"a\"b","do":"ban","prefix":"192.0.2.0/24","seconds":7200,"plan":true,"not":false} )");
  ASSERT_TRUE(request) << request.error().text;
  EXPECT_EQ(request->verb, "ban");
  EXPECT_EQ(request->id, R"("a\"b")");
  EXPECT_EQ(request->text("prefix"), "192.0.2.0/24");
  EXPECT_EQ(request->number("seconds"), 7200);
  EXPECT_TRUE(request->flag("plan"));
  EXPECT_FALSE(request->flag("not"));
  EXPECT_FALSE(request->flag("seconds"));
  EXPECT_EQ(request->text("seconds"), std::nullopt);
  EXPECT_EQ(request->number("prefix"), std::nullopt);
  EXPECT_EQ(request->text("nothing"), std::nullopt);
}

TEST(RequestTest, TheIdIsGivenBackAsItWas) {
  EXPECT_EQ(decode_request(R"({"v":1,"id":-7,"do":"x"})")->id, "-7");
  EXPECT_EQ(decode_request(R"({"v":1,"do":"x"})")->id, "null");
  EXPECT_EQ(decode_request(R"({"v":1,"id":"7","do":"x"})")->id, "\"7\"");
}

TEST(RequestTest, WhatIsNoRequest) {
  for (const char* line : {"",
                           "status",
                           "{",
                           "[]",
                           "null",
                           "7",
                           R"({"v":1})",
                           R"({"do":"status"})",
                           R"({"v":"1","do":"x"})",
                           R"({"v":1,"do":7})",
                           R"({"v":1,"do":""})",
                           R"({"v":1,"do":"x"} {})",
                           R"({"v":1,"do":"x","y":{}})",
                           R"({"v":1,"do":"x","y":[1]})",
                           R"({"v":1,"do":"x","y":null})",
                           R"({"v":1,"do":"x","y":1.5})",
                           R"({"v":1,"do":"x","id":{}})",
                           R"({"v":1,"do":"x","y":18446744073709551615})",
                           "{\"v\":1,\"do\":\"\xff\"}",
                           "{\"v\":1,\"do\":\"x\", // y\n}"}) {
    EXPECT_EQ(code_of(line), kMalformed) << line;
  }
}

TEST(RequestTest, AnotherVersionIsSaidToBeOne) {
  EXPECT_EQ(code_of(R"({"v":2,"do":"status"})"), kVersion);
  EXPECT_EQ(code_of(R"({"v":0,"do":"status","odd":{}})"), kVersion) << "whatever else a later version may allow";
}

TEST(RequestTest, Bounds) {
  const auto with_text = [](std::size_t bytes) { return R"({"v":1,"do":"x","t":")" + std::string(bytes, 'a') + "\"}"; };
  EXPECT_EQ(code_of(with_text(Request::kMaxText)), "good");
  EXPECT_EQ(code_of(with_text(Request::kMaxText + 1)), kMalformed);
  const auto with_fields = [](std::size_t fields) {
    std::string line = R"({"v":1,"do":"x")";
    for (std::size_t each = 2; each < fields; ++each) line += ",\"f" + std::to_string(each) + "\":1";
    return line + "}";
  };
  EXPECT_EQ(code_of(with_fields(Request::kMaxFields)), "good");
  EXPECT_EQ(code_of(with_fields(Request::kMaxFields + 1)), kMalformed);
  EXPECT_EQ(code_of(R"({"v":1,"do":"x","id":")" + std::string(65, 'a') + "\"}"), kMalformed);
  EXPECT_EQ(code_of(std::string(2000, '[')), kMalformed);
  EXPECT_EQ(code_of("{\"v\":1,\"do\":\"x\",\"y\":" + std::string(1000, '[') + std::string(1000, ']') + "}"), kMalformed);
}

TEST(RequestTest, NoTextHarmsTheDecoder) {
  std::mt19937 random(7);
  const std::string good = R"({"v":1,"id":7,"do":"ban","prefix":"192.0.2.0/24","seconds":7200})";
  for (int round = 0; round < 20000; ++round) {
    std::string line = good;
    for (unsigned change = random() % 4; change > 0; --change) {
      const std::size_t at = random() % line.size();
      if (random() % 3 == 0) {
        line.erase(at, 1 + random() % 5);
      } else {
        line[at] = static_cast<char>(random());
      }
      if (line.empty()) break;
    }
    const auto request = decode_request(line);
    EXPECT_TRUE(request || !request.error().text.empty());
  }
}

TEST(AnswerTest, Lines) {
  const auto request = decode_request(R"({"v":1,"id":7,"do":"x"})");
  ASSERT_TRUE(request);
  std::string out;
  ItemLine item(out, *request);
  item.field("a", "b");
  item.finish();
  LastLine last(out, *request);
  last.field("count", 1);
  last.finish();
  append_failure(out, "7", {kDenied, "no"});
  EXPECT_EQ(out,
            "{\"v\":1,\"id\":7,\"item\":{\"a\":\"b\"}}\n"
            "{\"v\":1,\"id\":7,\"done\":true,\"count\":1}\n"
            "{\"v\":1,\"id\":7,\"done\":true,\"error\":{\"code\":\"denied\",\"text\":\"no\"}}\n");
}

}  // namespace
}  // namespace reeve
