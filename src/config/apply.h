// apply: one assignment into a Draft.
//
// Checks what the table says (known, allowed here, operator, number of values, repeated) and calls the
// attribute's function. Everything that is wrong is told to the Desk's report.
#pragma once

#include "config/draft.h"
#include "config/entry.h"

namespace reeve {

void apply(Desk& desk, Draft& draft, const Assignment& assignment);

// What the table's functions share: a value is read, or refused and absent.
[[nodiscard]] const Word& value_of(const Assignment& assignment) noexcept;  // the first
[[nodiscard]] std::optional<bool> read_yes_no(Desk& desk, Draft& draft, const Assignment& assignment);
[[nodiscard]] std::optional<std::int64_t> read_number(Desk& desk, Draft& draft, const Assignment& assignment, const Word& word,
                                                      std::int64_t least, std::int64_t most);
void refuse_word(Desk& desk, Draft& draft, const Assignment& assignment, const Word& word, std::span<const std::string_view> known);
// As in syslog(3), not shifted.
[[nodiscard]] std::optional<std::uint8_t> read_syslog_facility(Desk& desk, Draft& draft, const Assignment& assignment, const Word& word);
[[nodiscard]] std::optional<std::uint8_t> read_syslog_level(Desk& desk, Draft& draft, const Assignment& assignment, const Word& word);
// `=` of a service starts the list over; everything else works on what defaults says. In defaults `=` acts as `+=`.
template <class T>
void begin_change(const Draft& draft, ListDraft<T>& list, const ListDraft<T>* of_defaults, const Assignment& assignment) {
  if (!draft.is_defaults() && assignment.op == Operator::assign) {
    list.items.clear();
  } else if (!list.own && of_defaults != nullptr) {
    list.items = of_defaults->items;
  }
  list.own = true;
  list.where = assignment.name.where;
}

// The table's functions, one for each attribute or family of attributes.
namespace apply_attribute {

using Apply = void(Desk&, Draft&, const Assignment&);

// apply_bans.cc: how bans grow, who is never banned, what adds up to one
Apply ban_growth, ban_max, ban_memory, ban_prefix, never_ban, penalties, penalty_limit, penalty_decay;
// apply_alerts.cc: who is told of events, and what others have collected
Apply alert_command, alert_file, alert_form, alert_http, alert_rate, alert_syslog, ban_list, ban_list_refresh;
// apply_control.cc: the socket of `reeve`
Apply control, control_read;
// apply_store.cc: where bans are kept
Apply state_directory;
// apply_fleet.cc: bans shared with other machines
Apply fleet, fleet_name, fleet_node, fleet_user, fleet_password_file, fleet_key_file, fleet_widest, fleet_rate;
// apply_identity.cc: what the service is
Apply id, type, flags, socket_type, protocol, wait, port, bind, socket_mode, socket_user, socket_group, v6only, rpc_number, rpc_version;
Apply disable, enabled, disabled, compat, strict, without_effect;
// apply_admission.cc: who may come in
Apply only_from, no_access, access_times, instances, per_source, rate_per_source, cps, cps_action, max_load, max_pressure, deny_time,
    udp_bans, source_prefix, libwrap;
// apply_firewall.cc: what of bans is the kernel's
Apply kernel_bans, ban_scope;
// apply_redirect.cc: whereto, and from where, connections are relayed
Apply redirect, redirect_balance, redirect_timeout, proxy_protocol, proxy_from;
// apply_sensor.cc: what a sensor's client gets
Apply sensor_reply;
// apply_launch.cc: how the program starts
Apply server, server_args, user, group, groups, umask, nice, env, passenv;
Apply rlimit_as, rlimit_cpu, rlimit_data, rlimit_rss, rlimit_stack, rlimit_files;
// apply_log.cc: what is logged and said
Apply log_type, log_format, log_on_success, log_on_failure, banner, banner_success, banner_fail;

}  // namespace apply_attribute
}  // namespace reeve
