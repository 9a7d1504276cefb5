// The part of engine/relay_threads.h that is one thread.
#include <cerrno>
#include <utility>

#include "engine/relay_threads.h"

namespace reeve {

Result<std::unique_ptr<RelayThread>> RelayThread::start(const Waker& home) {
  auto loop = Loop::open();
  if (!loop) return failure("epoll_create1", errno);
  auto waker = Waker::open();
  if (!waker) return std::unexpected(std::move(waker.error()));
  std::unique_ptr<RelayThread> made(new RelayThread(std::move(loop), std::move(*waker), home));
  auto thread = WorkerThread::start("reeved-relay", [self = made.get()] { self->run(); });
  if (!thread) return std::unexpected(std::move(thread.error()));
  made->thread_.emplace(std::move(*thread));
  return made;
}

// ---------------------------------------------------------------- in the engine's loop

void RelayThread::carry(Conversation& conversation) {
  conversation.leave(relay_);
  conversation.thread_ = this;
  const std::lock_guard lock(mutex_);
  conversation.is_given_back_ = false;
  conversation.next_ = std::exchange(arrived_, &conversation);
  wake_once();
}

void RelayThread::cancel(Conversation& conversation) {
  const std::lock_guard lock(mutex_);
  if (conversation.is_given_back_ || std::exchange(conversation.is_to_be_cancelled_, true)) return;
  cancelled_.push_back(&conversation);
  wake_once();
}

Conversation* RelayThread::fetch() {
  const std::lock_guard lock(mutex_);
  return std::exchange(over_, nullptr);
}

void RelayThread::stop() {
  if (!thread_) return;
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
    wake_once();
  }
  thread_.reset();
}

void RelayThread::wake_once() {
  if (!std::exchange(is_woken_, true)) waker_.wake();
}

// ---------------------------------------------------------------- in the thread

void RelayThread::run() {
  loop_->start(listen());
  loop_->run();
  loop_->drop_tasks();
}

Task<> RelayThread::listen() {
  Watch watch(*loop_, waker_.fd());
  do {
    co_await watch.readable(kNoDeadline);
    waker_.heard();
  } while (take_mail());
  loop_->stop();
}

bool RelayThread::take_mail() {
  std::unique_lock lock(mutex_);
  is_woken_ = false;
  while (!is_stopping_) {
    // Arrivals first: then whatever is to be cancelled is here, and give_back() has not had it.
    if (arrived_ != nullptr) {
      Conversation& conversation = *std::exchange(arrived_, arrived_->next_);
      lock.unlock();
      conversation.go_on();
    } else if (!cancelled_.empty()) {
      Conversation& conversation = *cancelled_.back();
      cancelled_.pop_back();
      conversation.is_to_be_cancelled_ = false;
      lock.unlock();
      conversation.cancel_here();
    } else {
      return true;
    }
    lock.lock();
  }
  return false;
}

void RelayThread::give_back(Conversation& conversation) {
  if (conversation.end_ == Conversation::End::refused) {
    conversation.leave(relay_);  // another target may be tried
  } else {
    conversation.give_up_slot();
    conversation.close();
  }
  const std::lock_guard lock(mutex_);
  if (conversation.is_to_be_cancelled_) std::erase(cancelled_, &conversation);
  conversation.is_given_back_ = true;
  conversation.next_ = std::exchange(over_, &conversation);
  if (conversation.next_ == nullptr) home_.wake();
}

}  // namespace reeve
