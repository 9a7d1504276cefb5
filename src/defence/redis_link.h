// RedisLink: one connection to a Redis server on the loop; nothing of it ever blocks.
//
// hiredis formats commands and reads replies; connecting, waiting and deadlines are ours. One exchange at a time: commands
// go out together, their replies come back in the same order. Whatever goes wrong (deadline, end of file, protocol, a reply
// that is too large) closes the link, and whoever awaits gets the reason. Two links of one loop know nothing of each other.
// The packaged hiredis (0.14) has no TLS: docs/defence.md says how to put a tunnel around it. The process must ignore SIGPIPE.
// Bound: kMaxReplyBytes received and not yet understood.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/result.h"
#include "defence/redis_reply.h"
#include "sys/loop.h"
#include "sys/task.h"

struct redisContext;

namespace reeve {

using RedisCommand = std::vector<std::string>;

class RedisLink {
 public:
  static constexpr std::size_t kMaxReplyBytes = std::size_t{64} << 20;

  explicit RedisLink(Loop& loop) noexcept : loop_(loop) {}
  ~RedisLink();
  RedisLink(const RedisLink&) = delete;
  RedisLink& operator=(const RedisLink&) = delete;

  // A link that was open is closed first.
  [[nodiscard]] Task<Result<bool>> open_at(Endpoint server, Instant deadline);
  [[nodiscard]] Task<Result<bool>> open_at_path(std::string path, Instant deadline);
  [[nodiscard]] bool is_open() const noexcept { return context_ != nullptr; }
  void close() noexcept;

  // As many replies as commands; errors of the server are replies. On an open link; no other exchange may be under way.
  [[nodiscard]] Task<Result<std::vector<RedisReply>>> exchange(std::vector<RedisCommand> commands, Instant deadline);

 private:
  struct Freed {
    void operator()(redisContext* context) const noexcept;
  };

  [[nodiscard]] Task<Result<bool>> finish_opening(int connecting, Instant deadline);
  [[nodiscard]] Result<bool> adopt(int fd, int outcome);
  [[nodiscard]] Result<bool> send_more();
  // True: something may have come.
  [[nodiscard]] Result<bool> receive(std::vector<RedisReply>& replies, std::size_t expected);
  [[nodiscard]] std::unexpected<Error> broken(std::string what, int sys_errno);

  Loop& loop_;
  std::unique_ptr<redisContext, Freed> context_;
  std::unique_ptr<Watch> watch_;
};

}  // namespace reeve
