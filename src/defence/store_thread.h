// StoreThread: the store on a thread of its own, so that a slow disk holds up nobody.
//
// Used by defence/store_part. What it is told goes through a queue and to disk in batches: what comes within 20 ms is one
// transaction. What it has to say in turn, in the words of base/defence_message.h (what the store keeps, Loaded, Kept, Say, State,
// Answer), waits in another queue until the loop takes it.
//
// Bounds: kMaxOrders to do and kMaxNews to say. Who tells more than that waits a little; if the disk takes nothing for that long, what
// comes is dropped. After that, as after a full or broken disk, the store is tried again, and with Loaded the engine is asked to tell
// all anew: nothing has to be remembered here.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "base/defence_message.h"
#include "base/result.h"
#include "defence/ban_store.h"

namespace reeve {

class StoreThread {
 public:
  static constexpr std::size_t kMaxOrders = 16'384, kMaxNews = 4'096;
  static constexpr std::size_t kMostAtOnce = 8'192;           // of one transaction
  static constexpr std::chrono::milliseconds kGather{20};     // for which the first change of a batch waits for others
  static constexpr std::chrono::milliseconds kPatience{200};  // of who tells
  static constexpr std::chrono::seconds kRetry{10};           // after a failure

  using Order = std::variant<BeginMessage, BanMessage, EndOfBansMessage, LiftMessage, AskMessage>;

  struct Terms {
    std::string directory;
    StoreTuning tuning;
    std::string boot;
    std::function<ClockReading()> clocks;
    std::chrono::milliseconds retry = kRetry;
  };
  [[nodiscard]] static Result<std::unique_ptr<StoreThread>> start(Terms terms);
  ~StoreThread();

  void tell(const Order& order);

  // Readable while there is something to take.
  [[nodiscard]] int fd() const noexcept;
  [[nodiscard]] std::vector<FromFollower> take(std::size_t most);

  // Writes what is queued, and ends.
  void finish() noexcept;

 private:
  struct State;
  explicit StoreThread(std::unique_ptr<State> state) noexcept;
  std::unique_ptr<State> state_;
};

}  // namespace reeve
