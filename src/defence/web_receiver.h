// WebReceiver: alerts by POST to an address of the web.
//
// A few are under way at a time. Where one fails, nothing else is tried for a pause, which grows; after kMostAttempts it is given
// up and counted. An answer that says that it is the alert's own fault (4xx) is not tried again. Bound: kMostQueued alerts;
// the newest is dropped there.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>

#include "config/alert_form.h"
#include "config/defence.h"
#include "defence/alert_receiver.h"
#include "defence/web_client.h"

namespace reeve {

class WebReceiver final : public AlertReceiver {
 public:
  static constexpr std::size_t kMostQueued = 1'000;
  static constexpr std::size_t kMostUnderWay = 4;
  static constexpr std::size_t kMostAttempts = 4;
  static constexpr std::array<std::chrono::seconds, kMostAttempts - 1> kPauses{std::chrono::seconds(1), std::chrono::seconds(5),
                                                                               std::chrono::seconds(25)};

  using Start = std::function<void(WebRequest, WebClient::Done)>;
  using Now = std::function<Instant()>;

  WebReceiver(const AlertSink& terms, const AlertForm& form, Start start, Now now, Say say);

  void add(const Alert& alert, Instant now) override;
  void work(Instant now) override;
  [[nodiscard]] std::optional<Instant> next() const override;
  [[nodiscard]] bool is_idle() const override { return queue_.empty() && under_way_ == 0; }

 private:
  struct Letter {
    std::string body;
    std::size_t attempts = 0;
  };

  void send(Letter letter);
  void hear(Letter letter, const WebAnswer& answer);
  void give_up(const std::string& why);
  void arrived();

  AlertSink terms_;
  const AlertForm& form_;
  Start start_;
  Now now_;
  Say say_;
  std::string name_;
  std::deque<Letter> queue_;
  std::size_t under_way_ = 0;
  Instant again_{};           // nothing is sent before
  bool is_sick_ = false;      // the last attempt failed
  std::uint64_t untold_ = 0;  // lost since it was said last
  bool is_said_ = false;      // that alerts are lost
};

}  // namespace reeve
