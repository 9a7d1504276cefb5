#include "defence/mailbox.h"

namespace reeve {

Result<std::unique_ptr<Mailbox>> Mailbox::open() {
  auto waker = Waker::open();
  if (!waker) return std::unexpected(waker.error());
  return std::unique_ptr<Mailbox>(new Mailbox(std::move(*waker)));
}

bool Mailbox::post(std::function<void()> call) {
  {
    const std::lock_guard lock(mutex_);
    if (calls_.size() >= kMostWaiting) return false;
    calls_.push_back(std::move(call));
  }
  waker_.wake();
  return true;
}

void Mailbox::empty() {
  std::deque<std::function<void()>> calls;
  {
    const std::lock_guard lock(mutex_);
    calls.swap(calls_);
  }
  for (const auto& call : calls) call();
}

Task<> Mailbox::serve(Loop& loop) {
  Watch watch(loop, waker_.fd());
  for (;;) {
    const Wake wake = co_await watch.readable(kNoDeadline);
    if (wake == Wake::cancelled) co_return;
    waker_.heard();
    empty();
  }
}

}  // namespace reeve
