// ControlClient: reeve's end of the control socket (docs/control.md). Waits, each wait with a deadline.
//
//   auto client = ControlClient::connect(path);
//   auto reply = client->ask(ControlRequest("bans"));     // all items and the last line
// or, for answers without an end, send() and then next() as often as wanted.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json.hpp>

#include "base/unique_fd.h"
#include "sys/session_origin.h"

namespace reeve {

constexpr const char* kControlPath = "/run/reeve/control.sock";

// Exit codes of the commands that ask the daemon; 0, and kWrong for a question that makes no sense, as everywhere.
constexpr int kRefused = 1;         // the daemon said no: there is no such service, it failed, ...
constexpr int kNoDaemon = 3;        // nobody answers
constexpr int kNotPermitted = 4;    // the role does not allow it
constexpr int kVersionsDiffer = 5;  // reeve and reeved speak different versions of the protocol

struct ControlTrouble {
  int exit_code = kNoDaemon;
  std::string code;  // the daemon's word, "" when it is not the daemon who says so
  std::string text;  // one line for people
};

// One line to the daemon.
class ControlRequest {
 public:
  explicit ControlRequest(std::string_view verb);
  ControlRequest& with(std::string_view field, std::string_view text);
  ControlRequest& with(std::string_view field, const char* text) { return with(field, std::string_view(text)); }
  ControlRequest& with(std::string_view field, std::int64_t number);
  ControlRequest& with(std::string_view field, bool flag);
  [[nodiscard]] std::string line() const;

 private:
  boost::json::object object_;
};

struct ControlReply {
  std::vector<boost::json::object> items;
  boost::json::object last;  // without v, id and done
};

// One line of an answer.
struct ControlLine {
  bool is_last = false;
  boost::json::object object;  // the item, or the last line
};

class ControlClient {
 public:
  [[nodiscard]] static std::expected<ControlClient, ControlTrouble> connect(const std::string& path);

  [[nodiscard]] std::expected<void, ControlTrouble> send(const ControlRequest& request);
  // nullopt: nothing came for so long; a failure that the daemon reports is trouble.
  [[nodiscard]] std::expected<std::optional<ControlLine>, ControlTrouble> next(std::chrono::milliseconds patience);
  // To wait for together with others.
  [[nodiscard]] int descriptor() const noexcept { return connection_.get(); }
  [[nodiscard]] std::expected<ControlReply, ControlTrouble> ask(const ControlRequest& request, std::chrono::milliseconds patience);

 private:
  explicit ControlClient(UniqueFd connection) : connection_(std::move(connection)), operator_(session_origin()) {}
  [[nodiscard]] std::expected<std::optional<std::string>, ControlTrouble> read_line(std::chrono::milliseconds patience);

  UniqueFd connection_;
  std::optional<Address> operator_;  // from where we are asked to work; the daemon does not ban who gives it orders
  std::string buffer_;
  std::size_t begin_ = 0;  // of what was not given out yet
};

// The fields of an answer, with something harmless where they are missing or of another type.
[[nodiscard]] std::int64_t number_of(const boost::json::object& object, std::string_view field, std::int64_t otherwise = 0) noexcept;
[[nodiscard]] std::string text_of(const boost::json::object& object, std::string_view field);  // printable
[[nodiscard]] bool flag_of(const boost::json::object& object, std::string_view field) noexcept;
[[nodiscard]] bool has_value(const boost::json::object& object, std::string_view field) noexcept;  // there, and not null
[[nodiscard]] const boost::json::object* object_of(const boost::json::object& object, std::string_view field) noexcept;

}  // namespace reeve
