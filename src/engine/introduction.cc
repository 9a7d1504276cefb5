// The half of Reception for proxies that are trusted (proxy_from): one says by the PROXY protocol for whom it comes,
// then that client is the one who visits. The proxy itself is not counted and can't be banned.
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <string>

#include "base/proxy_protocol.h"
#include "engine/reception.h"
#include "sys/clock.h"

namespace reeve {

namespace {

constexpr std::chrono::seconds kIntroductionDeadline{10};
// Between looks whether the monitor can take more starts.
constexpr std::chrono::milliseconds kBusyPause{10};

enum class Heard : std::uint8_t { nothing_yet, some, end };

// Takes what has come, and of that not a byte behind the header.
Heard hear(int connection, std::string& heard, ProxyHeader& header) {
  std::array<char, kMaxProxyHeader> bytes;
  const ssize_t seen = ::recv(connection, bytes.data(), bytes.size(), MSG_PEEK | MSG_DONTWAIT);
  if (seen < 0 && (errno == EAGAIN || errno == EINTR)) return Heard::nothing_yet;
  if (seen <= 0) return Heard::end;
  const std::size_t before = heard.size();
  heard.append(bytes.data(), static_cast<std::size_t>(seen));
  header = read_proxy_header(heard);
  if (header.outcome == ProxyHeader::Outcome::done) heard.resize(header.size);
  (void)!::recv(connection, bytes.data(), heard.size() - before, MSG_DONTWAIT);
  return Heard::some;
}

Task<ProxyHeader> read_header(Loop& loop, int connection, Instant deadline) {
  Watch watch(loop, connection);
  std::string heard;
  ProxyHeader header{.outcome = ProxyHeader::Outcome::more};
  while (header.outcome == ProxyHeader::Outcome::more) {
    const Heard what = hear(connection, heard, header);
    if (what == Heard::some) continue;
    if (what == Heard::end) break;
    const Wake wake = co_await watch.readable(deadline);
    if (wake != Wake::ready) break;
  }
  co_return header;
}

}  // namespace

Task<> Reception::introduce(PostRef post, Arrival proxy) {
  if (introductions_ >= kMaxIntroductions) co_return;
  ++introductions_;
  const int connection = proxy.connection.get();
  const Instant deadline = instant_now() + kIntroductionDeadline;
  const ProxyHeader header = co_await read_header(parts_.loop, connection, deadline);
  --introductions_;
  if (post->retired) co_return;
  if (header.outcome != ProxyHeader::Outcome::done) {
    parts_.recorder.refused(*post, proxy.source, {Reason::proxy, post->configuration->where_of(post->service(), "proxy_from")}, 0);
    co_return;
  }
  if (header.source) {
    proxy.source = *header.source;
    // The machine to ask for the user knows nothing of this connection: its other end is the proxy's.
    proxy.identity = std::make_unique<Identity>();
    proxy.identity->user = {.state = RemoteUser::State::unknown, .answer = {}, .user = {}, .reason = "behind a proxy"};
  }
  proxy.destination = header.destination;
  // This conversation is its door: it waits as the doors of programs do while the monitor is busy.
  while (post->service().kind == Kind::program && under_way_ >= most_under_way_ && !post->retired) {
    const Instant later = instant_now() + kBusyPause;
    co_await parts_.loop.sleep_until(later);
  }
  if (!post->retired) admit(post, std::move(proxy));
}

}  // namespace reeve
