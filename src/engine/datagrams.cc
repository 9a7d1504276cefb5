#include "engine/datagrams.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "engine/builtin_streams.h"

namespace reeve {

namespace {

constexpr std::size_t kBatch = 64;
constexpr std::size_t kMaxDatagram = 65'536;
constexpr int kBatchesPerTurn = 4;
constexpr std::size_t kHeaderBytes = 28;  // IPv4 and UDP; with IPv6 the answer is bounded more tightly
constexpr std::size_t kChargenLine = 74;  // one line of RFC 864
constexpr std::uint16_t kServicePorts = 512;
constexpr std::chrono::minutes kSameClient{1};

}  // namespace

struct Datagrams::Batch {
  std::array<sockaddr_storage, kBatch> sources;
  std::array<iovec, kBatch> parts;
  std::array<mmsghdr, kBatch> messages;
  alignas(cmsghdr) std::array<std::array<char, 64>, kBatch> control;
  // 4 MiB of addresses of which only pages that datagrams touch become memory.
  std::unique_ptr<char[]> bytes = std::make_unique_for_overwrite<char[]>(kBatch * kMaxDatagram);

  char* slot(std::size_t index) noexcept { return bytes.get() + index * kMaxDatagram; }

  int receive(int socket) noexcept {
    for (std::size_t each = 0; each < kBatch; ++each) {
      parts[each] = {slot(each), kMaxDatagram};
      msghdr header{};
      header.msg_name = &sources[each];
      header.msg_namelen = sizeof sources[each];
      header.msg_iov = &parts[each];
      header.msg_iovlen = 1;
      header.msg_control = control[each].data();
      header.msg_controllen = control[each].size();
      messages[each] = {header, 0};
    }
    return ::recvmmsg(socket, messages.data(), kBatch, MSG_DONTWAIT, nullptr);
  }
};

Datagrams::Datagrams(Gate& gate, Recorder& recorder, Sensors& sensors) : gate_(gate), recorder_(recorder), sensors_(sensors) {}
Datagrams::~Datagrams() = default;

void Datagrams::guard(const Configuration& configuration) {
  own_ports_.clear();
  for (const Service& service : configuration.services) {
    if (service.kind != Kind::builtin || service.socket_type != SocketType::dgram) continue;
    for (const Place& place : configuration.places_of(service)) own_ports_.insert(place.port);
  }
}

bool Datagrams::is_service_port(std::uint16_t port) const {
  return port < kServicePorts || own_ports_.contains(port);
}

void Datagrams::note(Post& post, const Endpoint& source, Instant now) {
  if (source.address == post.last_logged && now - post.last_logged_at < kSameClient) return;
  post.last_logged = source.address;
  post.last_logged_at = now;
  recorder_.started(post, source, 0);
}

std::optional<std::size_t> Datagrams::answer(const Service& service, std::size_t slot, std::size_t size) {
  char* const bytes = batch_->slot(slot);
  const auto put = [bytes](std::string_view text) {
    std::memcpy(bytes, text.data(), text.size());
    return text.size();
  };
  std::size_t length = 0;
  switch (service.builtin) {
    case Builtin::echo:
      return size;
    case Builtin::daytime:
      length = put(daytime_text());
      break;
    case Builtin::time:
      length = put(time_bytes());
      break;
    case Builtin::chargen:
      length = put(chargen_text().substr(0, kChargenLine));
      break;
    case Builtin::none:
    case Builtin::discard:
    case Builtin::tcpmux:
      return std::nullopt;
  }
  return std::min(length, kMaxAmplification * (size + kHeaderBytes) - kHeaderBytes);
}

namespace {

// The answer is to leave from the address asked (ip(7), ipv6(7)): what recvmmsg told about the datagram's way
// in is given back, without the interface, which is the routing's to choose. Other control data is dropped.
void turn_around(msghdr& header) noexcept {
  cmsghdr* const item = CMSG_FIRSTHDR(&header);
  if (item != nullptr && item->cmsg_level == IPPROTO_IP && item->cmsg_type == IP_PKTINFO) {
    in_pktinfo info{};
    std::memcpy(&info, CMSG_DATA(item), sizeof info);
    info.ipi_ifindex = 0;
    std::memcpy(CMSG_DATA(item), &info, sizeof info);
    header.msg_controllen = CMSG_SPACE(sizeof info);
  } else if (item != nullptr && item->cmsg_level == IPPROTO_IPV6 && item->cmsg_type == IPV6_PKTINFO) {
    in6_pktinfo info{};
    std::memcpy(&info, CMSG_DATA(item), sizeof info);
    // A link-local address means nothing without its interface.
    if (!IN6_IS_ADDR_LINKLOCAL(&info.ipi6_addr)) info.ipi6_ifindex = 0;
    if (IN6_IS_ADDR_MULTICAST(&info.ipi6_addr)) info.ipi6_addr = in6addr_any;
    std::memcpy(CMSG_DATA(item), &info, sizeof info);
    header.msg_controllen = CMSG_SPACE(sizeof info);
  } else {
    header.msg_control = nullptr;
    header.msg_controllen = 0;
  }
  header.msg_flags = 0;
}

}  // namespace

void Datagrams::serve(Post& post, int listener, Instant now) {
  if (!batch_) batch_ = std::make_unique<Batch>();
  const Service& service = post.service();
  const bool logs = service.log_on_success.host || service.log_on_success.pid;
  for (int turn = 0; turn < kBatchesPerTurn; ++turn) {
    const int count = batch_->receive(listener);
    if (count <= 0) return;
    std::size_t answers = 0;
    for (std::size_t each = 0; each < static_cast<std::size_t>(count); ++each) {
      const auto source = endpoint_of(batch_->sources[each]);
      if (!source) continue;
      const Gate::Answer asked = gate_.ask_datagram(post, source->address, now);
      if (const Refusal* refusal = asked.refusal()) {
        recorder_.refused(post, source, *refusal, 0);
        continue;
      }
      if (service.kind == Kind::sensor) {
        recorder_.refused(post, source, {Reason::sensor, service.where}, 0);
        if (service.udp_bans) sensors_.spring(service, source->address, std::nullopt, now);
        continue;
      }
      if (logs) note(post, *source, now);
      if (is_service_port(source->port) || source->address.is_multicast()) continue;
      const auto length = answer(service, each, batch_->messages[each].msg_len);
      if (!length) continue;
      batch_->parts[each].iov_len = *length;
      turn_around(batch_->messages[each].msg_hdr);
      // Answers are kept together at the front: the request in place `answers` was dealt with already.
      if (answers != each) batch_->messages[answers] = batch_->messages[each];
      ++answers;
    }
    for (std::size_t sent = 0; sent < answers;) {
      const int done = ::sendmmsg(listener, &batch_->messages[sent], static_cast<unsigned>(answers - sent), MSG_DONTWAIT);
      // A datagram that can't be sent is lost, as datagrams are; the others go on.
      sent += done > 0 ? static_cast<std::size_t>(done) : 1;
    }
    if (static_cast<std::size_t>(count) < kBatch) return;
  }
}

}  // namespace reeve
