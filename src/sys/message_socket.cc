#include "sys/message_socket.h"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/check.h"

namespace reeve {

namespace {

constexpr std::size_t kSendBatch = 32;

}  // namespace

struct MessageSocket::Inbox {
  alignas(8) std::array<std::array<std::byte, kMaxReceived + 8>, kBatch> bytes;
  alignas(cmsghdr) std::array<std::array<char, CMSG_SPACE(sizeof(int))>, kBatch> control;
  std::array<iovec, kBatch> parts;
  std::array<mmsghdr, kBatch> headers;
};

Result<std::pair<UniqueFd, UniqueFd>> MessageSocket::make_pair() {
  std::array<int, 2> fds{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds.data()) != 0) return failure("socketpair", errno);
  ::fcntl(fds[0], F_SETFL, O_NONBLOCK);
  return std::pair(UniqueFd(fds[0]), UniqueFd(fds[1]));
}

MessageSocket::MessageSocket(UniqueFd fd) : fd_(std::move(fd)), inbox_(std::make_unique<Inbox>()) {}
MessageSocket::~MessageSocket() = default;
MessageSocket::MessageSocket(MessageSocket&&) noexcept = default;
MessageSocket& MessageSocket::operator=(MessageSocket&&) noexcept = default;

MessageSocket::State MessageSocket::receive(std::vector<Received>& messages) {
  Inbox& inbox = *inbox_;
  for (std::size_t each = 0; each < kBatch; ++each) {
    inbox.parts[each] = {inbox.bytes[each].data(), kMaxReceived + 1};
    msghdr header{};
    header.msg_iov = &inbox.parts[each];
    header.msg_iovlen = 1;
    header.msg_control = inbox.control[each].data();
    header.msg_controllen = inbox.control[each].size();
    inbox.headers[each] = {header, 0};
  }
  const int count = ::recvmmsg(fd_.get(), inbox.headers.data(), kBatch, MSG_DONTWAIT | MSG_CMSG_CLOEXEC, nullptr);
  if (count < 0) return errno == EAGAIN || errno == EINTR ? State::open : State::gone;
  for (std::size_t each = 0; each < static_cast<std::size_t>(count); ++each) {
    const mmsghdr& header = inbox.headers[each];
    // End of file; no message of ours is empty.
    if (header.msg_len == 0) return State::gone;
    Received received{{inbox.bytes[each].data(), header.msg_len}, {}};
    const cmsghdr* item = CMSG_FIRSTHDR(&header.msg_hdr);
    if (item != nullptr && item->cmsg_level == SOL_SOCKET && item->cmsg_type == SCM_RIGHTS && item->cmsg_len >= CMSG_LEN(sizeof(int))) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(item), sizeof fd);
      received.descriptor.reset(fd);
    }
    messages.push_back(std::move(received));
  }
  return count == 0 ? State::gone : State::open;
}

void MessageSocket::queue(std::span<const std::byte> bytes) {
  lazy_ = 0;
  queue_.push_back({{bytes.begin(), bytes.end()}, {}, {}, {}});
}

void MessageSocket::queue_lazily(std::span<const std::byte> bytes) {
  queue_.push_back({{bytes.begin(), bytes.end()}, {}, {}, {}});
  ++lazy_;
}

void MessageSocket::queue(std::span<const std::byte> bytes, std::vector<int> borrowed, std::shared_ptr<const void> owner) {
  lazy_ = 0;
  queue_.push_back({{bytes.begin(), bytes.end()}, std::move(borrowed), {}, std::move(owner)});
}

void MessageSocket::queue(std::span<const std::byte> bytes, std::vector<UniqueFd> owned) {
  lazy_ = 0;
  std::vector<int> descriptors;
  descriptors.reserve(owned.size());
  for (const UniqueFd& fd : owned) descriptors.push_back(fd.get());
  queue_.push_back({{bytes.begin(), bytes.end()}, std::move(descriptors), std::move(owned), {}});
}

MessageSocket::Flush MessageSocket::flush() {
  while (!queue_.empty()) {
    const std::size_t count = std::min(queue_.size(), kSendBatch);
    std::array<mmsghdr, kSendBatch> headers{};
    std::array<iovec, kSendBatch> parts{};
    // Only setup messages carry descriptors, so most batches need none of these.
    std::array<std::vector<cmsghdr>, kSendBatch> controls;
    for (std::size_t each = 0; each < count; ++each) {
      Outgoing& out = queue_[each];
      parts[each] = {out.bytes.data(), out.bytes.size()};
      msghdr& header = headers[each].msg_hdr;
      header.msg_iov = &parts[each];
      header.msg_iovlen = 1;
      if (out.descriptors.empty()) continue;
      const std::size_t size = out.descriptors.size() * sizeof(int);
      controls[each].resize((CMSG_SPACE(size) + sizeof(cmsghdr) - 1) / sizeof(cmsghdr));
      header.msg_control = controls[each].data();
      header.msg_controllen = CMSG_SPACE(size);
      cmsghdr* const item = CMSG_FIRSTHDR(&header);
      item->cmsg_level = SOL_SOCKET;
      item->cmsg_type = SCM_RIGHTS;
      item->cmsg_len = CMSG_LEN(size);
      std::memcpy(CMSG_DATA(item), out.descriptors.data(), size);
    }
    const int sent = ::sendmmsg(fd_.get(), headers.data(), static_cast<unsigned>(count), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0 && errno == EAGAIN) return Flush::full;
    // Too many descriptors under way (ETOOMANYREFS), no memory, or the other side is gone: receive() tells.
    if (sent <= 0) return Flush::crowded;
    queue_.erase(queue_.begin(), queue_.begin() + sent);
    lazy_ = std::min(lazy_, queue_.size());
  }
  return Flush::done;
}

}  // namespace reeve
