#include "monitor/stream_guards.h"

#include <optional>
#include <string>
#include <utility>

#include "config/source_filter.h"
#include "sys/socket_filter.h"

namespace reeve {

void StreamGuards::take(const BansMessage& message) {
  if (message.first != 0) told_.clear();
  for (std::size_t each = 0; each < message.count && told_.size() < kMostBans; ++each)
    told_.push_back({Address(message.prefixes[each].address), message.prefixes[each].bits});
  if (message.last != 0) banned_ = std::exchange(told_, {});
}

void StreamGuards::take(const GuardMessage& message, const Generation* generation) {
  if (generation == nullptr || message.generation != generation->number || message.place >= generation->listeners.size()) return;
  const ListenerRef& listener = generation->listeners[message.place];
  if (!listener) return;
  const Service& service = generation->service_at(message.place);
  listener->closed = message.closed != 0;
  const auto done = put_up(*listener, service);
  // What was there before stays.
  if (!done) log_.say(Level::error, "service " + std::string(service.id) + ": " + done.error().text());
}

Result<void> StreamGuards::put_up(Listener& listener, const Service& service) const {
  const bool is_checked = service.is_stream() && listener.at.path.empty() && checks_every_packet(service);
  const auto program = !is_checked ? FilterProgram() : listener.closed ? closed_filter() : source_filter(service, banned_, std::nullopt);
  if (!program) return failure("the lists of addresses are too long for a filter");
  if (program->empty()) {
    if (std::exchange(listener.filtered, false)) detach_filter(listener.fd.get());
    return {};
  }
  listener.filtered = true;
  return attach_filter(listener.fd.get(), program->data(), program->size());
}

}  // namespace reeve
