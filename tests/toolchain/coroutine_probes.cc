// What the compiler makes of the spellings of co_await.
//
// g++ 12 destroys some operands of co_await twice and loses the body of some coroutines. The sanctioned
// spellings (a co_await stands alone, its operands are names or std::move(name)) must behave with every
// compiler: that is the test. The forbidden ones run in a process each and are only reported, so that a
// new compiler is judged in one run; tests/lint/co_await.py keeps them out of the sources.

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <coroutine>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <utility>

namespace {

// How many Tokens live: 0 when everything was destroyed exactly once.
int alive = 0;

struct Token {
  explicit Token(std::string given) : text(std::move(given)) { ++alive; }
  Token(const Token& other) : text(other.text) { ++alive; }
  Token(Token&& other) noexcept : text(std::move(other.text)) { ++alive; }
  Token& operator=(const Token&) = default;
  Token& operator=(Token&&) = default;
  ~Token() { --alive; }
  std::string text;
};

template <class T>
class [[nodiscard]] Task {
 public:
  struct promise_type {
    std::optional<T> value;
    std::coroutine_handle<> waiter = std::noop_coroutine();
    Task get_return_object() { return Task(std::coroutine_handle<promise_type>::from_promise(*this)); }
    std::suspend_always initial_suspend() noexcept { return {}; }
    auto final_suspend() noexcept {
      struct Resume {
        bool await_ready() noexcept { return false; }
        std::coroutine_handle<> await_suspend(std::coroutine_handle<promise_type> self) noexcept { return self.promise().waiter; }
        void await_resume() noexcept {}
      };
      return Resume{};
    }
    void return_value(T result) { value = std::move(result); }
    void unhandled_exception() { std::terminate(); }
  };

  explicit Task(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Task& operator=(Task&&) = delete;
  ~Task() {
    if (handle_) handle_.destroy();
  }

  bool await_ready() noexcept { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> waiter) noexcept {
    handle_.promise().waiter = waiter;
    return handle_;
  }
  T await_resume() { return std::move(*handle_.promise().value); }

  T run() {
    handle_.resume();
    return std::move(handle_.promise().value).value();
  }
  void begin() { handle_.resume(); }

 private:
  std::coroutine_handle<promise_type> handle_;
};

const std::string kLong = "a text too long to be kept inside of a std::string";

struct Spec {
  Token token;
  int number = 1;
};

Task<int> length_of(Spec spec) {
  co_return static_cast<int>(spec.token.text.size()) * spec.number;
}
Task<int> length_of_token(Token token) {
  co_return static_cast<int>(token.text.size());
}
Task<int> length_by_default(int number, Spec spec = {.token = Token(kLong)}) {
  co_return static_cast<int>(spec.token.text.size()) * number;
}
Task<int> length_by(std::function<int()> length) {
  co_return length();
}
Task<bool> is_true() {
  co_return true;
}
Task<Spec> made_spec() {
  co_return Spec{.token = Token(kLong), .number = 2};
}
Task<std::expected<int, Token>> failed() {
  co_return std::unexpected(Token(kLong));
}
Token make() {
  return Token(kLong);
}
int expected() {
  return static_cast<int>(kLong.size());
}

// -- sanctioned
Task<bool> named_aggregate() {
  Spec spec{.token = Token(kLong)};
  const int length = co_await length_of(std::move(spec));
  co_return length == expected();
}
Task<bool> named_lambda() {
  Token token(kLong);
  std::function<int()> length = [token] { return static_cast<int>(token.text.size()); };
  const int found = co_await length_by(std::move(length));
  co_return found == expected();
}
Task<bool> call_as_operand() {
  const int length = co_await length_of_token(make());
  co_return length == expected();
}
Task<bool> aggregate_returned() {
  Spec spec = co_await made_spec();
  co_return spec.token.text == kLong&& spec.number == 2;
}
Task<bool> failure_returned() {
  const auto result = co_await failed();
  co_return !result && result.error().text == kLong;
}
Task<bool> condition_by_name() {
  const bool yes = co_await is_true();
  if (yes) co_return true;
  co_return false;
}
struct Never {
  bool await_ready() noexcept { return false; }
  void await_suspend(std::coroutine_handle<>) noexcept {}
  void await_resume() noexcept {}
};
Task<bool> waits_for_ever(Token token) {
  Never never;
  co_await never;
  co_return token.text.empty();
}
Task<bool> destroyed_while_suspended() {
  {
    Token token(kLong);
    Task<bool> waiting = waits_for_ever(std::move(token));
    waiting.begin();
  }
  co_return alive == 0;
}

// -- forbidden
Task<bool> braced_aggregate() {
  const int length = co_await length_of(Spec{.token = Token(kLong)});
  co_return length == expected();
}
Task<bool> capturing_lambda() {
  Token token(kLong);
  const int found = co_await length_by([token] { return static_cast<int>(token.text.size()); });
  co_return found == expected();
}
Task<bool> default_argument() {
  const int length = co_await length_by_default(1);
  co_return length == expected();
}
Task<bool> condition_without_name() {
  if (co_await is_true()) co_return true;
  co_return false;
}

struct Probe {
  const char* spelling;
  Task<bool> (*coroutine)();
};

constexpr Probe kSanctioned[] = {
    {"co_await f(std::move(spec)), a named aggregate", named_aggregate},
    {"co_await f(std::move(lambda)), a named lambda", named_lambda},
    {"co_await f(make())", call_as_operand},
    {"co_return Aggregate{...}", aggregate_returned},
    {"co_return std::unexpected(...)", failure_returned},
    {"bool yes = co_await f(); if (yes)", condition_by_name},
    {"a parameter destroyed while suspended", destroyed_while_suspended},
};
constexpr Probe kForbidden[] = {
    {"co_await f(Spec{.member = ...})", braced_aggregate},
    {"co_await f([token] {...})", capturing_lambda},
    {"co_await f(1) with a default argument", default_argument},
    {"if (co_await f())", condition_without_name},
};

bool behaves(const Probe& probe) {
  const int before = alive;
  const bool result = probe.coroutine().run();
  return result && alive == before;
}

bool behaves_in_a_process_of_its_own(const Probe& probe) {
  const pid_t child = ::fork();
  if (child == 0) {
    const rlimit no_core{};
    ::setrlimit(RLIMIT_CORE, &no_core);
    ::close(STDERR_FILENO);
    ::alarm(5);
    ::_exit(behaves(probe) ? 0 : 1);
  }
  int status = -1;
  return ::waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace

int main() {
  int wrong = 0;
  for (const Probe& probe : kSanctioned) {
    const bool good = behaves_in_a_process_of_its_own(probe);
    wrong += good ? 0 : 1;
    std::printf("%-12s %s\n", good ? "ok" : "MISCOMPILED", probe.spelling);
  }
  for (const Probe& probe : kForbidden) {
    std::printf("%-12s %s (forbidden)\n", behaves_in_a_process_of_its_own(probe) ? "ok here" : "miscompiled", probe.spelling);
  }
  return wrong == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
