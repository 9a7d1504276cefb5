#include "engine/wrap_book.h"

#include <sys/mman.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <utility>

#include "config/wrap_gather.h"
#include "sys/clock.h"

namespace reeve {
namespace {

// Stamps of files are as fine as the kernel's tick: a hundredth of a second at worst.
constexpr std::chrono::milliseconds kTick{20};
constexpr std::chrono::milliseconds kPause{100};
constexpr int kMostTries = 50;

Result<std::shared_ptr<WrapTable>> parse_memfd(int fd, std::uint32_t number) {
  struct stat status {};
  if (::fstat(fd, &status) != 0 || status.st_size <= 0) return failure("the rules did not arrive");
  const auto size = static_cast<std::size_t>(status.st_size);
  void* const mapped = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd, 0);
  if (mapped == MAP_FAILED) return failure("mmap of the rules", errno);
  auto bundle = deserialize({static_cast<const char*>(mapped), size});
  ::munmap(mapped, size);
  if (!bundle) return std::unexpected(std::move(bundle).error());
  auto table = std::make_shared<WrapTable>();
  table->number = number;
  table->bundle = std::move(*bundle);
  table->rules = parse_wrap_rules(table->bundle, *recorded_names(table->bundle));
  return table;
}

}  // namespace

WrapBook::WrapBook(Loop& loop, MonitorLink& monitor, Journal& journal) : loop_(loop), monitor_(monitor), journal_(journal) {
  const WrapPaths paths;
  // As if they were not there: then there is nothing to be asked.
  for (const std::string& path : {paths.allow, paths.deny}) watched_.push_back({path, {.error = ENOENT}});
}

WrapBook::Stamp WrapBook::stamp_of(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return {.error = errno};
  const auto nanoseconds = [](const timespec& time) { return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec; };
  return {.error = 0,
          .device = static_cast<std::int64_t>(status.st_dev),
          .inode = static_cast<std::int64_t>(status.st_ino),
          .size = status.st_size,
          .modified_ns = nanoseconds(status.st_mtim),
          .changed_ns = nanoseconds(status.st_ctim)};
}

const WrapTable* WrapBook::if_current() {
  if (!settled_ || sent_ != answered_) return nullptr;
  const bool is_same = std::ranges::all_of(watched_, [](const Watched& one) { return stamp_of(one.path) == one.stamp; });
  return is_same ? table_.get() : nullptr;
}

Task<WrapTableRef> WrapBook::current() {
  if (if_current() != nullptr) co_return table_;
  const std::uint64_t wanted = sent_ + 1;
  while (answered_ < wanted) {
    if (sent_ == answered_) {
      ++sent_;
      tries_ = 0;
      ask();
    }
    Waiting waiting(*this);
    co_await waiting;
  }
  co_return table_;
}

void WrapBook::ask() {
  // Before they are read: what changes in between is seen as a change later.
  const std::int64_t young = (wall_now() - kTick).time_since_epoch().count();
  settled_ = true;
  for (Watched& one : watched_) {
    one.stamp = stamp_of(one.path);
    // Where we may not look, every visit asks.
    if (one.stamp.changed_ns > young || (one.stamp.error != 0 && one.stamp.error != ENOENT)) settled_ = false;
  }
  monitor_.send(ReadWrapRulesMessage{.known = table_ ? table_->number : 0}, {});
}

void WrapBook::watch(const Bundle& bundle) {
  std::vector<Watched> watched;
  for (const SourceFile& file : bundle.files) {
    if (file.path.empty()) continue;
    const auto known = std::ranges::find(watched_, file.path, &Watched::path);
    // The stamp of a file that is new here was not taken before it was read.
    if (known == watched_.end()) settled_ = false;
    watched.push_back({file.path, known != watched_.end() ? known->stamp : Stamp{}});
  }
  watched_ = std::move(watched);
}

Task<> WrapBook::ask_again() {
  const Instant later = instant_now() + kPause;
  co_await loop_.sleep_until(later);
  ask();
}

void WrapBook::take(const WrapRulesMessage& message, std::vector<UniqueFd> descriptors) {
  const bool is_final = message.rules == 0;  // asking again would change nothing
  if (is_final || !table_ || table_->number != message.rules) {
    auto table = descriptors.empty() ? failure("the rules did not arrive") : parse_memfd(descriptors.front().get(), message.rules);
    if (table) {
      watch((*table)->bundle);
      table_ = std::move(*table);
    } else if (!is_final && ++tries_ < kMostTries) {
      return loop_.start(ask_again());
    } else {
      journal_.say(Level::critical, wall_now(), "hosts.allow and hosts.deny: " + table.error().text() + "; everybody is refused");
      table_ = nullptr;
      settled_ = false;
    }
  }
  ++answered_;
  for (const std::coroutine_handle<> waiter : std::exchange(waiters_, {})) waiter.resume();
}

}  // namespace reeve
