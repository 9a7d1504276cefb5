// Request: one line that a peer of the control socket sent, understood. Foreign bytes: docs/control.md is the contract.
//
// A request is one flat JSON object of at most kMaxFields fields: {"v":1,"id":7,"do":"ban","prefix":"192.0.2.0/24"}. Values
// are texts, whole numbers, true and false; nothing is nested, so nothing here can be deep. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace reeve {

constexpr std::int64_t kControlVersion = 1;

// Why a request was not carried out; `code` is a word of the protocol.
struct ControlFailure {
  std::string_view code;  // kMalformed, ...
  std::string text;
};
constexpr std::string_view kMalformed = "malformed";  // not a request
constexpr std::string_view kVersion = "version";      // of another version of the protocol
constexpr std::string_view kUnknown = "unknown";      // there is no such thing to do
constexpr std::string_view kInvalid = "invalid";      // a field is missing, or means nothing
constexpr std::string_view kDenied = "denied";        // the role does not allow it
constexpr std::string_view kNotFound = "not_found";   // no such service, ban, ...
constexpr std::string_view kBusy = "busy";            // too many at once
constexpr std::string_view kFailed = "failed";        // it was tried

class Request {
 public:
  static constexpr std::size_t kMaxFields = 16;
  static constexpr std::size_t kMaxText = 1024;

  std::string id = "null";  // as JSON: a whole number, or a text of at most 64 bytes, given back in each line
  std::string verb;         // "do"

  // nullopt: not given, or of another type.
  [[nodiscard]] std::optional<std::string_view> text(std::string_view name) const noexcept;
  [[nodiscard]] std::optional<std::int64_t> number(std::string_view name) const noexcept;
  [[nodiscard]] bool flag(std::string_view name) const noexcept;  // false unless it is true

 private:
  friend struct RequestReader;
  using Value = std::variant<bool, std::int64_t, std::string>;
  [[nodiscard]] const Value* find(std::string_view name) const noexcept;

  std::vector<std::pair<std::string, Value>> fields_;
};

[[nodiscard]] std::expected<Request, ControlFailure> decode_request(std::string_view line);

}  // namespace reeve
