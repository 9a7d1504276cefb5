#include "defence/keeper.h"

#include <utility>
#include <variant>

#include "config/defence.h"
#include "defence/alerts.h"
#include "defence/ban_lists.h"
#include "defence/fleet_part.h"
#include "defence/store_part.h"
#include "sys/clock.h"

namespace reeve {

namespace {

class Keeper {
 public:
  explicit Keeper(Beginning beginning)
      : beginning_(std::move(beginning)),
        desk_{.loop = loop_,
              .engine = std::make_shared<DatagramLink>(loop_, std::move(beginning_.socket), kMaxDefenceMessageBytes),
              .configuration = *beginning_.configuration} {}
  ~Keeper() { loop_.drop_tasks(); }
  Keeper(const Keeper&) = delete;
  Keeper& operator=(const Keeper&) = delete;

  int run() {
    make_parts();
    desk_.engine->start([this](std::span<const std::byte> datagram) { hear(datagram); }, [this] { loop_.stop(); });
    for (const auto& part : parts_) part->start();
    // Who keeps bans says by himself when he is ready.
    if (beginning_.directory.empty()) (void)desk_.send(LoadedMessage{});
    loop_.run();
    for (const auto& part : parts_) part->finish();
    return status_;
  }

 private:
  void make_parts() {
    if (!beginning_.directory.empty()) parts_.push_back(make_store_part(desk_, beginning_.directory));
    if (desk_.configuration.defence->fleet.is_on())
      parts_.push_back(make_fleet_part(desk_, std::move(beginning_.fleet_key), std::move(beginning_.fleet_password)));
    add(make_alerts(desk_, std::move(beginning_.files)));
    add(make_ban_lists(desk_));
  }
  void add(std::unique_ptr<KeeperPart> part) {
    if (part) parts_.push_back(std::move(part));
  }

  void hear(std::span<const std::byte> datagram) {
    const auto message = decode_to_follower(datagram);
    if (!message) {
      status_ = 1;
      return loop_.stop();
    }
    std::visit([this](const auto& one) { on(one); }, *message);
  }
  void on(const BeginMessage&) {
    for (const auto& part : parts_) part->begin();
  }
  void on(const EndOfBansMessage& message) {
    for (const auto& part : parts_) part->end(message.number);
  }
  void on(const GuardedMessage& message) {
    if (message.first != 0) never_.clear();
    for (std::uint32_t each = 0; each < message.count; ++each) {
      never_.push_back({Address(message.prefixes[each].address), message.prefixes[each].bits});
    }
    if (message.last == 0) return;
    for (const auto& part : parts_) part->guard(never_);
  }
  void on(const AskMessage& message) {
    for (const auto& part : parts_) {
      if (part->ask(message)) return;
    }
    AnswerMessage answer;
    answer.number = message.number;
    answer.last = 1;
    put_words(answer.text, "nobody here knows: no state_directory is configured, or it can't be used");
    (void)desk_.send(answer);
  }
  // The firewall's.
  void on(const PortsMessage&) {}
  void on(const WithdrawMessage&) {}
  template <class Message>
  void on(const Message& message) {
    for (const auto& part : parts_) part->take(message);
  }

  Beginning beginning_;
  Loop loop_;
  KeeperDesk desk_;
  std::vector<std::unique_ptr<KeeperPart>> parts_;
  std::vector<Prefix> never_;
  int status_ = 0;
};

}  // namespace

int run_keeper(Beginning beginning) {
  Keeper keeper(std::move(beginning));
  return keeper.run();
}

}  // namespace reeve
