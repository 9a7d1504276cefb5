#include "sys/datagram_link.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/check.h"
#include "sys/clock.h"

namespace reeve {

namespace {

constexpr int kBufferBytes = 256 << 10;
constexpr std::chrono::milliseconds kCrowdedPause{10}, kRoomPause{2};
constexpr int kLastWordMs = 200;
constexpr int kBatchesPerTurn = 8;  // then others have their turn

}  // namespace

struct DatagramLink::Inbox {
  explicit Inbox(std::size_t most_bytes) : bytes(kBatch * (most_bytes + 1)) {
    for (std::size_t each = 0; each < kBatch; ++each) parts[each] = {bytes.data() + each * (most_bytes + 1), most_bytes + 1};
  }
  std::vector<std::byte> bytes;
  std::array<iovec, kBatch> parts;
  std::array<mmsghdr, kBatch> messages{};
};

Result<std::pair<UniqueFd, UniqueFd>> DatagramLink::make_pair() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) != 0) return failure("socketpair", errno);
  std::pair<UniqueFd, UniqueFd> pair{UniqueFd(ends[0]), UniqueFd(ends[1])};
  // More than the limit asks for is cut to it (socket(7)).
  for (const int end : ends) (void)::setsockopt(end, SOL_SOCKET, SO_SNDBUF, &kBufferBytes, sizeof kBufferBytes);
  return pair;
}

DatagramLink::DatagramLink(Loop& loop, UniqueFd socket, std::size_t most_bytes)
    : loop_(loop), socket_(std::move(socket)), most_bytes_(most_bytes) {
  writing_.reset(::fcntl(socket_.get(), F_DUPFD_CLOEXEC, 3));
  if (!writing_) gone_ = true;  // no descriptor is free: as if the other side were not there
}

DatagramLink::~DatagramLink() = default;

void DatagramLink::start(Receiver receive, std::function<void()> on_end) {
  receive_ = std::move(receive);
  on_end_ = std::move(on_end);
  if (gone_) return on_end_();
  loop_.start(listen(shared_from_this()));
}

bool DatagramLink::send(std::span<const std::byte> bytes) {
  if (gone_ || queued_bytes_ + bytes.size() > kMaxQueuedBytes) return false;
  queue_.emplace_back(bytes.begin(), bytes.end());
  queued_bytes_ += bytes.size();
  if (!draining_) loop_.start(drain(shared_from_this()));
  return true;
}

void DatagramLink::send_last(std::span<const std::byte> bytes) noexcept {
  if (gone_) return;
  queue_.clear();
  queued_bytes_ = 0;
  // A full socket is emptied by the other side within moments; a daemon that ends may wait as long.
  pollfd room{.fd = socket_.get(), .events = POLLOUT, .revents = 0};
  while (::send(socket_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL) < 0) {
    if (errno == EINTR) continue;
    if (errno != EAGAIN || ::poll(&room, 1, kLastWordMs) <= 0) break;
  }
}

// True: the socket took some, or there is nothing. False: it is full (errno EAGAIN), short of something, or gone.
bool DatagramLink::send_some() {
  std::array<iovec, kBatch> parts;
  std::array<mmsghdr, kBatch> messages{};
  const std::size_t count = std::min(queue_.size(), kBatch);
  if (count == 0) return true;
  for (std::size_t each = 0; each < count; ++each) {
    parts[each] = {queue_[each].data(), queue_[each].size()};
    messages[each].msg_hdr.msg_iov = &parts[each];
    messages[each].msg_hdr.msg_iovlen = 1;
  }
  const int sent = ::sendmmsg(socket_.get(), messages.data(), static_cast<unsigned>(count), MSG_DONTWAIT | MSG_NOSIGNAL);
  if (sent < 0) return errno == EINTR;
  for (int each = 0; each < sent; ++each) {
    queued_bytes_ -= queue_.front().size();
    queue_.pop_front();
  }
  return true;
}

Task<> DatagramLink::drain(std::shared_ptr<DatagramLink> self) {
  self->draining_ = true;
  // What is sent in one turn of the loop goes together.
  const Instant at_once{};
  co_await self->loop_.sleep_until(at_once);
  Watch watch(self->loop_, self->writing_.get());
  int batches = 0;
  while (!self->queue_.empty() && !self->gone_) {
    if (self->send_some()) {
      if (++batches % kBatchesPerTurn == 0) {
        co_await self->loop_.sleep_until(at_once);
      }
    } else if (errno == EAGAIN) {
      co_await watch.writable(kNoDeadline);
    } else if (errno == ENOBUFS || errno == ENOMEM) {
      const Instant later = instant_now() + kCrowdedPause;
      co_await self->loop_.sleep_until(later);
    } else {
      break;  // listen() finds out that it is gone
    }
  }
  self->draining_ = false;
}

Task<> DatagramLink::room(Instant deadline) {
  while (queued_bytes_ > kLowBytes && !gone_) {
    const Instant now = instant_now();
    if (now >= deadline) break;
    const Instant later = now + kRoomPause;
    co_await loop_.sleep_until(later);
  }
}

void DatagramLink::close() noexcept {
  gone_ = true;
  queue_.clear();
  queued_bytes_ = 0;
  (void)::shutdown(socket_.get(), SHUT_RDWR);  // wakes who waits for it
}

void DatagramLink::end() {
  if (gone_) return;
  close();
  on_end_();
}

void DatagramLink::take(Inbox& inbox, std::size_t count) {
  for (std::size_t each = 0; each < count && !gone_; ++each) {
    if (inbox.messages[each].msg_len == 0) return end();  // the end, behind the last messages
    receive_({static_cast<const std::byte*>(inbox.parts[each].iov_base), inbox.messages[each].msg_len});
  }
}

Task<> DatagramLink::listen(std::shared_ptr<DatagramLink> self) {
  Watch watch(self->loop_, self->socket_.get());
  Inbox inbox(self->most_bytes_);
  int batches = 0;
  while (!self->gone_) {
    co_await watch.readable(kNoDeadline);
    if (self->gone_) break;
    for (std::size_t each = 0; each < kBatch; ++each) {
      inbox.messages[each] = {};
      inbox.messages[each].msg_hdr.msg_iov = &inbox.parts[each];
      inbox.messages[each].msg_hdr.msg_iovlen = 1;
    }
    const int count = ::recvmmsg(self->socket_.get(), inbox.messages.data(), kBatch, MSG_DONTWAIT, nullptr);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (count <= 0) break;
    self->take(inbox, static_cast<std::size_t>(count));
    if (++batches % kBatchesPerTurn == 0) {
      const Instant at_once{};
      co_await self->loop_.sleep_until(at_once);
    }
  }
  self->end();
}

}  // namespace reeve
