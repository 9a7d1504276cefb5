#include "cli/control_views.h"

#include <gtest/gtest.h>

#include "cli/spans.h"
#include "cli/table.h"

namespace reeve {
namespace {

boost::json::object object(std::string_view text) {
  return boost::json::parse(text).as_object();
}

TEST(SpansTest, WrittenAndRead) {
  EXPECT_EQ(span_text(0), "0s");
  EXPECT_EQ(span_text(59), "59s");
  EXPECT_EQ(span_text(190), "3m10s");
  EXPECT_EQ(span_text(7500), "2h05m");
  EXPECT_EQ(span_text(3 * 86400 + 4 * 3600 + 59), "3d04h");
  EXPECT_EQ(parse_span("90"), 90);
  EXPECT_EQ(parse_span("90s"), 90);
  EXPECT_EQ(parse_span("1h30m"), 5400);
  EXPECT_EQ(parse_span("2d"), 172800);
  EXPECT_EQ(parse_span("1w"), 604800);
  for (const char* text : {"", "0", "h", "-1h", "1x", "1h30", "1.5h", "999999999999999999999", "4000d", "1h 30m"})
    EXPECT_EQ(parse_span(text), std::nullopt) << text;
}

TEST(TableTest, ColumnsAreAligned) {
  Table table({{"NAME"}, {"N", true}, {"LAST"}});
  EXPECT_EQ(table.text(false), "");
  table.add({"a", "1", ""});
  table.add({"über", "1000", "x"});
  EXPECT_EQ(table.text(false),
            "NAME     N  LAST\n"
            "a        1\n"
            "über  1000  x\n");
  EXPECT_TRUE(table.text(true).starts_with("\x1b[1mNAME"));
}

TEST(ControlViewsTest, BansThatEndFirstAreFirst) {
  const ControlReply reply{.items = {object(R"({"prefix":"10.0.0.1","left_s":null,"age_s":5,"hits":1,"reason":"x"})"),
                                     object(R"({"prefix":"10.0.0.2","left_s":60,"age_s":5,"hits":3,"reason":"y"})")},
                           .last = {}};
  const std::string text = bans_view(reply, false);
  EXPECT_LT(text.find("10.0.0.2"), text.find("10.0.0.1"));
  EXPECT_NE(text.find("for ever"), std::string::npos);
  EXPECT_EQ(bans_view({}, false), "no bans\n");
}

TEST(ControlViewsTest, WhatADaemonSaysCannotHarmATerminal) {
  const ControlReply reply{.items = {object("{\"prefix\":\"10.0.0.1\",\"reason\":\"\\u001b[2J\\nno\"}")}, .last = {}};
  const std::string text = bans_view(reply, false);
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 2);
}

TEST(ControlViewsTest, MissingFieldsAreNoTrouble) {
  const ControlReply empty{.items = {object("{}"), object(R"({"id":7,"refused_by":[1],"port":"x"})")}, .last = object("{}")};
  for (const auto view : {status_view, services_view, instances_view, bans_view}) EXPECT_FALSE(view(empty, true).empty());
  EXPECT_FALSE(record_view(object("{}"), true).empty());
  EXPECT_FALSE(reload_view(object("{}"), true).empty());
}

TEST(ControlViewsTest, Records) {
  EXPECT_EQ(record_view(object(R"({"time":"T","event":"fail","service":"ftp","source":"10.0.0.1","pid":0,"reason":"ban"})"), false),
            "T  fail   ftp from 10.0.0.1 reason ban");
  EXPECT_EQ(record_view(object(R"({"time":"T","event":"exit","service":"ftp","pid":7,"status":0,"duration_ms":1500})"), false),
            "T  exit   ftp pid 7 status 0 after 1.500 s");
  EXPECT_NE(record_view(object(R"({"lost":12})"), false).find("12 records are lost"), std::string::npos);
}

TEST(ControlViewsTest, OneJsonDocument) {
  const ControlReply reply{.items = {object(R"({"a":1})"), object(R"({"a":2})")}, .last = object(R"({"count":2})")};
  EXPECT_EQ(json_view(reply, "bans"), "{\"bans\":[\n{\"a\":1},\n{\"a\":2}\n],\"count\":2}\n");
  EXPECT_EQ(json_view({.items = {}, .last = object(R"({"count":0})")}, "bans"), "{\"bans\":[],\"count\":0}\n");
  EXPECT_EQ(json_view({.items = {}, .last = object(R"({"x":"y"})")}, ""), "{\"x\":\"y\"}\n");
}

}  // namespace
}  // namespace reeve
