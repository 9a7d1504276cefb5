#include "engine/monitor_link.h"

#include <fcntl.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>

#include "base/check.h"
#include "sys/clock.h"

namespace reeve {

namespace {

constexpr std::size_t kBatch = 16;
constexpr std::size_t kMaxDescriptors = 128;
constexpr std::chrono::milliseconds kCrowdedPause{10};

struct Inbox {
  alignas(8) std::array<std::array<std::byte, kMaxMessageBytes + 8>, kBatch> bytes;
  alignas(cmsghdr) std::array<std::array<char, CMSG_SPACE(kMaxDescriptors * sizeof(int))>, kBatch> control;
  std::array<iovec, kBatch> parts;
  std::array<mmsghdr, kBatch> messages;
};

std::vector<UniqueFd> take_descriptors(const msghdr& message) {
  std::vector<UniqueFd> descriptors;
  for (const cmsghdr* item = CMSG_FIRSTHDR(&message); item != nullptr;
       item = CMSG_NXTHDR(const_cast<msghdr*>(&message), const_cast<cmsghdr*>(item))) {
    if (item->cmsg_level != SOL_SOCKET || item->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t count = (item->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t each = 0; each < count; ++each) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(item) + each * sizeof fd, sizeof fd);
      descriptors.emplace_back(fd);
    }
  }
  return descriptors;
}

}  // namespace

MonitorLink::MonitorLink(Loop& loop, UniqueFd socket) : loop_(loop), socket_(std::move(socket)) {
  writing_.reset(::fcntl(socket_.get(), F_DUPFD_CLOEXEC, 3));
  REEVE_CHECK(writing_);
}

void MonitorLink::start(Receiver receive) {
  receive_ = std::move(receive);
  loop_.start(listen());
}

MonitorLink::Sent MonitorLink::try_send(std::span<const std::byte> bytes, int descriptor) {
  iovec part{const_cast<std::byte*>(bytes.data()), bytes.size()};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  if (descriptor >= 0) {
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    cmsghdr* const item = CMSG_FIRSTHDR(&message);
    item->cmsg_level = SOL_SOCKET;
    item->cmsg_type = SCM_RIGHTS;
    item->cmsg_len = CMSG_LEN(sizeof descriptor);
    std::memcpy(CMSG_DATA(item), &descriptor, sizeof descriptor);
  }
  while (::sendmsg(socket_.get(), &message, MSG_DONTWAIT | MSG_NOSIGNAL) < 0) {
    if (errno == EINTR) continue;
    if (errno == EAGAIN) return Sent::full;
    // More descriptors under way than the limit of open files allows (unix(7)).
    if (errno == ETOOMANYREFS || errno == ENOBUFS || errno == ENOMEM) return Sent::crowded;
    return Sent::gone;
  }
  return Sent::yes;
}

void MonitorLink::send_bytes(std::span<const std::byte> bytes, UniqueFd descriptor) {
  if (queue_.empty()) {
    const Sent sent = try_send(bytes, descriptor.get());
    if (sent == Sent::yes) return;
    if (sent == Sent::gone) {
      loop_.stop();
      return;
    }
  }
  // Bounded by the engine's own bound on starts under way (reception.cc) and the number of instances.
  queue_.push_back({{bytes.begin(), bytes.end()}, std::move(descriptor)});
  if (!draining_) loop_.start(drain());
}

Task<> MonitorLink::drain() {
  draining_ = true;
  Watch watch(loop_, writing_.get());
  while (!queue_.empty()) {
    const Sent sent = try_send(queue_.front().bytes, queue_.front().descriptor.get());
    if (sent == Sent::yes) {
      queue_.pop_front();
    } else if (sent == Sent::full) {
      co_await watch.writable(kNoDeadline);
    } else if (sent == Sent::crowded) {
      const Instant later = instant_now() + kCrowdedPause;
      co_await loop_.sleep_until(later);
    } else {
      loop_.stop();
      break;
    }
  }
  draining_ = false;
}

Result<FirstMessage> receive_first(int socket) {
  const auto inbox = std::make_unique<Inbox>();
  iovec part{inbox->bytes[0].data(), inbox->bytes[0].size()};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  header.msg_control = inbox->control[0].data();
  header.msg_controllen = inbox->control[0].size();
  const ssize_t size = ::recvmsg(socket, &header, MSG_CMSG_CLOEXEC);
  if (size <= 0) return failure("no message from the monitor", size < 0 ? errno : 0);
  FirstMessage first;
  first.descriptors = take_descriptors(header);
  const auto decoded = decode_monitor_message({inbox->bytes[0].data(), static_cast<std::size_t>(size)});
  if (!decoded) return std::unexpected(decoded.error());
  const auto* adopt = std::get_if<AdoptMessage>(&*decoded);
  if (adopt == nullptr) return failure("the monitor's first message is not Adopt");
  first.adopt = *adopt;
  return first;
}

Task<> MonitorLink::listen() {
  Watch watch(loop_, socket_.get());
  const auto inbox = std::make_unique<Inbox>();
  for (;;) {
    co_await watch.readable(kNoDeadline);
    for (std::size_t each = 0; each < kBatch; ++each) {
      inbox->parts[each] = {inbox->bytes[each].data(), inbox->bytes[each].size()};
      msghdr header{};
      header.msg_iov = &inbox->parts[each];
      header.msg_iovlen = 1;
      header.msg_control = inbox->control[each].data();
      header.msg_controllen = inbox->control[each].size();
      inbox->messages[each] = {header, 0};
    }
    const int count = ::recvmmsg(socket_.get(), inbox->messages.data(), kBatch, MSG_DONTWAIT | MSG_CMSG_CLOEXEC, nullptr);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (count <= 0) break;
    for (std::size_t each = 0; each < static_cast<std::size_t>(count); ++each) {
      const mmsghdr& message = inbox->messages[each];
      if (message.msg_len == 0) {  // the end, behind the last messages
        loop_.stop();
        co_return;
      }
      std::vector<UniqueFd> descriptors = take_descriptors(message.msg_hdr);
      const auto decoded = decode_monitor_message({inbox->bytes[each].data(), message.msg_len});
      // Only the monitor has the other end: an odd message is a bug, not an attack, and the monitor
      // starts another engine at once.
      REEVE_CHECK(decoded);
      receive_(*decoded, std::move(descriptors));
    }
  }
  loop_.stop();
}

}  // namespace reeve
