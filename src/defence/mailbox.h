// Mailbox: what a worker thread has for its loop: calls to be made there.
//
// post() is for any thread and never waits; the calls are made on the loop's thread, in order. Bound: kMostWaiting; a thread that
// has more to say is answered no. Used by the keeper's parts that have a thread (alerts, lists).
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>

#include "base/result.h"
#include "sys/loop.h"
#include "sys/worker_thread.h"

namespace reeve {

class Mailbox {
 public:
  static constexpr std::size_t kMostWaiting = 1'000;

  [[nodiscard]] static Result<std::unique_ptr<Mailbox>> open();

  bool post(std::function<void()> call);
  // Makes the calls as they come; belongs to the loop.
  Task<> serve(Loop& loop);
  // Those that wait now.
  void empty();

 private:
  explicit Mailbox(Waker waker) noexcept : waker_(std::move(waker)) {}

  Waker waker_;
  std::mutex mutex_;
  std::deque<std::function<void()>> calls_;
};

}  // namespace reeve
