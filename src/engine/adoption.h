// Adoption: how a configuration comes into force in the engine.
//
// The monitor sends it in pieces (base/message.h); they are collected, and Commit puts them into force in one
// turn of the loop: posts go on or are made or retired, listeners move, the journal gets its files. Until then
// nothing that runs has noticed, and a piece that is missing or wrong makes the engine answer Unfit.
#pragma once

#include <optional>
#include <vector>

#include "base/message.h"
#include "config/parse.h"
#include "engine/doors.h"
#include "engine/gate.h"
#include "engine/name_check.h"
#include "engine/post.h"
#include "engine/reception.h"
#include "record/journal.h"

namespace reeve {

class Adoption {
 public:
  struct Parts {
    Doors& doors;
    Gate& gate;
    Reception& reception;
    Instances& instances;
    Bans& bans;
    Penalties& penalties;
    Datagrams& datagrams;
    Tcpmux& tcpmux;
    Inquiries& inquiries;
    NameCheck& name_check;
    Journal& journal;
    MonitorLink& monitor;
    Holding& holding;
  };

  explicit Adoption(Parts parts) : parts_(parts) {}

  void begin(const AdoptMessage& message, std::vector<UniqueFd> descriptors);
  void take(const ListenersMessage& message, std::vector<UniqueFd> descriptors);
  void take(const LogFilesMessage& message, std::vector<UniqueFd> descriptors);
  void take(const InheritMessage& message);
  void take(const HeldMessage& message);
  void commit(const CommitMessage& message);

  // Another bundle, as this one would be; nothing comes of it.
  [[nodiscard]] Result<ConfigurationRef> parse(int bundle) const;

  [[nodiscard]] const std::vector<PostRef>& posts() const noexcept { return posts_; }
  // In force; nullptr before the first.
  [[nodiscard]] const ConfigurationRef& configuration() const noexcept { return configuration_; }
  [[nodiscard]] std::uint32_t generation() const noexcept { return generation_; }

 private:
  struct Pending {
    Pending() noexcept {}  // clang 16 can't say of the implicit one, inside of this class, that it is there
    std::uint32_t generation = 0;
    std::uint32_t process_limit = kUnlimited;
    std::uint32_t ident_limit = 0;
    ConfigurationRef configuration;
    std::vector<ListenersMessage::Entry> entries;  // by place
    std::vector<UniqueFd> listeners;               // by place; those that came with this generation
    std::vector<UniqueFd> log_files;
    std::vector<InheritMessage> inherited;
    std::vector<HeldMessage> held;
    bool fit = true;
  };

  void unfit(std::uint32_t generation, const std::string& why);
  void say_without_pressure(const Configuration& configuration);
  void move_posts(const Pending& pending);
  // Those that rested for a service that went elsewhere.
  [[nodiscard]] std::vector<DoorRef> move_doors(Pending& pending);
  void retire(Door& door);
  void open_journal_files(Pending& pending);

  Parts parts_;
  std::optional<Pending> pending_;
  ConfigurationRef configuration_;  // in force
  std::uint32_t generation_ = 0;    // likewise
  ParseOptions options_;
  std::vector<PostRef> posts_;
  bool said_without_pressure_ = false;
};

}  // namespace reeve
