// The half of Reception for redirected services: a visit is carried to one of the service's targets.
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/proxy_protocol.h"
#include "engine/reception.h"
#include "engine/relay.h"
#include "sys/clock.h"

namespace reeve {

namespace {

// What the target is told of the client, in front of the client's first byte.
std::string introduction(ProxyProtocol version, const Arrival& arrival) {
  if (version == ProxyProtocol::no) return {};
  const auto local = arrival.destination ? arrival.destination : local_endpoint(arrival.connection.get());
  const Endpoint destination = local.value_or(Endpoint{});
  return version == ProxyProtocol::v1 ? proxy_header_v1(arrival.source, destination) : proxy_header_v2(arrival.source, destination);
}

int connect(Conversation& conversation, const Target& target, const Address& address, const Conversation::Terms& terms) {
  if (target.is_path()) {
    sockaddr_un path{};
    path.sun_family = AF_UNIX;
    std::copy_n(target.host.data(), std::min(target.host.size(), sizeof path.sun_path - 1), path.sun_path);
    return conversation.connect(reinterpret_cast<const sockaddr*>(&path), sizeof path, terms);
  }
  if (address.is_v4()) {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(target.port);
    v4.sin_addr.s_addr = htonl(address.to_v4());
    return conversation.connect(reinterpret_cast<const sockaddr*>(&v4), sizeof v4, terms);
  }
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(target.port);
  std::memcpy(&v6.sin6_addr, address.bytes().data(), address.bytes().size());
  return conversation.connect(reinterpret_cast<const sockaddr*>(&v6), sizeof v6, terms);
}

// While it lasts, it is said so often.
constexpr std::chrono::minutes kShortagePause{1};

bool is_own_shortage(int sys_errno) noexcept {
  return sys_errno == EMFILE || sys_errno == ENFILE || sys_errno == ENOBUFS || sys_errno == ENOMEM || sys_errno == EADDRNOTAVAIL;
}

// What needs no look-up; a path has no address, which counts as one.
std::vector<Address> numeric_addresses(const Target& target) {
  if (target.is_path()) return {Address()};
  const std::optional<Address> numeric = parse_address(target.host);
  return numeric ? std::vector<Address>{*numeric} : std::vector<Address>{};
}

std::string text_of(const Target& target, const Address& address) {
  if (target.is_path()) return std::string(target.host);
  const std::string numeric = to_text(Endpoint{address, target.port});
  return parse_address(target.host) ? numeric : std::string(target.host) + " (" + numeric + ")";
}

std::shared_ptr<TargetBoard> board_of(Post& post, const Redirect& redirect) {
  if (!post.targets || !post.targets->is_of(redirect)) post.targets = std::make_shared<TargetBoard>(redirect, post.targets.get());
  return post.targets;
}

// Counts a conversation with a target as long as it lives.
class AtTarget {
 public:
  AtTarget(TargetBoard& board, std::size_t target) noexcept : board_(board), target_(target) { board_.begin(target_); }
  AtTarget(const AtTarget&) = delete;
  AtTarget& operator=(const AtTarget&) = delete;
  ~AtTarget() { board_.end(target_); }

 private:
  TargetBoard& board_;
  std::size_t target_;
};

}  // namespace

Task<> Reception::run_relay(PostRef post, Arrival arrival, [[maybe_unused]] Ticket ticket) {
  const ConfigurationRef configuration = post->configuration;
  const std::uint32_t index = post->index;
  const Redirect& redirect = *configuration->services[index].redirect;
  parts_.recorder.started(*post, arrival.source, 0);
  const std::shared_ptr<TargetBoard> board = board_of(*post, redirect);
  Instance instance(parts_.instances, parts_.instances.next_id(), std::move(post), arrival.source, instant_now());
  instance.identity = std::move(arrival.identity);
  std::string first = introduction(redirect.proxy_protocol, arrival);
  Conversation conversation(parts_.relay, std::move(arrival.connection));
  instance.conversation = &conversation;

  int error = 0;
  Conversation::End end = Conversation::End::refused;
  std::uint64_t tried = 0;
  while (end == Conversation::End::refused && !instance.ending) {
    const auto chosen = board->choose(redirect.balance, tried, instant_now());
    if (!chosen) break;
    tried |= std::uint64_t{1} << *chosen;
    const AtTarget at_target(*board, *chosen);
    const Target& target = redirect.targets[*chosen];
    std::vector<Address> addresses = numeric_addresses(target);
    if (addresses.empty()) {
      std::string name(target.host);
      Resolver& resolver = parts_.inquiries.resolver();
      HostAddresses found = co_await resolver.addresses_of(std::move(name));
      addresses = std::move(found.addresses);
      error = found.status == DnsAnswer::Status::none ? ENXIO : EHOSTUNREACH;
    }
    if (addresses.empty()) {
      note_failure(*board, *chosen, instance, std::string(target.host) + ": its address could not be found", 0);
    }
    const Instant deadline = instant_now() + std::chrono::seconds(redirect.connect_seconds);
    for (std::size_t each = 0; each < addresses.size() && end == Conversation::End::refused && !instance.ending; ++each) {
      // Of several addresses none may use up the time of the others.
      const auto left = std::chrono::ceil<std::chrono::seconds>(deadline - instant_now()).count();
      const auto others = static_cast<std::int64_t>(addresses.size() - each);
      const Conversation::Terms terms{.connect_seconds = static_cast<std::uint32_t>(std::max<std::int64_t>(1, left / others)),
                                      .idle_seconds = redirect.idle_seconds,
                                      .introduction = first,
                                      .may_leave = !board->is_down(*chosen)};
      error = connect(conversation, target, addresses[each], terms);
      if (error == 0) {
        if (board->is_down(*chosen)) {
          co_await conversation.answered();
          if (conversation.is_connected()) note_answer(*board, *chosen, instance, text_of(target, addresses[each]));
        }
        end = co_await conversation.carried();
        error = conversation.sys_errno();
      }
      if (end == Conversation::End::refused) note_failure(*board, *chosen, instance, text_of(target, addresses[each]), error);
    }
  }
  conversation.close();
  instance.conversation = nullptr;
  const Service& service = configuration->services[index];
  if (end == Conversation::End::refused && !instance.ending) {
    parts_.recorder.refused(*instance.post, instance.source, {Reason::target, configuration->where_of(service, "redirect")}, error);
  }
  parts_.recorder.relayed(instance, service, conversation.bytes_in(), conversation.bytes_out(), instant_now());
  instance.silence = conversation.silence();
  note_silence(instance, service);
}

void Reception::note_failure(TargetBoard& board, std::size_t target, const Instance& instance, const std::string& name, int sys_errno) {
  const Instant now = instant_now();
  if (is_own_shortage(sys_errno)) {  // the target can't help it
    parts_.doors.pause();
    if (now < shortage_said_ + kShortagePause) return;
    shortage_said_ = now;
  } else if (!board.note_failure(target, now)) {
    return;
  }
  const std::string what = "service " + std::string(instance.post->service().id) + ": cannot connect to " + name;
  parts_.journal.say(Level::error, wall_now(), Error{what, sys_errno}.text());
}

void Reception::note_answer(TargetBoard& board, std::size_t target, const Instance& instance, const std::string& name) {
  if (!board.note_answer(target)) return;
  parts_.journal.say(Level::notice, wall_now(), "service " + std::string(instance.post->service().id) + ": " + name + " answers again");
}

}  // namespace reeve
