// Views: the daemon's answers as people read them. Pure: an answer in, text out.
#pragma once

#include <string>

#include "cli/control_client.h"

namespace reeve {

[[nodiscard]] std::string status_view(const ControlReply& reply, bool colour);
[[nodiscard]] std::string services_view(const ControlReply& reply, bool colour);
[[nodiscard]] std::string instances_view(const ControlReply& reply, bool colour);
// Those that end first at the top.
[[nodiscard]] std::string bans_view(const ControlReply& reply, bool colour);
// The latest first, with dates of this machine's time zone.
[[nodiscard]] std::string history_view(const ControlReply& reply, bool colour);

// One record of `log`, without newline; "" for what is none.
[[nodiscard]] std::string record_view(const boost::json::object& item, bool colour);
// One item of `reload`.
[[nodiscard]] std::string reload_view(const boost::json::object& item, bool colour);

// One JSON document: the last line's fields and the items as `name`; without items when `name` is empty.
[[nodiscard]] std::string json_view(const ControlReply& reply, std::string_view name);

}  // namespace reeve
