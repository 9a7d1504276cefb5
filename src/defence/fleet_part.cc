#include "defence/fleet_part.h"

#include <unistd.h>

#include <array>
#include <climits>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "config/defence.h"
#include "defence/fleet.h"
#include "defence/fleet_key.h"
#include "sys/resolver.h"

namespace reeve {
namespace {

std::string machine_name() {
  std::array<char, HOST_NAME_MAX + 1> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0) return {};
  return name.data();
}

class FleetPart final : public KeeperPart, public FleetOutlet {
 public:
  FleetPart(const KeeperDesk& desk, UniqueFd key, UniqueFd password)
      : desk_(desk), key_(std::move(key)), password_(std::move(password)), resolver_(desk.loop, {}) {}

  void start() override {
    const Result<bool> begun = begin_fleet();
    key_.reset();
    password_.reset();
    if (begun) return;
    desk_.say(Level::error, fmt::format("fleet {}: bans stay on this machine: {}", terms().name, begun.error().text()));
    desk_.tell_state("fleet", fmt::format("off: {}", begun.error().text()));
  }
  void begin() override {
    if (fleet_) fleet_->begin();
  }
  void take(const BanMessage& ban) override {
    if (fleet_) fleet_->told(ban);
  }
  void end(std::uint64_t /*number*/) override {
    if (fleet_) fleet_->end();
  }
  void take(const LiftMessage& lift) override {
    if (fleet_) fleet_->lifted(lift);
  }
  void take(const EventMessage& /*event*/) override {}
  void guard(const std::vector<Prefix>& never) override {
    if (fleet_) fleet_->guarded(never);
  }

 private:
  [[nodiscard]] const FleetTerms& terms() const noexcept { return desk_.configuration.defence->fleet; }

  Result<bool> begin_fleet() {
    const auto secret = read_secret(key_.get(), terms().key_file);
    if (!secret) return std::unexpected(secret.error());
    auto key = FleetKey::from(*secret, terms().name);
    if (!key) return failure(terms().key_file + ": " + key.error().text());
    FleetSettings settings;
    if (!terms().password_file.empty()) {
      const auto password = read_secret(password_.get(), terms().password_file);
      if (!password) return std::unexpected(password.error());
      settings.password = without_blanks_around(*password);
      if (settings.password.empty()) return failure(terms().password_file + " is empty");
    }
    settings.host = terms().host;
    settings.port = terms().port;
    settings.path = terms().path;
    settings.name = terms().name;
    settings.user = terms().user;
    settings.rules.node = terms().node.empty() ? machine_name() : terms().node;
    if (!is_node_name(settings.rules.node)) return failure("the name of this machine can't be that of a node: set fleet_node");
    settings.rules.widest_v4 = terms().widest_v4;
    settings.rules.widest_v6 = terms().widest_v6;
    settings.rules.most_per_minute = terms().most_per_minute;
    fleet_ = std::make_unique<Fleet>(desk_.loop, resolver_, std::move(settings), std::move(*key), *this);
    return fleet_->start();
  }

  bool propose(const BanMessage& ban) override { return desk_.send(ban); }
  bool propose(const LiftMessage& lift) override { return desk_.send(lift); }
  void say(Level level, std::string_view text) override { desk_.say(level, text); }
  void state(std::string_view name, std::string_view text) override { desk_.tell_state(name, text); }

  const KeeperDesk& desk_;
  UniqueFd key_, password_;
  Resolver resolver_;
  std::unique_ptr<Fleet> fleet_;
};

}  // namespace

std::unique_ptr<KeeperPart> make_fleet_part(const KeeperDesk& desk, UniqueFd key, UniqueFd password) {
  return std::make_unique<FleetPart>(desk, std::move(key), std::move(password));
}

}  // namespace reeve
