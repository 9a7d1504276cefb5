// The manual of the attributes as text for a terminal and as mdoc(7).
#include <algorithm>
#include <iterator>
#include <vector>

#include <fmt/format.h>

#include "base/printable.h"
#include "cli/attribute_manual.h"
#include "cli/wrapped_text.h"
#include "config/attributes.h"
#include "config/values.h"

namespace reeve {
namespace {

std::string_view places(const Attribute& attribute) noexcept {
  switch (attribute.place) {
    case Attribute::Place::service:
      return "services";
    case Attribute::Place::defaults:
      return "defaults";
    case Attribute::Place::both:
      return "services and defaults";
  }
  return "";
}

std::string_view operators(const Attribute& attribute) noexcept {
  switch (attribute.operators) {
    case Attribute::Operators::assign:
      return "=";
    case Attribute::Operators::extend:
      return "= +=";
    case Attribute::Operators::set:
      return "= += -=";
  }
  return "";
}

// "word" for `word`; what mdoc would take for its own is made harmless.
std::string mdoc_line(std::string_view text) {
  std::string out;
  bool is_bold = false;
  for (const char c : text) {
    if (c == '`') {
      out += is_bold ? "\\fR" : "\\fB";
      is_bold = !is_bold;
    } else if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += is_bold ? "\\-" : "-";
    } else {
      out += c;
    }
  }
  if (out.starts_with('.') || out.starts_with('\'')) out.insert(0, "\\&");
  return out;
}

// A line for each sentence, as mdoc wants it.
std::string mdoc_text(std::string_view text) {
  std::string out;
  bool is_example = false;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    std::string_view line = text.substr(at, end - at);
    at = end + 1;
    const bool is_indented = line.starts_with("    ");
    if (is_indented != is_example) out += is_indented ? ".Bd -literal -offset indent -compact\n" : ".Ed\n";
    is_example = is_indented;
    if (is_indented) {
      out += mdoc_line(line.substr(4)) + '\n';
    } else if (line.empty()) {
      out += ".Pp\n";
    } else {
      while (!line.empty()) {
        std::size_t stop = line.find(". ");
        // Behind a colon a sentence may go on; behind "?" it ends, too.
        stop = std::min(stop, line.find("? "));
        const bool is_last = stop == std::string_view::npos;
        out += mdoc_line(is_last ? line : line.substr(0, stop + 1)) + '\n';
        line = is_last ? std::string_view() : line.substr(stop + 2);
      }
    }
  }
  if (is_example) out += ".Ed\n";
  return out;
}

// In a macro's arguments: quoted, and a quote doubled.
std::string mdoc_argument(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c == '\\' ? "\\e" : std::string(1, c);
  }
  return out + '"';
}

std::string unknown(std::string_view name) {
  std::vector<std::string_view> known;
  for (const Attribute& one : attributes()) known.push_back(one.name);
  const std::string hint = did_you_mean(name, known);
  return fmt::format("reeve: there is no attribute `{}`{}{}\n", printable(name, 60), hint.empty() ? "" : ": ", hint);
}

}  // namespace

std::string attribute_help(std::string_view name) {
  const std::uint8_t index = find_attribute(name);
  if (index == kNoAttribute) return unknown(name);
  const Attribute& attribute = attributes()[index];
  const AttributeManual* const manual = manual_of(attribute.name);
  std::string out = fmt::format("{} = {}\n\n", attribute.name, attribute.values);
  fmt::format_to(std::back_inserter(out), "    in          {}\n", places(attribute));
  fmt::format_to(std::back_inserter(out), "    operators   {}\n", operators(attribute));
  if (manual == nullptr) return out + '\n' + wrapped_text(attribute.help);
  fmt::format_to(std::back_inserter(out), "    without it  {}\n", manual->otherwise);
  fmt::format_to(std::back_inserter(out), "    known to    {}\n", manual->is_own ? "reeve" : "xinetd and reeve");
  if (attribute.restricts && !attribute.limits_anyway) out += "    misspelt    it costs the service, so that it is not open by mistake\n";
  return out + '\n' + wrapped_text(manual->text);
}

std::string list_of_attributes() {
  std::string out;
  for (const Attribute& one : attributes()) fmt::format_to(std::back_inserter(out), "    {:<16}  {}\n", one.name, one.values);
  return out;
}

std::string attributes_as_mdoc() {
  std::string out;
  for (const Attribute& one : attributes()) {
    const AttributeManual* const manual = manual_of(one.name);
    if (manual == nullptr) continue;  // a test holds that none is without
    fmt::format_to(std::back_inserter(out), ".It Cm {} Li = Ar {}\n", one.name, mdoc_argument(one.values));
    fmt::format_to(std::back_inserter(out), "In {}, with {}{}.\n", places(one), operators(one), manual->is_own ? "; reeve's own" : "");
    fmt::format_to(std::back_inserter(out), "Without it: {}.\n.Pp\n", mdoc_line(manual->otherwise));
    out += mdoc_text(manual->text);
  }
  return out;
}

}  // namespace reeve
