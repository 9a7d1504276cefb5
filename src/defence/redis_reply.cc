#include "defence/redis_reply.h"

#include <hiredis/hiredis.h>

namespace reeve {

bool RedisValue::is_error() const noexcept {
  return value_ != nullptr && value_->type == REDIS_REPLY_ERROR;
}
std::string_view RedisValue::error() const noexcept {
  return is_error() ? std::string_view(value_->str, value_->len) : std::string_view();
}
std::string_view RedisValue::text() const noexcept {
  if (value_ == nullptr || (value_->type != REDIS_REPLY_STRING && value_->type != REDIS_REPLY_STATUS)) return {};
  return {value_->str, value_->len};
}
std::optional<std::int64_t> RedisValue::number() const noexcept {
  if (value_ == nullptr || value_->type != REDIS_REPLY_INTEGER) return std::nullopt;
  return value_->integer;
}
std::size_t RedisValue::size() const noexcept {
  return value_ != nullptr && value_->type == REDIS_REPLY_ARRAY ? value_->elements : 0;
}
RedisValue RedisValue::operator[](std::size_t index) const noexcept {
  return index < size() ? RedisValue(value_->element[index]) : RedisValue();
}

void RedisReply::Free::operator()(redisReply* reply) const noexcept {
  freeReplyObject(reply);
}

}  // namespace reeve
