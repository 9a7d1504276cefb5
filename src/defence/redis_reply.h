// RedisReply: what a Redis server answered, owned; RedisValue: a look at one value in it.
//
// Foreign bytes: whoever reads says what he expects, and gets nothing where it is something else. Used by defence/redis_link
// and defence/fleet_commands.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

struct redisReply;

namespace reeve {

class RedisValue {
 public:
  RedisValue() noexcept = default;
  explicit RedisValue(const redisReply* value) noexcept : value_(value) {}

  [[nodiscard]] bool is_error() const noexcept;
  [[nodiscard]] std::string_view error() const noexcept;  // empty: none
  // A text: bulk or status. Empty where it is anything else.
  [[nodiscard]] std::string_view text() const noexcept;
  [[nodiscard]] std::optional<std::int64_t> number() const noexcept;
  // Of a list; 0 where it is none.
  [[nodiscard]] std::size_t size() const noexcept;
  // Nothing at all where there is none at this place.
  [[nodiscard]] RedisValue operator[](std::size_t index) const noexcept;

 private:
  const redisReply* value_ = nullptr;
};

class RedisReply {
 public:
  explicit RedisReply(redisReply* owned) noexcept : owned_(owned) {}
  [[nodiscard]] RedisValue value() const noexcept { return RedisValue(owned_.get()); }

 private:
  struct Free {
    void operator()(redisReply* reply) const noexcept;
  };
  std::unique_ptr<redisReply, Free> owned_;
};

}  // namespace reeve
