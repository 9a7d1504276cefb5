// TopFeed: the connection of `reeve top`. Never waits: asks, and takes what has come.
//
// Each second `counts` and the records since the last time, at most kMostRecords; all services with it, and every other
// second only where there are over kServicesAtOnce, every third over twice as many, and so on; bans only while they are
// shown, at most kMostBans, every other second. Nothing is asked while an answer is still under way. Who does not answer for
// kPatience is gone. What is lost is connected again, every second.
#pragma once

#include <chrono>
#include <deque>
#include <expected>
#include <optional>
#include <string>

#include "base/time.h"
#include "cli/control_client.h"
#include "cli/top_keys.h"
#include "cli/top_model.h"

namespace reeve {

class TopFeed {
 public:
  static constexpr std::chrono::milliseconds kEvery{1000};
  static constexpr std::chrono::milliseconds kBansEvery{2000};
  static constexpr std::chrono::seconds kPatience{10};
  static constexpr std::size_t kServicesAtOnce = 1000;
  static constexpr std::int64_t kMostBans = 1000;

  explicit TopFeed(std::string path) : path_(std::move(path)) {}

  // The first time: is there a daemon that answers, and that we may ask?
  [[nodiscard]] std::expected<void, ControlTrouble> open(TopModel& model);

  // -1: not connected.
  [[nodiscard]] int descriptor() const noexcept { return client_ ? client_->descriptor() : -1; }
  // Asks for what is due.
  void ask(TopModel& model, const TopView& view, Instant now);
  void order(const TopOrder& order, TopView& view);
  // Takes what has come.
  void receive(TopModel& model, TopView& view);
  // When ask() has something to do next.
  [[nodiscard]] Instant next() const noexcept { return next_; }

 private:
  enum class Question : std::uint8_t { counts, services, log, bans, ban, unban };
  void send(Question question, const ControlRequest& request);
  void finish(TopModel& model, TopView& view);
  void fail(TopModel& model, TopView& view, const ControlTrouble& trouble);
  void lose(TopModel& model, std::string why);

  std::string path_;
  std::optional<ControlClient> client_;
  std::deque<Question> asked_;  // answers come in this order
  ControlReply reply_;          // as far as it has come
  Instant next_{}, asked_at_{}, bans_at_{};
  std::optional<std::uint64_t> record_;
  std::optional<ControlTrouble> lost_;
  std::string bans_filter_;
  unsigned until_services_ = 0;  // samples
};

}  // namespace reeve
