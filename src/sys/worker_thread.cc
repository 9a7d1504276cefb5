#include "sys/worker_thread.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace reeve {

namespace {

// A sanitizer, or a large thread-local block, needs more than what the C library calls the least.
constexpr std::size_t kStackBytes = 512 * 1024;

struct Beginning {
  const char* name;
  std::function<void()> run;
};

void* begin(void* raw) {
  const std::unique_ptr<Beginning> beginning(static_cast<Beginning*>(raw));
  (void)::pthread_setname_np(::pthread_self(), beginning->name);
  beginning->run();
  return nullptr;
}

}  // namespace

Result<WorkerThread> WorkerThread::start(const char* name, std::function<void()> run) {
  auto beginning = std::make_unique<Beginning>(Beginning{name, std::move(run)});
  pthread_attr_t attributes;
  if (const int error = ::pthread_attr_init(&attributes); error != 0) return failure("pthread_attr_init", error);
  (void)::pthread_attr_setstacksize(&attributes, kStackBytes);
  sigset_t all, before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_BLOCK, &all, &before);
  pthread_t thread{};
  const int error = ::pthread_create(&thread, &attributes, begin, beginning.get());
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  ::pthread_attr_destroy(&attributes);
  if (error != 0) return failure("pthread_create", error);
  (void)beginning.release();
  WorkerThread started;
  started.thread_ = thread;
  return started;
}

WorkerThread::WorkerThread(WorkerThread&& other) noexcept : thread_(std::exchange(other.thread_, std::nullopt)) {}

void WorkerThread::join() noexcept {
  if (const auto thread = std::exchange(thread_, std::nullopt)) ::pthread_join(*thread, nullptr);
}

Result<Waker> Waker::open() {
  UniqueFd fd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!fd) return failure("eventfd", errno);
  return Waker(std::move(fd));
}

// A full counter (EAGAIN) is a wake-up, too.
void Waker::wake() const noexcept {
  const std::uint64_t one = 1;
  (void)!::write(fd_.get(), &one, sizeof one);
}

void Waker::heard() const noexcept {
  std::uint64_t count = 0;
  (void)!::read(fd_.get(), &count, sizeof count);
}

}  // namespace reeve
