// WrapBook: the rules of hosts.allow and hosts.deny as their files are at this moment.
//
// A change counts for the next visit: each one looks whether a file that the rules were made from is another than before
// (a stat(2) each, mostly two), and only then are they had again, from the monitor, which reads and numbers them
// (monitor/wrap_tables.h). Visits that come meanwhile wait for the same answer, or for the next where the question was sent
// before they came. Without files there are no rules, and nothing to be asked. Where descriptors or memory are short for
// the moment, they wait some seconds before they are refused.
#pragma once

#include <coroutine>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/message.h"
#include "base/unique_fd.h"
#include "config/wrap_rules.h"
#include "engine/monitor_link.h"
#include "record/journal.h"
#include "sys/loop.h"
#include "sys/task.h"

namespace reeve {

struct WrapTable {
  std::uint32_t number = 0;
  Bundle bundle;
  WrapRules rules;
};
using WrapTableRef = std::shared_ptr<const WrapTable>;

class WrapBook {
 public:
  WrapBook(Loop& loop, MonitorLink& monitor, Journal& journal);

  // The rules, if no file has changed; nullptr: ask current().
  [[nodiscard]] const WrapTable* if_current();
  // nullptr: they can't be had.
  [[nodiscard]] Task<WrapTableRef> current();

  void take(const WrapRulesMessage& message, std::vector<UniqueFd> descriptors);

 private:
  // What tells one state of a file from another.
  struct Stamp {
    int error = 0;  // errno of stat(2)
    std::int64_t device = 0, inode = 0, size = 0, modified_ns = 0, changed_ns = 0;
    friend bool operator==(const Stamp&, const Stamp&) = default;
  };
  struct Watched {
    std::string path;
    Stamp stamp;
  };
  class Waiting {
   public:
    explicit Waiting(WrapBook& book) noexcept : book_(book) {}
    [[nodiscard]] bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> waiter) { book_.waiters_.push_back(waiter); }
    void await_resume() const noexcept {}

   private:
    WrapBook& book_;
  };

  [[nodiscard]] static Stamp stamp_of(const std::string& path);
  void ask();
  Task<> ask_again();
  void watch(const Bundle& bundle);

  Loop& loop_;
  MonitorLink& monitor_;
  Journal& journal_;
  WrapTableRef table_ = std::make_shared<const WrapTable>();
  std::vector<Watched> watched_;
  // A file that changed a moment before it was read may change again without getting another stamp.
  bool settled_ = true;
  std::uint64_t sent_ = 0, answered_ = 0;
  int tries_ = 0;  // without an answer that is one
  std::vector<std::coroutine_handle<>> waiters_;
};

}  // namespace reeve
