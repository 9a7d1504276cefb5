#include "cli/top.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "cli/control_client.h"
#include "cli/terminal.h"
#include "cli/top_feed.h"
#include "cli/top_keys.h"
#include "cli/top_layout.h"
#include "sys/clock.h"

namespace reeve {

namespace {

enum class Waited { goes_on, hung_up };

// For a key, an answer, or until it is time to ask.
Waited wait(const TopFeed& feed) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(feed.next() - instant_now()).count();
  std::array<pollfd, 2> both{pollfd{STDIN_FILENO, POLLIN, 0}, pollfd{feed.descriptor(), POLLIN, 0}};
  const int ready = ::poll(both.data(), both.size(), static_cast<int>(std::clamp<std::int64_t>(left, 0, TopFeed::kEvery.count())));
  const bool is_gone = ready > 0 && (both[0].revents & (POLLHUP | POLLERR | POLLNVAL)) != 0;
  return is_gone ? Waited::hung_up : Waited::goes_on;  // a signal, a new size among them, is an end of the wait too
}

}  // namespace

Answer run_top(const std::string& socket_path, bool colour) {
  TopModel model;
  TopView view;
  TopFeed feed(socket_path);
  if (const auto opened = feed.open(model); !opened)
    return {.out = {}, .err = "reeve: " + opened.error().text + "\n", .exit_code = opened.error().exit_code};
  const auto terminal = Terminal::open(colour);
  if (!terminal) return {.out = {}, .err = "reeve: top needs a terminal; `reeve status` does not\n", .exit_code = kWrong};
  for (;;) {
    feed.ask(model, view, instant_now());
    feed.receive(model, view);
    const TopScreen screen = lay_out(model, view, terminal->size());
    terminal->draw(screen);
    if (wait(feed) == Waited::hung_up) return {};
    do {
      const auto key = terminal->read_key();
      if (!key) continue;
      const TopOrder order = press(view, view.paused ? *view.paused : model, *key, screen.page);
      if (order.what == TopOrder::What::quit) return {};
      if (order.what != TopOrder::What::nothing) feed.order(order, view);
    } while (!terminal->is_drained());
  }
}

}  // namespace reeve
