#include "engine/deception.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <utility>

#include "sys/clock.h"

namespace reeve {

namespace {

constexpr std::chrono::seconds kBannerDeadline{10}, kFarewellDeadline{2}, kRecordDeadline{5};
constexpr std::size_t kPiece = 4096;

void reset(UniqueFd connection) noexcept {
  const linger abruptly{.l_onoff = 1, .l_linger = 0};
  (void)::setsockopt(connection.get(), SOL_SOCKET, SO_LINGER, &abruptly, sizeof abruptly);
}

// What was touched. With `port = UNUSED` it is not where our listener is.
std::optional<Endpoint> touched_endpoint(const Service& sensor, int connection) {
  std::optional<Endpoint> touched;
  if (sensor.on_unused_ports) touched = original_destination(connection);
  return touched ? touched : local_endpoint(connection);
}

}  // namespace

Task<> Deception::receive(PostRef post, Arrival arrival) {
  const Service& sensor = post->service();
  const std::optional<Endpoint> local = touched_endpoint(sensor, arrival.connection.get());
  recorder_.touched(*post, arrival.source, local, sensor.protocol);
  bans_.spring(sensor, arrival.source, local, instant_now());
  penalties_.note(sensor, arrival.source, Offence::sensor);  // which counts where it was not banned at once
  if (sensor.sensor_reply != nullptr) {
    co_await reply(std::move(post), std::move(arrival), local);
  }
}

Task<> Deception::reply(PostRef post, Arrival arrival, std::optional<Endpoint> local) {
  const ConfigurationRef configuration = post->configuration;  // has the texts
  const SensorReply& reply = *post->service().sensor_reply;
  switch (reply.kind) {
    case SensorReply::Kind::close:
      break;
    case SensorReply::Kind::reset:
      reset(std::move(arrival.connection));
      break;
    case SensorReply::Kind::tarpit:
      tarpit_.keep(std::move(arrival.connection));
      break;
    case SensorReply::Kind::banner:
      if (talks_ == kMostTalks) break;
      ++talks_;
      co_await show_banner(std::move(arrival.connection), reply.banner);
      --talks_;
      break;
    case SensorReply::Kind::record:
      if (talks_ == kMostTalks) break;
      ++talks_;
      co_await record(std::move(post), std::move(arrival), local, reply.most_bytes);
      --talks_;
      break;
  }
}

Task<> Deception::show_banner(UniqueFd connection, Text path) {
  std::string text = banners_.beginning(path);
  if (text.empty()) co_return;
  const int fd = connection.get();
  const Instant deadline = instant_now() + kBannerDeadline;
  const bool sent = co_await send_all(loop_, fd, std::move(text), deadline);
  if (!sent) co_return;
  const Instant end = instant_now() + kFarewellDeadline;
  co_await close_gently(loop_, std::move(connection), end);
}

Task<> Deception::record(PostRef post, Arrival arrival, std::optional<Endpoint> local, std::uint32_t most) {
  const int fd = arrival.connection.get();
  const Instant deadline = instant_now() + kRecordDeadline;
  std::string said;
  Watch watch(loop_, fd);
  while (said.size() < most) {
    const std::size_t before = said.size();
    said.resize(std::min<std::size_t>(before + kPiece, most));
    const ssize_t count = ::recv(fd, said.data() + before, said.size() - before, MSG_DONTWAIT);
    const int error = errno;
    said.resize(before + static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    if (count > 0 || (count < 0 && error == EINTR)) continue;
    if (count == 0 || error != EAGAIN) break;
    const Wake wake = co_await watch.readable(deadline);
    if (wake != Wake::ready) break;
  }
  if (said.empty()) co_return;
  recorder_.heard(*post, arrival.source, local, said);
  bans_.heard(post->service(), arrival.source, local, said, instant_now());
}

}  // namespace reeve
