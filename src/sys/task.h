// Task: a coroutine of the engine, one stretch of work that reads from top to bottom.
//
// A Task starts when it is awaited or given to Loop::start, and runs on the loop's one thread. Awaiting it
// transfers control without growing the stack. Destroying a suspended Task destroys what it holds.
//
// GCC 12.2 miscompiles common spellings, so the grammar is: a `co_await` stands alone
// (`co_await f(a);` or `auto x = co_await f(a);`), its operands are names, scalars or std::move(name); a
// coroutine takes values or long-lived references and no default arguments. tests/lint holds it.
// Nothing may throw out of a Task.
#pragma once

#include <coroutine>
#include <exception>
#include <optional>
#include <utility>

namespace reeve {

class TaskList;

// What all promises share: who continues when the coroutine ends.
class TaskPromiseBase {
 public:
  struct FinalAwaiter {
    [[nodiscard]] bool await_ready() const noexcept { return false; }
    template <class Promise>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> ended) noexcept {
      TaskPromiseBase& promise = ended.promise();
      if (promise.continuation_) return promise.continuation_;
      if (promise.root_) {  // nobody awaits it: it owned itself
        promise.unlink();
        ended.destroy();
      }
      return std::noop_coroutine();
    }
    void await_resume() const noexcept {}
  };

  [[nodiscard]] std::suspend_always initial_suspend() const noexcept { return {}; }
  [[nodiscard]] FinalAwaiter final_suspend() const noexcept { return {}; }
  [[noreturn]] void unhandled_exception() noexcept { std::terminate(); }

  void continue_with(std::coroutine_handle<> continuation) noexcept { continuation_ = continuation; }

 private:
  friend class TaskList;
  void unlink() noexcept {
    previous_->next_ = next_;
    next_->previous_ = previous_;
  }

  std::coroutine_handle<> continuation_;
  bool root_ = false;
  std::coroutine_handle<> self_;
  TaskPromiseBase* previous_ = this;
  TaskPromiseBase* next_ = this;
};

template <class T = void>
class [[nodiscard]] Task {
 public:
  struct promise_type : TaskPromiseBase {
    Task get_return_object() noexcept { return Task(std::coroutine_handle<promise_type>::from_promise(*this)); }
    void return_value(T value) noexcept { value_ = std::move(value); }
    std::optional<T> value_;
  };

  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, {})) {}
  Task& operator=(Task&&) = delete;
  ~Task() {
    if (handle_) handle_.destroy();
  }

  [[nodiscard]] bool await_ready() const noexcept { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> awaiting) noexcept {
    handle_.promise().continue_with(awaiting);
    return handle_;
  }
  T await_resume() noexcept { return std::move(*handle_.promise().value_); }

 private:
  explicit Task(std::coroutine_handle<promise_type> handle) noexcept : handle_(handle) {}
  std::coroutine_handle<promise_type> handle_;
};

template <>
class [[nodiscard]] Task<void> {
 public:
  struct promise_type : TaskPromiseBase {
    Task get_return_object() noexcept { return Task(std::coroutine_handle<promise_type>::from_promise(*this)); }
    void return_void() const noexcept {}
  };

  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, {})) {}
  Task& operator=(Task&&) = delete;
  ~Task() {
    if (handle_) handle_.destroy();
  }

  [[nodiscard]] bool await_ready() const noexcept { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> awaiting) noexcept {
    handle_.promise().continue_with(awaiting);
    return handle_;
  }
  void await_resume() const noexcept {}

 private:
  friend class TaskList;
  explicit Task(std::coroutine_handle<promise_type> handle) noexcept : handle_(handle) {}
  std::coroutine_handle<promise_type> handle_;
};

// The tasks that nobody awaits. Owns them; destroying it destroys those that are suspended.
class TaskList {
 public:
  TaskList() = default;
  TaskList(const TaskList&) = delete;
  TaskList& operator=(const TaskList&) = delete;
  ~TaskList() { drop(); }

  // Runs `task` up to its first suspension.
  void start(Task<> task) {
    const auto handle = std::exchange(task.handle_, {});
    TaskPromiseBase& promise = handle.promise();
    promise.root_ = true;
    promise.self_ = handle;
    promise.previous_ = &head_;
    promise.next_ = head_.next_;
    head_.next_->previous_ = &promise;
    head_.next_ = &promise;
    handle.resume();
  }
  void drop() noexcept {
    while (head_.next_ != &head_) {
      TaskPromiseBase* first = head_.next_;
      first->unlink();
      first->self_.destroy();
    }
  }

 private:
  TaskPromiseBase head_;
};

}  // namespace reeve
