#include "defence/alerts.h"

#include <string>
#include <utility>

#include "config/defence.h"
#include "defence/alert_thread.h"
#include "defence/mailbox.h"

namespace reeve {
namespace {

class Alerts final : public KeeperPart {
 public:
  Alerts(const KeeperDesk& desk, std::vector<UniqueFd> files) : desk_(desk), files_(std::move(files)) {}

  void start() override {
    auto mailbox = Mailbox::open();
    if (!mailbox) return desk_.say(Level::error, "nobody is told of events: " + mailbox.error().text());
    mailbox_ = std::move(*mailbox);
    auto thread = AlertThread::start(
        desk_.configuration.defence->alerts, std::move(files_),
        [this](Level level, std::string text) { mailbox_->post([this, level, text = std::move(text)] { desk_.say(level, text); }); },
        [this](const AlertThread::Counts& counts) { mailbox_->post([this, counts] { show(counts); }); });
    if (!thread) return desk_.say(Level::error, "nobody is told of events: " + thread.error().text());
    thread_ = std::move(*thread);
    show({});
    desk_.loop.start(mailbox_->serve(desk_.loop));
  }

  void take(const EventMessage& event) override {
    if (thread_) thread_->take(event);
  }
  void take(const BanMessage& /*ban*/) override {}
  void take(const LiftMessage& /*lift*/) override {}

  void finish() override {
    if (!thread_) return;
    thread_->finish();
    mailbox_->empty();
  }

 private:
  void show(const AlertThread::Counts& counts) const {
    desk_.tell_state("alerts_told", std::to_string(counts.told));
    desk_.tell_state("alerts_held_back", std::to_string(counts.held_back));
    desk_.tell_state("alerts_lost", std::to_string(counts.lost));
  }

  const KeeperDesk& desk_;
  std::vector<UniqueFd> files_;
  std::unique_ptr<Mailbox> mailbox_;
  std::unique_ptr<AlertThread> thread_;
};

}  // namespace

std::unique_ptr<KeeperPart> make_alerts(const KeeperDesk& desk, std::vector<UniqueFd> files) {
  if (desk.configuration.defence->alerts.sinks.empty()) return nullptr;
  return std::make_unique<Alerts>(desk, std::move(files));
}

}  // namespace reeve
