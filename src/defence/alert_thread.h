// AlertThread: takes events to those who are told of them, on a thread of its own.
//
//     keeper's loop: take ──▶ [ events ] ──▶ thread: pace, alert, receivers ──▶ files, logger, web, commands
//
// The loop never waits. Bound: kMostWaiting events; more are counted as held back. One thread for all receivers: addresses of the web
// and commands don't make it wait, files may, where a disk does. What it has to say goes to `say`, what it counts to `count`,
// both called on its thread.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/defence_message.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "config/alert_form.h"
#include "config/defence.h"
#include "defence/alert_pace.h"
#include "defence/alert_receiver.h"
#include "defence/web_client.h"
#include "sys/worker_thread.h"

namespace reeve {

class AlertThread {
 public:
  static constexpr std::size_t kMostWaiting = 4'096;
  static constexpr std::chrono::seconds kFarewell{2};  // for what is under way at the end

  struct Counts {
    std::uint64_t told = 0, held_back = 0, lost = 0;
    friend bool operator==(const Counts&, const Counts&) = default;
  };
  using Say = std::function<void(Level, std::string)>;
  using Count = std::function<void(const Counts&)>;

  // `files`: of the sinks that are files, in their order.
  [[nodiscard]] static Result<std::unique_ptr<AlertThread>> start(const AlertTerms& terms, std::vector<UniqueFd> files, Say say,
                                                                  Count count);
  ~AlertThread();
  AlertThread(const AlertThread&) = delete;
  AlertThread& operator=(const AlertThread&) = delete;

  void take(const EventMessage& event);
  // Sends what is queued, for kFarewell at most; no event after that.
  void finish();

 private:
  AlertThread(const AlertTerms& terms, std::unique_ptr<WebClient> client, Say say, Count count);

  void run();
  bool deal_with_events(Instant now);
  void tell_counts(Instant now);
  [[nodiscard]] std::chrono::milliseconds until_next(Instant now) const;
  [[nodiscard]] bool is_idle() const;

  AlertTerms terms_;
  AlertForm form_;
  Say say_;
  Count count_;
  std::string machine_;
  AlertPace pace_;
  std::vector<std::unique_ptr<AlertReceiver>> receivers_;
  std::unique_ptr<WebClient> client_;  // goes before the receivers do
  Counts counts_, told_counts_;
  Instant told_at_{};

  std::mutex mutex_;
  std::deque<EventMessage> events_;
  std::uint64_t dropped_ = 0;
  bool closed_ = false;

  std::optional<WorkerThread> thread_;
};

}  // namespace reeve
