#include "defence/firewall_process.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>
#include <variant>

#include "config/defence.h"
#include "defence/firewall.h"
#include "sys/clock.h"

namespace reeve {

namespace {

// What comes within it goes to the kernel together.
constexpr std::chrono::milliseconds kGather{10};

// The file that the daemon was started with, wherever that was.
std::string own_path(const Configuration& configuration) {
  const std::string path(configuration.files.empty() ? Text() : configuration.files.front());
  char* const whole = ::realpath(path.c_str(), nullptr);
  if (whole == nullptr) return path;
  std::string result(whole);
  std::free(whole);
  return result;
}

class FirewallProcess {
 public:
  explicit FirewallProcess(Beginning beginning)
      : engine_(std::make_shared<DatagramLink>(loop_, std::move(beginning.socket), kMaxDefenceMessageBytes)) {
    const std::string path = own_path(*beginning.configuration);
    const BanTerms& terms = beginning.configuration->defence->bans;
    terms_ = {.table = nft_table_name(path),
              .comment = nft_comment(path),
              .bans = terms.in_kernel,
              .all_ports = terms.scope == BanTerms::Scope::host};
  }
  ~FirewallProcess() { loop_.drop_tasks(); }
  FirewallProcess(const FirewallProcess&) = delete;
  FirewallProcess& operator=(const FirewallProcess&) = delete;

  int run() {
    auto firewall = Firewall::open(terms_, [this](const FromFollower& message) {
      std::visit([this](const auto& one) { (void)engine_->send(as_bytes(one)); }, message);
    });
    if (!firewall) {
      std::fprintf(stderr, "reeved-defence: firewall: %s\n", firewall.error().text().c_str());
      return 1;
    }
    firewall_ = std::move(*firewall);
    engine_->start([this](std::span<const std::byte> datagram) { hear(datagram); }, [this] { loop_.stop(); });
    loop_.start(keep_watch());
    loop_.run();
    if (!firewall_->is_leaving()) return status_;
    const auto left = firewall_->leave();
    if (!left) std::fprintf(stderr, "reeved-defence: firewall: %s\n", left.error().text().c_str());
    return left ? status_ : 1;
  }

 private:
  void hear(std::span<const std::byte> datagram) {
    const auto message = decode_to_follower(datagram);
    if (!message) {
      status_ = 1;
      return loop_.stop();
    }
    firewall_->take(*message);
    if (!std::exchange(gathering_, true)) loop_.start(carry_out());
  }

  // What was told just now, as many transactions as it takes; messages are heard between them.
  Task<> carry_out() {
    const Instant soon = instant_now() + kGather;
    co_await loop_.sleep_until(soon);
    gathering_ = false;
    for (;;) {
      next_ = firewall_->work(instant_now());
      if (next_ > instant_now() || gathering_) co_return;
      const Instant at_once{};
      co_await loop_.sleep_until(at_once);
    }
  }

  // The looks at what others did.
  Task<> keep_watch() {
    for (;;) {
      const Instant now = instant_now();
      const Instant next = std::clamp(next_, now + kGather, now + Firewall::kLookEvery);
      co_await loop_.sleep_until(next);
      if (instant_now() < next_) continue;
      if (!std::exchange(gathering_, true)) loop_.start(carry_out());
    }
  }

  Loop loop_;
  std::shared_ptr<DatagramLink> engine_;
  Firewall::Terms terms_;
  std::unique_ptr<Firewall> firewall_;
  Instant next_ = Instant::max();  // when the firewall wants to be asked again
  bool gathering_ = false;
  int status_ = 0;
};

}  // namespace

int run_firewall(Beginning beginning) {
  FirewallProcess process(std::move(beginning));
  return process.run();
}

}  // namespace reeve
