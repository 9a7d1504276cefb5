#include "defence/store_part.h"

#include <utility>
#include <variant>
#include <vector>

#include "config/defence.h"
#include "defence/store_thread.h"
#include "sys/clock.h"

namespace reeve {
namespace {

constexpr std::size_t kNewsAtOnce = 1'024;
constexpr std::chrono::minutes kEnginePatience{1};  // with an engine that takes nothing

class StorePart final : public KeeperPart {
 public:
  using KeeperPart::take;

  StorePart(const KeeperDesk& desk, std::string directory) : desk_(desk), directory_(std::move(directory)) {}

  void start() override {
    auto started = StoreThread::start(
        {.directory = directory_, .tuning = {.memory = desk_.configuration.defence->bans.memory}, .boot = boot_id(), .clocks = [] {
           return ClockReading{instant_now(), wall_now()};
         }});
    if (!started) {
      desk_.say(Level::error, "bans are not kept: " + started.error().text());
      (void)desk_.send(LoadedMessage{});
      return;
    }
    thread_ = std::move(*started);
    desk_.loop.start(deliver());
  }

  void begin() override { tell(BeginMessage{}); }
  void take(const BanMessage& ban) override { tell(ban); }
  void end(std::uint64_t number) override {
    EndOfBansMessage message;
    message.number = number;
    tell(message);
  }
  void take(const LiftMessage& lift) override { tell(lift); }
  bool ask(const AskMessage& question) override {
    if (question.what != DefenceQuestion::history || !thread_) return false;
    tell(question);
    return true;
  }
  void finish() override {
    if (thread_) thread_->finish();
  }

 private:
  void tell(const StoreThread::Order& order) {
    if (thread_) thread_->tell(order);
  }

  // As fast as the engine takes it.
  Task<> deliver() {
    Watch watch(desk_.loop, thread_->fd());
    for (;;) {
      co_await watch.readable(kNoDeadline);
      for (const FromFollower& news : thread_->take(kNewsAtOnce)) {
        std::visit([this](const auto& message) { (void)desk_.send(message); }, news);
      }
      const Instant deadline = instant_now() + kEnginePatience;
      co_await desk_.engine->room(deadline);
    }
  }

  const KeeperDesk& desk_;
  std::string directory_;
  std::unique_ptr<StoreThread> thread_;
};

}  // namespace

std::unique_ptr<KeeperPart> make_store_part(const KeeperDesk& desk, std::string directory) {
  return std::make_unique<StorePart>(desk, std::move(directory));
}

}  // namespace reeve
