// WorkerThread: a thread of the engine, beside the loop's own. Waker: how one thread wakes another's loop.
//
// Used by engine/relay_threads. A worker sees no signal: those are the main thread's business. Its stack is small;
// whoever runs on it keeps large things elsewhere. Joining waits for the end of what it runs, so that must be near.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <pthread.h>

#include "base/result.h"
#include "base/unique_fd.h"

namespace reeve {

class WorkerThread {
 public:
  // `name`: what ps -L shows, 15 characters at most. Fails when there are no more threads or no memory.
  [[nodiscard]] static Result<WorkerThread> start(const char* name, std::function<void()> run);
  WorkerThread(WorkerThread&& other) noexcept;
  WorkerThread& operator=(WorkerThread&&) = delete;
  ~WorkerThread() { join(); }

  // Until it has ended.
  void join() noexcept;

 private:
  WorkerThread() = default;
  std::optional<pthread_t> thread_;
};

class Waker {
 public:
  [[nodiscard]] static Result<Waker> open();

  // From any thread. The descriptor is readable until heard() is called.
  void wake() const noexcept;
  void heard() const noexcept;
  [[nodiscard]] int fd() const noexcept { return fd_.get(); }

 private:
  explicit Waker(UniqueFd fd) noexcept : fd_(std::move(fd)) {}
  UniqueFd fd_;
};

}  // namespace reeve
