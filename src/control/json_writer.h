// JsonWriter: appends one JSON object to a text, field by field.
//
// For the lines of the control socket. Texts of strangers are made harmless by base/printable. Objects may be nested;
// each begin_ has its end_.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace reeve {

class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) : out_(out) { out_ += '{'; }
  JsonWriter(const JsonWriter&) = delete;
  JsonWriter& operator=(const JsonWriter&) = delete;

  void field(std::string_view name, std::string_view text);
  void field(std::string_view name, const char* text) { field(name, std::string_view(text)); }
  void field(std::string_view name, bool value);
  void field(std::string_view name, double value);  // two decimals
  template <std::integral Number>
  void field(std::string_view name, Number value) {
    key(name);
    out_ += std::to_string(value);
  }
  // null when there is none.
  template <class T>
  void field(std::string_view name, const std::optional<T>& value) {
    if (value) {
      field(name, *value);
    } else {
      raw(name, "null");
    }
  }
  // `json` is JSON already.
  void raw(std::string_view name, std::string_view json);
  void begin_object(std::string_view name);
  void begin_array(std::string_view name);
  // An object in an array.
  void begin_element();
  void element(std::string_view text);
  void end_object();
  void end_array();
  // The last: closes the object itself.
  void end() { out_ += '}'; }

 private:
  void key(std::string_view name);
  void separate();

  std::string& out_;
  bool first_ = true;
};

}  // namespace reeve
