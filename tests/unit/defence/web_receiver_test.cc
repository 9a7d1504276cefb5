// Deliveries by POST, in virtual time: what is tried again, when, and what is given up.
#include "defence/web_receiver.h"

#include <gtest/gtest.h>

namespace reeve {
namespace {

using namespace std::chrono_literals;

class WebReceiverTest : public testing::Test {
 protected:
  struct Request {
    WebRequest request;
    WebClient::Done done;
  };

  // Answers the oldest request.
  void answer(int status, std::string trouble = "") {
    ASSERT_FALSE(requests.empty());
    Request first = std::move(requests.front());
    requests.pop_front();
    first.done({.status = status, .trouble = std::move(trouble), .body = {}});
    receiver.work(now);
  }
  void add(const std::string& reason = "r") {
    receiver.add({.reason = reason}, now);
    receiver.work(now);
  }
  void pass(std::chrono::seconds time) {
    now += time;
    receiver.work(now);
  }

  Instant now{1000s};
  std::deque<Request> requests;
  std::vector<std::string> said;
  AlertForm form;
  WebReceiver receiver{{.kind = AlertSink::Kind::http, .target = "https://user:pw@x.example/secret"},
                       form,
                       [this](WebRequest request, WebClient::Done done) {
                         requests.push_back({std::move(request), std::move(done)});
                       },
                       [this] { return now; },
                       [this](Level, std::string text) { said.push_back(std::move(text)); }};
};

TEST_F(WebReceiverTest, AFewAreUnderWayAtATime) {
  for (int each = 0; each < 10; ++each) add();
  EXPECT_EQ(requests.size(), WebReceiver::kMostUnderWay);
  for (int each = 0; each < 10; ++each) answer(204);
  EXPECT_TRUE(receiver.is_idle());
  EXPECT_TRUE(said.empty());
}

TEST_F(WebReceiverTest, AFailureIsTriedAgainAfterPausesThatGrow) {
  add();
  answer(503);
  EXPECT_TRUE(requests.empty());
  EXPECT_EQ(receiver.next(), now + 1s);
  pass(1s);
  answer(0, "timeout");
  pass(4s);
  EXPECT_TRUE(requests.empty());
  pass(1s);
  answer(500);
  pass(25s);
  answer(200);
  EXPECT_EQ(receiver.lost(), 0u);
  EXPECT_TRUE(said.empty());
}

TEST_F(WebReceiverTest, WhatNeverArrivesIsGivenUpAndSaidOnce) {
  add();
  add();
  for (int each = 0; each < 20 && !receiver.is_idle(); ++each) {
    while (!requests.empty()) answer(0, "Couldn't connect to server");
    pass(25s);
  }
  EXPECT_EQ(receiver.lost(), 2u);
  ASSERT_EQ(said.size(), 1u);
  EXPECT_EQ(said[0], "alerts to https://x.example are lost: Couldn't connect to server");
  add();
  answer(200);
  ASSERT_EQ(said.size(), 2u);
  EXPECT_EQ(said[1], "alerts to https://x.example arrive again; 2 were lost");
}

TEST_F(WebReceiverTest, WhatIsRefusedIsNotTriedAgain) {
  add();
  answer(404);
  EXPECT_TRUE(receiver.is_idle());
  EXPECT_EQ(receiver.lost(), 1u);
}

TEST_F(WebReceiverTest, WhileItFailsOneIsTriedAtATime) {
  for (int each = 0; each < 8; ++each) add();
  while (!requests.empty()) answer(503);
  pass(1s);
  EXPECT_EQ(requests.size(), 1u);
  answer(200);
  EXPECT_EQ(requests.size(), WebReceiver::kMostUnderWay);
}

TEST_F(WebReceiverTest, TheQueueHasABound) {
  for (std::size_t each = 0; each < WebReceiver::kMostQueued + WebReceiver::kMostUnderWay + 3; ++each) add();
  EXPECT_EQ(receiver.lost(), 3u);
  EXPECT_EQ(said.size(), 1u);
}

TEST(ShownAddressTest, HasNoSecrets) {
  EXPECT_EQ(shown_address("https://user:pw@x.example:8443/path?key=1"), "https://x.example:8443");
  EXPECT_EQ(shown_address("http://x.example"), "http://x.example");
  EXPECT_EQ(shown_address("http://x.example?a@b"), "http://x.example");
}

}  // namespace
}  // namespace reeve
