// MonitorAnswers: what commands of the control socket asked the monitor for, until it answers.
//
//   MonitorAnswer answer(answers, loop, deadline);
//   monitor.send(LookMessage{.number = answer.number(), ...}, {});
//   const bool came = co_await answer;
//
// Bounded by the sessions of the control socket, each of which waits for one answer at a time.
#pragma once

#include <coroutine>
#include <cstdint>
#include <utility>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "base/time.h"
#include "base/unique_fd.h"
#include "sys/loop.h"

namespace reeve {

class MonitorAnswer;

class MonitorAnswers {
 public:
  explicit MonitorAnswers(Loop& loop) noexcept : loop_(loop) {}
  // The monitor's answer number `number`; nobody may wait for it any more.
  void come(std::uint64_t number, std::uint64_t value, std::vector<UniqueFd> descriptors);

 private:
  friend class MonitorAnswer;
  Task<> expire(std::uint64_t number, Instant deadline);

  Loop& loop_;
  boost::unordered_flat_map<std::uint64_t, MonitorAnswer*> awaited_;
  std::uint64_t next_ = 1;
};

class MonitorAnswer {
 public:
  MonitorAnswer(MonitorAnswers& table, Instant deadline);
  MonitorAnswer(const MonitorAnswer&) = delete;
  MonitorAnswer& operator=(const MonitorAnswer&) = delete;
  ~MonitorAnswer();

  [[nodiscard]] std::uint64_t number() const noexcept { return number_; }

  [[nodiscard]] bool await_ready() const noexcept { return came_; }
  void await_suspend(std::coroutine_handle<> waiter) noexcept { waiter_ = waiter; }
  // False: it did not come in time.
  [[nodiscard]] bool await_resume() const noexcept { return came_; }

  std::uint64_t value = 0;
  std::vector<UniqueFd> descriptors;

 private:
  friend class MonitorAnswers;
  void resume() noexcept {
    if (waiter_) std::exchange(waiter_, {}).resume();
  }

  MonitorAnswers& table_;
  std::uint64_t number_;
  bool came_ = false;
  std::coroutine_handle<> waiter_;
};

}  // namespace reeve
