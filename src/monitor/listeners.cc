#include "monitor/listeners.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <map>

#include "monitor/stream_guards.h"
#include "sys/descriptors.h"

namespace reeve {

namespace {

constexpr std::size_t kNamedLeftOut = 8;

int system_type(SocketType type) noexcept {
  switch (type) {
    case SocketType::stream:
      return SOCK_STREAM;
    case SocketType::dgram:
      return SOCK_DGRAM;
    case SocketType::raw:
      return SOCK_RAW;
    case SocketType::seqpacket:
      return SOCK_SEQPACKET;
  }
  return SOCK_STREAM;
}

// Sockets of ours that may be in the way of new ones, by port.
std::multimap<std::uint16_t, int> by_port(const std::vector<ListenerRef>& listeners) {
  std::multimap<std::uint16_t, int> ports;
  for (const ListenerRef& listener : listeners) {
    if (listener) ports.emplace(listener->at.port, listener->fd.get());
  }
  return ports;
}

Result<ListenerRef> open_listener(const ListenAt& at, const std::multimap<std::uint16_t, int>& yielding_ports) {
  std::vector<int> yielding;
  const auto [begin, end] = yielding_ports.equal_range(at.port);
  for (auto each = begin; each != end; ++each) yielding.push_back(each->second);
  auto fd = bind_listener(at, yielding);
  if (!fd) return std::unexpected(std::move(fd).error());
  fd->fd = keep_high(std::move(fd->fd));
  return std::make_shared<Listener>(std::move(*fd), at);
}

std::string left_out(const std::vector<Text>& names, std::size_t listeners) {
  std::string text = "no descriptors are left for " + std::to_string(names.size()) + " of the services";
  if (listeners > names.size()) text += " (" + std::to_string(listeners) + " listeners)";
  text += ": ";
  for (std::size_t each = 0; each < names.size() && each < kNamedLeftOut; ++each) text.append(each == 0 ? "" : ", ").append(names[each]);
  if (names.size() > kNamedLeftOut) text += ", ...";
  return text + "; raise the limit of open files";
}

// Ports of ranges that other programs have: one line for each service that has to do without some.
class PortsOfRanges {
 public:
  explicit PortsOfRanges(const Configuration& configuration) : configuration_(configuration) {}

  void note(const Place& place) {
    if (places_.empty() || places_.back().service != place.service) places_.push_back({place.service, {}, 0});
    Missing& missing = places_.back();
    if (missing.count++ < kNamedLeftOut) missing.ports += (missing.ports.empty() ? "" : ", ") + std::to_string(place.port);
  }
  [[nodiscard]] std::vector<std::string> texts() const {
    std::vector<std::string> all;
    for (const Missing& missing : places_) {
      std::string text = "service " + std::string(configuration_.services[missing.service].id) + ": " + std::to_string(missing.count) +
                         (missing.count == 1 ? " port of its range is" : " ports of its ranges are") +
                         " another program's: " + missing.ports;
      if (missing.count > kNamedLeftOut) text += ", ...";
      all.push_back(std::move(text));
    }
    return all;
  }

