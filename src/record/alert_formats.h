// The forms that an alert can take: one line each, without its newline.
//
// Texts of strangers are escaped as each form wants it: whatever they hold, JSON stays JSON, XML stays XML, and a line one
// line. A file each: alert_json.cc, alert_idmef.cc, alert_idmef2.cc, alert_cef.cc, alert_plain.cc, alert_fill.cc.
#pragma once

#include <string>
#include <string_view>

#include "config/alert_form.h"
#include "config/defence.h"
#include "record/alert.h"

namespace reeve {

// A flat object of our own: the names of AlertField.
[[nodiscard]] std::string alert_json(const Alert& alert);
// RFC 4765: an IDMEF-Message element.
[[nodiscard]] std::string alert_idmef(const Alert& alert);
// draft-lehmann-idmefv2-03: a JSON object.
[[nodiscard]] std::string alert_idmef2(const Alert& alert);
// ArcSight's Common Event Format, version 0.
[[nodiscard]] std::string alert_cef(const Alert& alert);
// For people.
[[nodiscard]] std::string alert_plain(const Alert& alert);
// The form with its places filled; what is filled in is escaped as within a JSON string. Newlines of the form stay.
[[nodiscard]] std::string filled(const AlertForm& form, const Alert& alert);

// `form` is needed for Format::custom only. In one line: newlines of the form become blanks.
[[nodiscard]] std::string alert_line(AlertSink::Format format, const AlertForm& form, const Alert& alert);
// As HTTP names what alert_line makes.
[[nodiscard]] std::string_view media_type(AlertSink::Format format) noexcept;

}  // namespace reeve
