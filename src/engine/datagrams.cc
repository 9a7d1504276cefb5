#include "engine/datagrams.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include "engine/builtin_streams.h"
#include "sys/clock.h"

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

  void restore(const Held& held) noexcept;
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

struct Datagrams::Held {
  Endpoint source;
  sockaddr_storage raw_source{};
  socklen_t source_size = 0;
  std::array<char, 64> control{};
  std::size_t control_size = 0;
  std::string bytes;
  bool is_admitted = false;  // by the gate: hosts.allow and hosts.deny have to be asked
  Inquiries::Place place;
};

// As if it had just come, in the first place of the batch.
void Datagrams::Batch::restore(const Held& held) noexcept {
  sources[0] = held.raw_source;
  control[0] = held.control;
  std::memcpy(slot(0), held.bytes.data(), held.bytes.size());
  parts[0] = {slot(0), held.bytes.size()};
  msghdr header{};
  header.msg_name = &sources[0];
  header.msg_namelen = held.source_size;
  header.msg_iov = &parts[0];
  header.msg_iovlen = 1;
  header.msg_control = control[0].data();
  header.msg_controllen = held.control_size;
  messages[0] = {header, static_cast<unsigned>(held.bytes.size())};
}

Datagrams::Datagrams(Loop& loop, Gate& gate, Inquiries& inquiries, Wrappers& wrappers, Recorder& recorder, Bans& bans)
    : loop_(loop), gate_(gate), inquiries_(inquiries), wrappers_(wrappers), recorder_(recorder), bans_(bans) {}
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

std::optional<std::size_t> Datagrams::settle(Post& post, std::size_t slot, const Endpoint& source, const Gate::Answer& asked, Instant now) {
  const Service& service = post.service();
  if (const Refusal* refusal = asked.refusal()) {
    recorder_.refused(post, source, *refusal, 0);
    return std::nullopt;
  }
  if (service.kind == Kind::sensor) {
    recorder_.refused(post, source, {Reason::sensor, service.where}, 0);
    bans_.spring(service, source, std::nullopt, now);
    return std::nullopt;
  }
  if (service.log_on_success.host || service.log_on_success.pid) note(post, source, now);
  if (is_service_port(source.port) || source.address.is_multicast()) return std::nullopt;
  const auto length = answer(service, slot, batch_->messages[slot].msg_len);
  if (!length) return std::nullopt;
  batch_->parts[slot].iov_len = *length;
  turn_around(batch_->messages[slot].msg_hdr);
  return length;
}

void Datagrams::hold(const DoorRef& door, std::size_t slot, const Endpoint& source, bool is_admitted, std::vector<Held>& held) {
  const msghdr& header = batch_->messages[slot].msg_hdr;
  const std::size_t size = batch_->messages[slot].msg_len;
  auto place = size <= kMaxHeld ? inquiries_.enter(source.address) : std::nullopt;
  if (!place) {
    recorder_.refused(*door->post, source, {Reason::inquiries, door->post->service().where}, 0);
    return;
  }
  held.push_back({.source = source,
                  .raw_source = batch_->sources[slot],
                  .source_size = header.msg_namelen,
                  .control = batch_->control[slot],
                  .control_size = header.msg_controllen,
                  .bytes = std::string(batch_->slot(slot), size),
                  .is_admitted = is_admitted,
                  .place = std::move(*place)});
}

Task<> Datagrams::serve_held(DoorRef door, Held held) {
  const std::uint32_t tenure = door->tenure;
  const Address address = held.source.address;
  Gate::Answer asked{Admitted{}, {}, {}};
  if (!held.is_admitted) {
    Identity identity;
    identity.name = co_await inquiries_.name_of(address);
    if (door->tenure != tenure) co_return;  // another service's now, or closed
    asked = gate_.ask_datagram(*door->post, address, instant_now(), &identity);
    if (asked.undecided() != nullptr) co_return;
  }
  if (asked.refusal() == nullptr && door->post->service().kind != Kind::sensor) {
    Wrappers::Visit visit{door->post, held.source, -1, std::nullopt};
    const WrapPass pass = co_await wrappers_.pass(std::move(visit));
    if (door->tenure != tenure || !pass.admitted || pass.is_twisted) co_return;
  }
  Post& post = *door->post;
  const Instant now = instant_now();
  batch_->restore(held);
  if (!settle(post, 0, held.source, asked, now)) co_return;
  (void)!::sendmmsg(door->listener.get(), batch_->messages.data(), 1, MSG_DONTWAIT);
}

void Datagrams::serve(const DoorRef& door, Instant now) {
  if (!batch_) batch_ = std::make_unique<Batch>();
  Post& post = *door->post;
  const int listener = door->listener.get();
  const Wrappers::Glance rules = wrappers_.glance(post.service());
  std::vector<Held> held;
  for (int turn = 0; turn < kBatchesPerTurn; ++turn) {
    const int count = batch_->receive(listener);
    if (count <= 0) return;
    std::size_t answers = 0;
    for (std::size_t each = 0; each < static_cast<std::size_t>(count); ++each) {
      const auto source = endpoint_of(batch_->sources[each]);
      if (!source) continue;
      const Gate::Answer asked = gate_.ask_datagram(post, source->address, now, nullptr);
      const bool is_admitted = std::holds_alternative<Admitted>(asked.verdict);
      const bool is_wrapped = is_admitted && post.service().kind != Kind::sensor && !Wrappers::admits(rules, post.service(), source);
      if (asked.undecided() != nullptr || is_wrapped) {
        hold(door, each, *source, is_admitted, held);
        continue;
      }
      if (!settle(post, each, *source, asked, now)) continue;
      // Answers are kept together at the front: the request in place `answers` was dealt with already.
      if (answers != each) batch_->messages[answers] = batch_->messages[each];
      ++answers;
    }
    for (std::size_t sent = 0; sent < answers;) {
      const int done = ::sendmmsg(listener, &batch_->messages[sent], static_cast<unsigned>(answers - sent), MSG_DONTWAIT);
      // A datagram that can't be sent is lost, as datagrams are; the others go on.
      sent += done > 0 ? static_cast<std::size_t>(done) : 1;
    }
    // Only now: whose name is known already is answered at once, through the batch.
    for (Held& one : std::exchange(held, {})) loop_.start(serve_held(door, std::move(one)));
    if (static_cast<std::size_t>(count) < kBatch) return;
  }
}

}  // namespace reeve
