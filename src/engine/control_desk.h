// ControlDesk: what the commands of the control socket look at and act on, and the table of those commands.
//
// A command is a coroutine that writes its answer into the session: items, and one last line. It runs after the role was
// checked; it must not hold up the loop (ControlSession::is_due). To add one: a function here, its row in
// control_verbs.cc, its part of docs/control.md.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/message.h"
#include "control/request.h"
#include "control/role.h"
#include "engine/adoption.h"
#include "engine/bans.h"
#include "engine/control_session.h"
#include "engine/doors.h"
#include "engine/gate.h"
#include "engine/holding.h"
#include "engine/inquiries.h"
#include "engine/instance.h"
#include "engine/monitor_answers.h"
#include "engine/monitor_link.h"
#include "engine/recent_records.h"
#include "engine/reception.h"
#include "record/journal.h"

namespace reeve {

struct ControlDesk {
  Loop& loop;
  Adoption& adoption;
  Doors& doors;
  Gate& gate;
  Instances& instances;
  Inquiries& inquiries;
  MonitorLink& monitor;
  Journal& journal;
  Reception& reception;
  Holding& holding;
  Bans& bans;
  const Tarpit& tarpit;
  RecentRecords& records;
  MonitorAnswers& answers;
  std::int32_t daemon_pid = 0;
  Instant engine_since{};
  ControlMessage told{};  // the monitor's last
  std::size_t sessions = 0;
};

struct ControlVerb {
  std::string_view name;
  Role least = Role::operates;
  Task<> (*run)(ControlDesk& desk, ControlSession& session, const Request& request) = nullptr;
  bool is_overview = false;  // goes through whole tables: is paced more strictly
};

// nullptr: there is none.
[[nodiscard]] const ControlVerb* find_control_verb(std::string_view name) noexcept;

// control_status.cc, control_counts.cc, control_lists.cc: what is going on
Task<> answer_status(ControlDesk& desk, ControlSession& session, const Request& request);
Task<> answer_services(ControlDesk& desk, ControlSession& session, const Request& request);
Task<> answer_counts(ControlDesk& desk, ControlSession& session, const Request& request);
Task<> answer_bans(ControlDesk& desk, ControlSession& session, const Request& request);
// control_facts.cc: what `reeve explain` explains with
Task<> answer_facts(ControlDesk& desk, ControlSession& session, const Request& request);
// control_history.cc: bans of the past
Task<> answer_history(ControlDesk& desk, ControlSession& session, const Request& request);
// control_instances.cc
Task<> answer_instances(ControlDesk& desk, ControlSession& session, const Request& request);
Task<> answer_end_old(ControlDesk& desk, ControlSession& session, const Request& request);
// control_log.cc
Task<> answer_log(ControlDesk& desk, ControlSession& session, const Request& request);
// control_orders.cc, control_holds.cc: what operators do
Task<> answer_ban(ControlDesk& desk, ControlSession& session, const Request& request);
Task<> answer_unban(ControlDesk& desk, ControlSession& session, const Request& request);
Task<> answer_stop(ControlDesk& desk, ControlSession& session, const Request& request);
Task<> answer_drain(ControlDesk& desk, ControlSession& session, const Request& request);
Task<> answer_start(ControlDesk& desk, ControlSession& session, const Request& request);
// control_reload.cc
Task<> answer_reload(ControlDesk& desk, ControlSession& session, const Request& request);
Task<> answer_confirm(ControlDesk& desk, ControlSession& session, const Request& request);

}  // namespace reeve
