#include "engine/builtin_streams.h"

#include <sys/socket.h>

#include <array>
#include <cctype>
#include <cerrno>
#include <ctime>
#include <memory>

#include "sys/clock.h"

namespace reeve {

namespace {

constexpr std::size_t kScratchBytes = 128 * 1024;
// A client that is as fast as we are gets so many rounds before the others' turn.
constexpr int kRoundsPerTurn = 4;

// One thread serves all, and nobody keeps bytes here over a wait.
std::span<char> scratch() {
  static const auto bytes = std::make_unique_for_overwrite<char[]>(kScratchBytes);
  return {bytes.get(), kScratchBytes};
}

bool would_block() noexcept {
  return errno == EAGAIN || errno == EINTR;
}

// The wait for the client's next byte ended without one: it counts when there was none before, either.
void fall_silent(Instance& instance, Wake wake) noexcept {
  if (instance.silence == Silence::left) instance.silence = wake == Wake::timed_out ? Silence::too_long : Silence::no;
}

Task<> echo(Watch& watch, int connection, Instance& instance) {
  instance.silence = Silence::left;
  for (;;) {
    for (int round = 0; round < kRoundsPerTurn; ++round) {
      const std::span<char> buffer = scratch();
      const ssize_t received = ::recv(connection, buffer.data(), buffer.size(), MSG_DONTWAIT);
      if (received == 0) co_return;
      if (received < 0) {
        if (!would_block()) co_return;
        break;
      }
      instance.silence = Silence::no;
      const auto count = static_cast<std::size_t>(received);
      const ssize_t sent = ::send(connection, buffer.data(), count, MSG_DONTWAIT | MSG_NOSIGNAL);
      if (sent < 0 && !would_block()) co_return;
      std::size_t done = sent < 0 ? 0 : static_cast<std::size_t>(sent);
      if (done < count) {
        // The client does not read: what is left waits here, and nothing more is taken from it.
        const std::string rest(buffer.data() + done, count - done);
        done = 0;
        while (done < rest.size()) {
          const Instant deadline = instant_now() + kBuiltinIdle;
          const Wake wake = co_await watch.writable(deadline);
          if (wake != Wake::ready) co_return;
          const ssize_t more = ::send(connection, rest.data() + done, rest.size() - done, MSG_DONTWAIT | MSG_NOSIGNAL);
          if (more < 0 && !would_block()) co_return;
          if (more > 0) done += static_cast<std::size_t>(more);
        }
      }
      if (count < buffer.size()) break;
    }
    const Instant deadline = instant_now() + kBuiltinIdle;
    const Wake wake = co_await watch.readable(deadline);
    if (wake != Wake::ready) {
      fall_silent(instance, wake);
      co_return;
    }
  }
}

Task<> discard(Watch& watch, int connection, Instance& instance) {
  instance.silence = Silence::left;
  for (;;) {
    for (int round = 0; round < kRoundsPerTurn; ++round) {
      const std::span<char> buffer = scratch();
      // MSG_TRUNC: tcp(7) throws the bytes away without copying them.
      const ssize_t received = ::recv(connection, buffer.data(), buffer.size(), MSG_DONTWAIT | MSG_TRUNC);
      if (received == 0) co_return;
      if (received < 0) {
        if (!would_block()) co_return;
        break;
      }
      instance.silence = Silence::no;
    }
    const Instant deadline = instant_now() + kBuiltinIdle;
    const Wake wake = co_await watch.readable(deadline);
    if (wake != Wake::ready) {
      fall_silent(instance, wake);
      co_return;
    }
  }
}

Task<> chargen(Watch& watch, int connection) {
  const std::string_view text = chargen_text();
  std::size_t position = 0;
  for (;;) {
    for (int round = 0; round < kRoundsPerTurn; ++round) {
      const ssize_t sent = ::send(connection, text.data() + position, text.size() - position, MSG_DONTWAIT | MSG_NOSIGNAL);
      if (sent < 0) {
        if (!would_block()) co_return;
        break;
      }
      position = (position + static_cast<std::size_t>(sent)) % kChargenPeriod;
    }
    const Instant deadline = instant_now() + kBuiltinIdle;
    const Wake wake = co_await watch.writable(deadline);
    if (wake != Wake::ready) co_return;
  }
}

}  // namespace

std::string daytime_text() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  ::localtime_r(&now, &parts);
  std::array<char, 64> text{};
  const std::size_t size = std::strftime(text.data(), text.size(), "%d %b %Y %H:%M:%S %Z\r\n", &parts);
  std::string line(text.data(), size);
  for (std::size_t each = 3; each < 6 && each < line.size(); ++each)
    line[each] = static_cast<char>(std::toupper(static_cast<unsigned char>(line[each])));
  return line;
}

std::string time_bytes() {
  // RFC 868: seconds since 1900; 2,208,988,800 of them had passed in 1970.
  const auto seconds = static_cast<std::uint32_t>(static_cast<std::uint64_t>(std::time(nullptr)) + 2'208'988'800u);
  std::string bytes;
  for (const unsigned shift : {24u, 16u, 8u, 0u}) bytes.push_back(static_cast<char>(seconds >> shift & 0xffu));
  return bytes;
}

std::string_view chargen_text() {
  static const std::string text = [] {
    std::string lines;
    lines.reserve(kScratchBytes + kChargenPeriod);
    for (std::size_t line = 0; lines.size() < kScratchBytes || lines.size() % kChargenPeriod != 0; ++line) {
      for (std::size_t column = 0; column < 72; ++column) lines.push_back(static_cast<char>(' ' + (line + column) % 95));
      lines += "\r\n";
    }
    return lines;
  }();
  return text;
}

bool answer_at_once(Builtin builtin, int connection) {
  if (builtin != Builtin::daytime && builtin != Builtin::time) return false;
  const std::string answer = builtin == Builtin::daytime ? daytime_text() : time_bytes();
  // The socket's buffer of a new connection holds it; if the client is gone already, so be it.
  (void)!::send(connection, answer.data(), answer.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  return true;
}

Task<> serve_builtin(Loop& loop, Builtin builtin, Arrival arrival, Instance& instance) {
  const int connection = arrival.connection.get();
  Watch watch(loop, connection);
  instance.watch = &watch;
  if (builtin == Builtin::echo) {
    co_await echo(watch, connection, instance);
  } else if (builtin == Builtin::discard) {
    co_await discard(watch, connection, instance);
  } else if (builtin == Builtin::chargen) {
    co_await chargen(watch, connection);
  }
  instance.watch = nullptr;
}

}  // namespace reeve
