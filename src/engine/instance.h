// Instance: one visit being served, and the table of all of them.
//
// An Instance lives in the frame of the coroutine that serves it and is in the table as long as it lives,
// so that a message of the monitor finds it, a reload can look at it again, and a dump can list it.
#pragma once

#include <coroutine>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "base/address.h"
#include "base/identity.h"
#include "base/message.h"
#include "base/time.h"
#include "engine/post.h"
#include "engine/silence.h"

namespace reeve {

class Conversation;
class Watch;
class Instances;

// What the monitor said about an instance.
struct News {
  enum class Kind : std::uint8_t { started, start_failed, exited } kind = Kind::started;
  std::int32_t pid = 0;
  StartStage stage = StartStage::exec;
  std::int32_t sys_errno = 0;  // why a start or an exec failed
  std::int32_t wait_status = 0;
  std::int64_t cpu_us = 0, max_rss_kb = 0;
};

class Instance {
 public:
  Instance(Instances& table, InstanceId id, PostRef post, std::optional<Endpoint> source, Instant since);
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;
  ~Instance();

  // Waits for what the monitor says next. Unbounded on purpose: a server may run for ever.
  class Waiting {
   public:
    explicit Waiting(Instance& instance) noexcept : instance_(instance) {}
    [[nodiscard]] bool await_ready() const noexcept { return instance_.news_.has_value(); }
    void await_suspend(std::coroutine_handle<> waiter) noexcept { instance_.waiter_ = waiter; }
    [[nodiscard]] News await_resume() noexcept { return *std::exchange(instance_.news_, std::nullopt); }

   private:
    Instance& instance_;
  };
  [[nodiscard]] Waiting news() noexcept { return Waiting(*this); }

  const InstanceId id;
  const PostRef post;
  const std::optional<Endpoint> source;
  Instant since;
  std::int32_t pid = 0;  // 0: not started, or served without a process
  bool is_process = false;
  bool ending = false;  // the monitor was asked to end it
  Silence silence = Silence::no;
  Watch* watch = nullptr;                // built-ins: what to cancel to end it
  Conversation* conversation = nullptr;  // relays: likewise
  std::unique_ptr<WrapMessage> wrap;     // goes to the monitor before its Start
  UniqueFd returned;                     // the connection, when there was no process for it
  std::unique_ptr<Identity> identity;    // what was found out about its client; nullptr: nothing

 private:
  friend class Instances;
  Instances& table_;
  std::coroutine_handle<> waiter_;
  std::optional<News> news_;
};

class Instances {
 public:
  [[nodiscard]] InstanceId next_id() noexcept { return next_++; }
  // Ids given out by an engine before this one stay taken.
  void reserve(InstanceId id) noexcept {
    if (id >= next_) next_ = id + 1;
  }
  // Resumes who waits for it, with the connection that came back, if one did; false when there is no such instance.
  bool tell(InstanceId id, News news, UniqueFd returned);
  // nullptr: it lives no more.
  [[nodiscard]] Instance* find(InstanceId id) const noexcept;
  void for_each(const std::function<void(Instance&)>& visit);
  [[nodiscard]] std::vector<InstanceId> ids() const;
  [[nodiscard]] std::size_t size() const noexcept { return living_.size(); }

 private:
  friend class Instance;
  boost::unordered_flat_map<InstanceId, Instance*> living_;
  InstanceId next_ = 1;
};

}  // namespace reeve
