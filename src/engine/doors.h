// Doors: all listeners of the engine, and who is knocking.
//
// All listeners stand in two epoll sets that are themselves watched by the loop: one for services whose
// visits cost a process, one for the rest, so that the first can be left alone while the monitor is busy
// (back-pressure to the listen backlogs) and the second goes on. A thousand idle listeners cost the loop
// nothing. Each turn takes only a few visits from each listener before it looks at the next.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <utility>
#include <vector>

#include "base/time.h"
#include "base/unique_fd.h"
#include "engine/post.h"
#include "sys/loop.h"

namespace reeve {

class Doors {
 public:
  // `knock` is called for a door whose listener is readable.
  Doors(Loop& loop, std::function<void(const DoorRef&)> knock);

  void start();  // begins to watch

  // Nothing happens while its service is held (engine/holding.h).
  void open(const DoorRef& door);
  void close(Door& door);

  // All of the configuration in force, by place.
  void set_all(std::vector<DoorRef> all) { all_ = std::move(all); }
  [[nodiscard]] const std::vector<DoorRef>& all() const noexcept { return all_; }
  [[nodiscard]] std::span<const DoorRef> of(const Post& post) const noexcept;

  // No descriptors or memory for an accept: nobody is let in for 100 ms.
  void pause();
  // While held, programs' doors are not looked at.
  void hold_programs(bool hold);

 private:
  struct Set {
    UniqueFd epoll;
    std::coroutine_handle<> parked;
    bool held = false;
  };
  struct Watched {
    DoorRef door;
    std::uint32_t serial = 0;
    std::uint8_t set = 0;
  };
  // Awaited by a set's task while the set is held.
  struct Release {
    Set& set;
    [[nodiscard]] bool await_ready() const noexcept { return !set.held; }
    void await_suspend(std::coroutine_handle<> waiter) noexcept { set.parked = waiter; }
    void await_resume() const noexcept {}
  };

  Task<> watch(std::uint8_t which);

  Loop& loop_;
  std::function<void(const DoorRef&)> knock_;
  std::array<Set, 2> sets_;
  std::vector<DoorRef> all_;
  std::vector<Watched> watched_;
  std::vector<std::uint32_t> free_;
  std::uint32_t serial_ = 0;
  Instant paused_until_{};
};

}  // namespace reeve
