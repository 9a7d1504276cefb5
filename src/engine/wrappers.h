// Wrappers: hosts.allow and hosts.deny for the engine's visits.
//
// Used by the reception behind the gate: a visit that limits and address lists let in is shown the rules. Which one speaks
// of it is policy/wrap_match's answer; here what that needs to know is found out, and the rule's options are carried out in
// their order: banners are sent, sockets set, the user is asked for. Commands are run by the monitor
// (monitor/wrapping.h), to which the rule is named and the facts for expansions are sent. A command is waited for, as the
// library does, unless the visit is refused anyway.
//
// Fails closed: rules that can't be had or read, an option that is wrong, an expansion that is too long refuse.
#pragma once

#include <coroutine>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include <boost/unordered/unordered_flat_map.hpp>

#include "base/message.h"
#include "config/wrap_expansion.h"
#include "engine/instance.h"
#include "engine/post.h"
#include "engine/recorder.h"
#include "engine/wrap_book.h"
#include "engine/wrap_questions.h"
#include "policy/wrap_match.h"
#include "record/journal.h"
#include "sys/loop.h"

namespace reeve {

// What the rules made of a visit.
struct WrapPass {
  bool admitted = true;
  bool was_greeted = false;            // a banner was sent: a refused client is to be left gently
  bool is_twisted = false;             // `start` is for a command in the service's place
  std::unique_ptr<WrapMessage> start;  // to go before the Start; nullptr: as configured
};

class Wrappers {
 public:
  struct Parts {
    Loop& loop;
    MonitorLink& monitor;
    Instances& instances;
    Recorder& recorder;
    Journal& journal;
    WrapQuestions& questions;
  };
  explicit Wrappers(Parts parts) : parts_(parts), book_(parts.loop, parts.monitor, parts.journal) {}

  // A visit, without what it owns.
  struct Visit {
    PostRef post;
    std::optional<Endpoint> source;  // nullopt: not known (wait = yes streams)
    int connection = -1;             // -1: no conversation with the client
    std::optional<Endpoint> server;  // where a proxy says that the client connected to
    bool has_no_user = false;        // nobody can be asked who he is: he comes through a proxy
  };

  // The rules at this moment, for visits that come together. Good until the next wait.
  struct Glance {
    bool asks_nobody = false;          // no rule can speak of the service's clients
    const WrapTable* table = nullptr;  // nullptr: has to be read
  };
  [[nodiscard]] Glance glance(const Service& service);
  // True: no rule speaks of the visit, or one that only admits. False: ask pass().
  [[nodiscard]] static bool admits(const Glance& glance, const Service& service, const std::optional<Endpoint>& source);
  [[nodiscard]] bool admits_at_once(const Service& service, const std::optional<Endpoint>& source) {
    return admits(glance(service), service, source);
  }
  // A refusal is written down. The connection must stay open until it returns.
  [[nodiscard]] Task<WrapPass> pass(Visit visit);

  void take(const WrapRulesMessage& message, std::vector<UniqueFd> descriptors) { book_.take(message, std::move(descriptors)); }
  void take(const CommandEndedMessage& message);

 private:
  struct Asked;    // one visit on its way through the rules, wrappers.cc
  class Running;   // waits for a command
  struct Outcome;  // of a rule's options

  Task<> find_out(WrapNeed need, Asked& asked);
  Task<> find_out_all(WrapNeeds needs, Asked& asked);
  Task<Outcome> carry_out(std::size_t rule, Asked& asked);
  Task<bool> send_banner(const WrapOption& option, Asked& asked);
  void refuse(const Asked& asked, Where where, std::string_view why);

  Parts parts_;
  WrapBook book_;
  boost::unordered_flat_map<InstanceId, Running*> commands_;  // bounded by visits
};

}  // namespace reeve
