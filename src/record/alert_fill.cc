#include "base/printable.h"
#include "record/alert_formats.h"

namespace reeve {

std::string filled(const AlertForm& form, const Alert& alert) {
  std::string text;
  for (const AlertForm::Piece& piece : form.pieces) {
    text += piece.text;
    if (!piece.field) continue;
    const std::string quoted = json_string(text_of(alert, *piece.field));
    text.append(quoted, 1, quoted.size() - 2);
  }
  return text;
}

std::string alert_line(AlertSink::Format format, const AlertForm& form, const Alert& alert) {
  switch (format) {
    case AlertSink::Format::json:
      return alert_json(alert);
    case AlertSink::Format::idmef:
      return alert_idmef(alert);
    case AlertSink::Format::idmef2:
      return alert_idmef2(alert);
    case AlertSink::Format::cef:
      return alert_cef(alert);
    case AlertSink::Format::plain:
      return alert_plain(alert);
    case AlertSink::Format::custom: {
      std::string text = filled(form, alert);
      for (char& byte : text) {
        if (byte == '\n' || byte == '\r') byte = ' ';
      }
      return text;
    }
  }
  return {};
}

std::string_view media_type(AlertSink::Format format) noexcept {
  switch (format) {
    case AlertSink::Format::json:
    case AlertSink::Format::idmef2:
    case AlertSink::Format::custom:
      return "application/json";
    case AlertSink::Format::idmef:
      return "application/xml";
    case AlertSink::Format::cef:
    case AlertSink::Format::plain:
      return "text/plain; charset=utf-8";
  }
  return "text/plain; charset=utf-8";
}

}  // namespace reeve