 private:
  struct Missing {
    std::uint32_t service = 0;
    std::string ports;
    std::size_t count = 0;
  };
  const Configuration& configuration_;
  std::vector<Missing> places_;
};

}  // namespace

ListenAt listen_at(const Service& service, const Place& place) {
  ListenAt at;
  at.address = place.address;
  at.path = place.path;
  at.scope = place.scope;
  at.port = place.port;
  at.type = system_type(service.socket_type);
  at.protocol = place.is_unix() ? 0 : service.protocol;
  at.family = place.family == Family::v4 ? ListenAt::Family::v4 : place.family == Family::v6 ? ListenAt::Family::v6 : ListenAt::Family::any;
  at.v6only = service.v6only;
  if (service.unix_socket != nullptr) at.access = {service.unix_socket->mode, service.unix_socket->uid, service.unix_socket->gid};
  return at;
}

std::string place(const Configuration& configuration, Where where) {
  if (where.line == 0 || where.file >= configuration.files.size()) return {};
  return " [file=" + std::string(configuration.files[where.file]) + "] [line=" + std::to_string(where.line) + "]";
}

OpenedListeners open_listeners(const Configuration& wanted, const Plan& plan, const std::vector<ListenerRef>& old, std::size_t budget,
                               InheritedSockets& inherited, const StreamGuards& guards) {
  OpenedListeners opened;
  opened.of_place.resize(wanted.places.size());
  std::vector<Text> without_descriptor;
  std::size_t missing = 0;
  PortsOfRanges elsewhere(wanted);
  const auto yielding = by_port(old);
  const auto fail = [&](std::size_t index, const Error& error) {
    const Place& place = wanted.places[index];
    const Service& service = wanted.services[place.service];
    if (place.yields && error.sys_errno == EADDRINUSE) return elsewhere.note(place);
    auto& failures = plan.inherits[index] == Plan::kNone ? opened.failures : opened.still_failing;
    failures.push_back("service " + std::string(service.id) + ": " + error.text() + reeve::place(wanted, service.where));
  };

  std::vector<std::size_t> fresh;
  const auto take = [&](std::size_t index, std::optional<InheritedSockets::Taken> socket) {
    if (!socket) return false;
    opened.of_place[index] = std::make_shared<Listener>(BoundListener{.fd = std::move(socket->fd), .file = {}}, socket->at);
    fresh.push_back(index);
    return true;
  };
  // A name says more than an address, so all names come first, and of these such as are at the right place.
  for (const auto take_named : {&InheritedSockets::take_named_at, &InheritedSockets::take_named}) {
    for (std::size_t index = 0; index < wanted.places.size() && !inherited.is_empty(); ++index) {
      if (plan.inherits[index] != Plan::kNone || opened.of_place[index]) continue;
      const Service& service = wanted.services[wanted.places[index].service];
      take(index, (inherited.*take_named)(service.id, listen_at(service, wanted.places[index])));
    }
  }
  for (std::size_t index = 0; index < wanted.places.size(); ++index) {
    const Service& service = wanted.services[wanted.places[index].service];
    if (opened.of_place[index]) continue;
    if (plan.inherits[index] != Plan::kNone) {
      opened.of_place[index] = old[plan.inherits[index]];
      // Nothing there: it could not be opened the last time, and is tried again.
      if (opened.of_place[index]) continue;
    }
    if (take(index, inherited.take_at(listen_at(service, wanted.places[index])))) continue;
    if (fresh.size() >= budget) {
      ++missing;
      if (without_descriptor.empty() || without_descriptor.back().data() != service.id.data()) without_descriptor.push_back(service.id);
      continue;
    }
    auto listener = open_listener(listen_at(service, wanted.places[index]), yielding);
    if (!listener) {
      fail(index, listener.error());
      continue;
    }
    opened.of_place[index] = std::move(*listener);
    fresh.push_back(index);
  }
  // Nobody is heard before everything is bound.
  for (const std::size_t index : fresh) {
    ListenerRef& listener = opened.of_place[index];
    const Service& service = wanted.services[wanted.places[index].service];
    set_connection_options(listener->fd.get(), listener->at, {service.flags.nodelay, service.flags.keepalive});
    if (const auto kept_out = guards.put_up(*listener, service); !kept_out) {
      fail(index, kept_out.error());
      listener.reset();
      continue;
    }
    const auto listening = listen_on(listener->fd.get(), listener->at);
    if (listening) continue;
    fail(index, listening.error());
    listener.reset();
  }
  if (!without_descriptor.empty()) opened.failures.push_back(left_out(without_descriptor, missing));
  opened.left_out = elsewhere.texts();
  return opened;
}

}  // namespace reeve
