#include "policy/ident_answer.h"

#include <gtest/gtest.h>

namespace reeve {
namespace {

// "known ANSWER (USER)" or "unknown REASON".
std::string read(std::string_view answer) {
  const RemoteUser user = read_ident_answer(answer, 6193, 23);
  if (user.state == RemoteUser::State::known) return "known " + user.answer + " (" + user.user + ")";
  EXPECT_EQ(user.state, RemoteUser::State::unknown);
  return "unknown " + user.reason;
}

TEST(IdentQuestionTest, NamesTheClientsPortFirst) {
  EXPECT_EQ(ident_question_line(6193, 23), "6193, 23\r\n");
}

TEST(IdentAnswerTest, Forms) {
  const struct {
    std::string_view answer, read;
  } kCases[] = {
      {"6193, 23 : USERID : UNIX :stjohns\r\n", "known UNIX :stjohns (stjohns)"},
      {"6193,23:USERID:UNIX,US-ASCII:joe smith\r\n", "known UNIX,US-ASCII:joe smith (joe smith)"},
      {" 6193 , 23 : userid : OTHER : 0x17%s%n:x\n", "known OTHER : 0x17%s%n:x (0x17%s%n:x)"},
      {"6193, 23 : USERID : UNIX : joe\n26/1/1@00:00:00: START: svc\r\n", "known UNIX : joe (joe)"},
      {"6193, 23 : USERID : UNIX : jo\x1b[2Je\r\n", "known UNIX : jo?[2Je (jo?[2Je)"},
      {"6193, 23 : USERID : UNIX : jo\rFAIL\r\n", "known UNIX : jo?FAIL (jo?FAIL)"},
      {std::string_view("6193, 23 : USERID : UNIX : jo\0e\r\n", 33), "known UNIX : jo?e (jo?e)"},
      {"6193, 23 : ERROR : NO-USER\r\n", "unknown NO-USER"},
      {"6193, 23 : ERROR :\r\n", "unknown error"},
      {"23, 6193 : USERID : UNIX : joe\r\n", "unknown answer about other ports"},
      {"6193, 230 : USERID : UNIX : joe\r\n", "unknown answer about other ports"},
      {"6193, 23x : USERID : UNIX : joe\r\n", "unknown answer about other ports"},
      {"6193, 65559 : USERID : UNIX : joe\r\n", "unknown answer about other ports"},
      {"6193, 23 : USERID : UNIX : joe", "unknown bad answer"},
      {"6193, 23 : USERID :\r\n", "unknown bad answer"},
      {"6193, 23 : USERID : UNIX\r\n", "unknown bad answer"},
      {"6193, 23 : USERID : UNIX : \r\n", "unknown bad answer"},
      {"6193, 23 : USERID : : joe\r\n", "unknown bad answer"},
      {"6193, 23 : WHAT : UNIX : joe\r\n", "unknown bad answer"},
      {"\r\n", "unknown bad answer"},
      {"", "unknown no answer"},
  };
  for (const auto& c : kCases) EXPECT_EQ(read(c.answer), c.read) << c.answer;
}

TEST(IdentAnswerTest, IsBounded) {
  const std::string begin = "6193, 23 : USERID : UNIX : ";
  EXPECT_EQ(read(begin + std::string(512, 'x') + "\r\n").substr(0, 6), "known ");
  EXPECT_EQ(read(begin + std::string(kMaxIdentAnswer, 'x') + "\r\n"), "unknown bad answer");
  EXPECT_LE(read("6193, 23 : ERROR : " + std::string(900, 'x') + "\r\n").size(), 80u);
}

}  // namespace
}  // namespace reeve
