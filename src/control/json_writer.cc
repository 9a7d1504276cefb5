#include "control/json_writer.h"

#include <iterator>

#include <fmt/format.h>

#include "base/printable.h"

namespace reeve {

void JsonWriter::separate() {
  if (!first_) out_ += ',';
  first_ = false;
}

void JsonWriter::key(std::string_view name) {
  separate();
  out_ += '"';
  out_ += name;
  out_ += "\":";
}

void JsonWriter::field(std::string_view name, std::string_view text) {
  key(name);
  out_ += json_string(text);
}

void JsonWriter::field(std::string_view name, bool value) {
  key(name);
  out_ += value ? "true" : "false";
}

void JsonWriter::field(std::string_view name, double value) {
  key(name);
  fmt::format_to(std::back_inserter(out_), "{:.2f}", value);
}

void JsonWriter::raw(std::string_view name, std::string_view json) {
  key(name);
  out_ += json;
}

void JsonWriter::begin_object(std::string_view name) {
  key(name);
  out_ += '{';
  first_ = true;
}

void JsonWriter::begin_array(std::string_view name) {
  key(name);
  out_ += '[';
  first_ = true;
}

void JsonWriter::begin_element() {
  separate();
  out_ += '{';
  first_ = true;
}

void JsonWriter::element(std::string_view text) {
  separate();
  out_ += json_string(text);
}

void JsonWriter::end_object() {
  out_ += '}';
  first_ = false;
}

void JsonWriter::end_array() {
  out_ += ']';
  first_ = false;
}

}  // namespace reeve
