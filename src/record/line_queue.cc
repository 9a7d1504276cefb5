#include "record/line_queue.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/check.h"

namespace reeve {

void LineBatch::consume(const std::function<void(const LineHeader&, std::string_view)>& line,
                        const std::function<void(DestinationChange&&)>& change) {
  std::string_view rest = bytes;
  while (!rest.empty()) {
    LineHeader header;
    REEVE_CHECK(rest.size() >= sizeof header);
    std::memcpy(&header, rest.data(), sizeof header);
    rest.remove_prefix(sizeof header);
    REEVE_CHECK(rest.size() >= header.bytes);
    if (header.destination == Destination::change) {
      change(std::move(changes.front()));
      changes.pop_front();
    } else {
      line(header, rest.substr(0, header.bytes));
    }
    rest.remove_prefix(header.bytes);
  }
  bytes.clear();
}

void LineQueue::append(const LineHeader& header, std::initializer_list<std::string_view> parts) {
  waiting_.bytes.append(reinterpret_cast<const char*>(&header), sizeof header);
  for (const std::string_view part : parts) waiting_.bytes.append(part);
  drained_ = false;
}

void LineQueue::wake_if_idle() {
  const bool full = waiting_.bytes.size() > capacity_ / 2;
  if (!idle_ && !full) return;
  idle_ = false;
  work_.notify_one();
}

void LineQueue::count_dropped(const LineHeader& header) {
  drained_ = false;  // the thread has to tell of it
  has_dropped_ = true;
  lost_.fetch_add(1, std::memory_order_relaxed);
  if (header.destination == Destination::syslog) {
    ++waiting_.dropped.syslog;
  } else if (header.destination == Destination::daemon_log) {
    ++waiting_.dropped.daemon_log;
  } else {
    if (waiting_.dropped.files.size() <= header.file) waiting_.dropped.files.resize(header.file + 1);
    ++waiting_.dropped.files[header.file];
  }
}

void LineQueue::push(LineHeader header, std::initializer_list<std::string_view> parts) {
  std::size_t bytes = 0;
  for (const std::string_view part : parts) bytes += part.size();
  header.bytes = static_cast<std::uint32_t>(bytes);
  const std::scoped_lock lock(mutex_);
  if (waiting_.bytes.size() + held_ + sizeof header + bytes > capacity_) {
    count_dropped(header);
  } else {
    append(header, parts);
  }
  wake_if_idle();
}

void LineQueue::push_change(DestinationChange change) {
  const std::scoped_lock lock(mutex_);
  change.dropped = std::exchange(waiting_.dropped, {});
  waiting_.changes.push_back(std::move(change));
  append({.destination = Destination::change}, {});
  wake_if_idle();
}

bool LineQueue::flush(std::chrono::milliseconds most) {
  std::unique_lock lock(mutex_);
  hurry_ = true;
  idle_ = false;
  work_.notify_one();
  const bool drained = state_.wait_for(lock, most, [this] { return drained_; });
  hurry_ = false;
  return drained;
}

void LineQueue::close(SteadyTime deadline) {
  const std::scoped_lock lock(mutex_);
  closed_ = true;
  deadline_ = deadline;
  work_.notify_one();
}

bool LineQueue::wait_finished(SteadyTime deadline) {
  std::unique_lock lock(mutex_);
  return state_.wait_until(lock, deadline, [this] { return finished_; });
}

bool LineQueue::take(LineBatch& batch, std::size_t held, std::optional<SteadyTime> wake) {
  std::unique_lock lock(mutex_);
  held_ = held;
  if (!has_work() && held == 0) {
    drained_ = true;
    state_.notify_all();
  }
  // Lines of a busy moment are worth waiting for; then nothing happens until there is something.
  work_.wait_for(lock, kGather, [&] { return closed_ || (hurry_ && has_work()) || waiting_.bytes.size() > capacity_ / 2; });
  if (!has_work() && held == 0) release_memory(batch);
  idle_ = true;
  if (closed_) {
    work_.wait_until(lock, std::min(wake.value_or(deadline_), deadline_), [&] { return has_work() || held == 0; });
  } else if (wake) {
    work_.wait_until(lock, *wake, [this] { return closed_ || has_work(); });
  } else {
    work_.wait(lock, [this] { return closed_ || has_work(); });
  }
  idle_ = false;
  if (closed_ && (std::chrono::steady_clock::now() >= deadline_ || (!has_work() && held == 0))) return false;
  std::swap(batch, waiting_);
  has_dropped_ = false;
  held_ = held + batch.bytes.size();
  return true;
}

void LineQueue::release_memory(LineBatch& batch) {
  constexpr std::size_t kKeep = 64 << 10;
  if (waiting_.bytes.capacity() > kKeep) waiting_.bytes = {};
  if (batch.bytes.capacity() > kKeep) batch.bytes = {};
}

bool LineQueue::is_closed() const {
  const std::scoped_lock lock(mutex_);
  return closed_;
}

void LineQueue::finish() {
  const std::scoped_lock lock(mutex_);
  finished_ = true;
  state_.notify_all();
}

}  // namespace reeve
