#include "defence/redis_link.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <hiredis/hiredis.h>
#include <utility>

#include "base/check.h"
#include "base/unique_fd.h"

namespace reeve {
namespace {

struct SocketAddress {
  sockaddr_storage raw{};
  socklen_t size = 0;
};

SocketAddress address_of(const Endpoint& server) noexcept {
  SocketAddress out;
  if (server.address.is_v4()) {
    sockaddr_in plain{};
    plain.sin_family = AF_INET;
    plain.sin_port = htons(server.port);
    plain.sin_addr.s_addr = htonl(server.address.to_v4());
    std::memcpy(&out.raw, &plain, sizeof plain);
    out.size = sizeof plain;
  } else {
    sockaddr_in6 plain{};
    plain.sin6_family = AF_INET6;
    plain.sin6_port = htons(server.port);
    std::memcpy(&plain.sin6_addr, server.address.bytes().data(), sizeof plain.sin6_addr);
    std::memcpy(&out.raw, &plain, sizeof plain);
    out.size = sizeof plain;
  }
  return out;
}

// A server that is gone without a word is found out by the kernel too, not only by our deadlines.
void set_options(int fd) noexcept {
  const int on = 1;
  const unsigned unacknowledged_ms = 20'000;
  (void)::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  (void)::setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  (void)::setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &unacknowledged_ms, sizeof unacknowledged_ms);
}

// The descriptor, and errno of connect(2) (EINPROGRESS: under way).
std::pair<UniqueFd, int> begin_connecting(int family, const sockaddr* server, socklen_t size) noexcept {
  UniqueFd fd(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return {std::move(fd), errno};
  if (family != AF_UNIX) set_options(fd.get());
  const int outcome = ::connect(fd.get(), server, size) == 0 ? 0 : errno;
  return {std::move(fd), outcome};
}

}  // namespace

void RedisLink::Freed::operator()(redisContext* context) const noexcept {
  redisFree(context);
}

RedisLink::~RedisLink() {
  close();
}

void RedisLink::close() noexcept {
  watch_.reset();
  context_.reset();
}

std::unexpected<Error> RedisLink::broken(std::string what, int sys_errno) {
  close();
  return failure(std::move(what), sys_errno);
}

Task<Result<bool>> RedisLink::open_at(Endpoint server, Instant deadline) {
  close();
  const SocketAddress address = address_of(server);
  auto begun = begin_connecting(address.raw.ss_family, reinterpret_cast<const sockaddr*>(&address.raw), address.size);
  Result<bool> adopted = adopt(begun.first.release(), begun.second);
  if (!adopted || begun.second == 0) co_return adopted;
  Result<bool> opened = co_await finish_opening(context_->fd, deadline);
  co_return opened;
}

Task<Result<bool>> RedisLink::open_at_path(std::string path, Instant deadline) {
  close();
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  Result<bool> adopted = failure("the path is too long", ENAMETOOLONG);
  if (path.size() >= sizeof address.sun_path) co_return adopted;
  std::memcpy(address.sun_path, path.data(), path.size());
  auto begun = begin_connecting(AF_UNIX, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  // A unix socket whose queue is full says EAGAIN, and never EINPROGRESS.
  adopted = adopt(begun.first.release(), begun.second);
  if (!adopted || begun.second == 0) co_return adopted;
  Result<bool> opened = co_await finish_opening(context_->fd, deadline);
  co_return opened;
}

Result<bool> RedisLink::adopt(int fd, int outcome) {
  UniqueFd owned(fd);
  if (outcome != 0 && outcome != EINPROGRESS) return failure("connect", outcome);
  context_.reset(redisConnectFd(owned.get()));
  if (!context_) return failure("connect", ENOMEM);
  (void)owned.release();
  if (context_->err != 0) return broken(context_->errstr, 0);
  // It takes a descriptor for a blocking one. Without the flag it understands EAGAIN.
  context_->flags &= ~REDIS_BLOCK;
  watch_ = std::make_unique<Watch>(loop_, context_->fd);
  return true;
}

Task<Result<bool>> RedisLink::finish_opening(int connecting, Instant deadline) {
  Result<bool> done = true;
  const Wake wake = co_await watch_->writable(deadline);
  int error = 0;
  socklen_t size = sizeof error;
  if (wake != Wake::ready) {
    error = ETIMEDOUT;
  } else if (::getsockopt(connecting, SOL_SOCKET, SO_ERROR, &error, &size) != 0) {
    error = errno;
  }
  if (error != 0) done = broken("connect", error);
  co_return done;
}

// True: all is sent.
Result<bool> RedisLink::send_more() {
  int all = 0;
  if (redisBufferWrite(context_.get(), &all) != REDIS_OK) return broken("send", context_->err == REDIS_ERR_IO ? errno : 0);
  return all != 0;
}

Result<bool> RedisLink::receive(std::vector<RedisReply>& replies, std::size_t expected) {
  if (redisBufferRead(context_.get()) != REDIS_OK) {
    if (context_->err == REDIS_ERR_EOF) return broken("the server has ended the connection", 0);
    return broken("receive", context_->err == REDIS_ERR_IO ? errno : 0);
  }
  while (replies.size() < expected) {
    void* reply = nullptr;
    if (redisGetReplyFromReader(context_.get(), &reply) != REDIS_OK) return broken(std::string("reply: ") + context_->errstr, 0);
    if (reply == nullptr) break;
    replies.emplace_back(static_cast<redisReply*>(reply));
  }
  if (context_->reader->len - context_->reader->pos > kMaxReplyBytes) return broken("a reply is too large", 0);
  return true;
}

Task<Result<std::vector<RedisReply>>> RedisLink::exchange(std::vector<RedisCommand> commands, Instant deadline) {
  using Replies = Result<std::vector<RedisReply>>;
  Replies replies = std::vector<RedisReply>();
  REEVE_CHECK(is_open());
  for (const RedisCommand& command : commands) {
    std::vector<const char*> words;
    std::vector<std::size_t> sizes;
    for (const std::string& word : command) {
      words.push_back(word.data());
      sizes.push_back(word.size());
    }
    if (redisAppendCommandArgv(context_.get(), static_cast<int>(words.size()), words.data(), sizes.data()) != REDIS_OK) {
      replies = broken("no memory for a command", 0);
      co_return replies;
    }
  }
  replies->reserve(commands.size());
  bool all_sent = false;
  while (replies->size() < commands.size()) {
    if (!all_sent) {
      const Result<bool> sent = send_more();
      if (!sent) {
        replies = std::unexpected(sent.error());
        co_return replies;
      }
      all_sent = *sent;
    }
    // Commands are small and a server reads them while it answers, so one direction at a time is enough.
    Wake wake = Wake::ready;
    if (all_sent) {
      wake = co_await watch_->readable(deadline);
    } else {
      wake = co_await watch_->writable(deadline);
    }
    if (wake != Wake::ready) {
      replies = broken("no answer", ETIMEDOUT);
      co_return replies;
    }
    const Result<bool> received = receive(*replies, commands.size());
    if (!received) {
      replies = std::unexpected(received.error());
      co_return replies;
    }
  }
  co_return replies;
}

}  // namespace reeve
