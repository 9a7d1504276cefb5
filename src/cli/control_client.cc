#include "cli/control_client.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "base/printable.h"
#include "base/result.h"
#include "cli/answer.h"
#include "control/request.h"

namespace reeve {

namespace {

constexpr std::size_t kMostOfLine = 1u << 20;  // the daemon's lines are far shorter
constexpr std::chrono::milliseconds kSendPatience{5000};

std::unexpected<ControlTrouble> trouble(int exit_code, std::string text, std::string code = {}) {
  return std::unexpected(ControlTrouble{exit_code, std::move(code), std::move(text)});
}

std::unexpected<ControlTrouble> cannot_connect(const std::string& path, int reason) {
  const std::string at = printable(path, 200);
  if (reason == ENOENT || reason == ECONNREFUSED)
    return trouble(kNoDaemon, "no daemon answers at " + at + (reason == ENOENT ? ": there is no such socket" : ": nobody listens there") +
                                  " (is reeved running? --socket names another)");
  if (reason == EACCES || reason == EPERM)
    return trouble(kNotPermitted,
                   "permission denied at " + at + ": only root and the group reeve may ask, unless control_read says otherwise");
  if (reason == EAGAIN) return trouble(kNoDaemon, "the daemon at " + at + " is too busy to answer");
  return trouble(kNoDaemon, Error{"connect to " + at, reason}.text());
}

int exit_code_for(std::string_view code) noexcept {
  if (code == kDenied) return kNotPermitted;
  if (code == kVersion) return kVersionsDiffer;
  if (code == kMalformed || code == kInvalid) return kWrong;
  return kRefused;
}

int milliseconds(std::chrono::milliseconds span) noexcept {
  return static_cast<int>(span.count());
}

}  // namespace

ControlRequest::ControlRequest(std::string_view verb) {
  object_["v"] = kControlVersion;
  object_["id"] = 1;
  object_["do"] = verb;
}

ControlRequest& ControlRequest::with(std::string_view field, std::string_view text) {
  object_[field] = text;
  return *this;
}

ControlRequest& ControlRequest::with(std::string_view field, std::int64_t number) {
  object_[field] = number;
  return *this;
}

ControlRequest& ControlRequest::with(std::string_view field, bool flag) {
  object_[field] = flag;
  return *this;
}

std::string ControlRequest::line() const {
  return boost::json::serialize(object_) + "\n";
}

std::expected<ControlClient, ControlTrouble> ControlClient::connect(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path)
    return trouble(kWrong, "the path " + printable(path, 200) + " can't be a socket's");
  std::memcpy(address.sun_path, path.c_str(), path.size());
  UniqueFd connection(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!connection) return trouble(kNoDaemon, Error{"socket", errno}.text());
  if (::connect(connection.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return cannot_connect(path, errno);
  return ControlClient(std::move(connection));
}

std::expected<void, ControlTrouble> ControlClient::send(const ControlRequest& request) {
  ControlRequest from_here = request;
  if (operator_) from_here.with("operator", to_text(*operator_));
  const std::string line = from_here.line();
  std::string_view left = line;
  while (!left.empty()) {
    const ssize_t count = ::send(connection_.get(), left.data(), left.size(), MSG_NOSIGNAL);
    if (count > 0) {
      left.remove_prefix(static_cast<std::size_t>(count));
    } else if (errno == EAGAIN) {
      pollfd one{connection_.get(), POLLOUT, 0};
      if (::poll(&one, 1, milliseconds(kSendPatience)) == 0) return trouble(kNoDaemon, "the daemon does not answer");
    } else if (errno == EPIPE || errno == ECONNRESET) {
      return {};  // it has said why, which is to be read
    } else if (errno != EINTR) {
      return trouble(kNoDaemon, Error{"ask the daemon", errno}.text());
    }
  }
  return {};
}

std::expected<std::optional<std::string>, ControlTrouble> ControlClient::read_line(std::chrono::milliseconds patience) {
  std::size_t looked_at = begin_;
  for (;;) {
    const std::size_t end = buffer_.find('\n', looked_at);
    if (end != std::string::npos) {
      std::string line = buffer_.substr(begin_, end - begin_);
      begin_ = end + 1;
      return line;
    }
    buffer_.erase(0, std::exchange(begin_, 0));
    looked_at = buffer_.size();
    if (buffer_.size() > kMostOfLine) return trouble(kNoDaemon, "what answers there is not reeved");
    pollfd one{connection_.get(), POLLIN, 0};
    const int ready = ::poll(&one, 1, milliseconds(patience));
    if (ready == 0) return std::nullopt;
    if (ready < 0 && errno == EINTR) continue;
    constexpr std::size_t kPiece = 65536;
    const std::size_t before = buffer_.size();
    buffer_.resize(before + kPiece);
    const ssize_t count = ::recv(connection_.get(), buffer_.data() + before, kPiece, 0);
    const int reason = errno;
    buffer_.resize(before + (count > 0 ? static_cast<std::size_t>(count) : 0));
    if (count == 0 || (count < 0 && reason != EAGAIN && reason != EINTR)) return trouble(kNoDaemon, "the daemon ended the connection");
  }
}

std::expected<std::optional<ControlLine>, ControlTrouble> ControlClient::next(std::chrono::milliseconds patience) {
  auto line = read_line(patience);
  if (!line) return std::unexpected(std::move(line).error());
  if (!*line) return std::nullopt;
  boost::json::error_code error;
  boost::json::value document = boost::json::parse(**line, error);
  boost::json::object* const object = error ? nullptr : document.if_object();
  if (object == nullptr) return trouble(kNoDaemon, "what answers there is not reeved");
  if (const auto* const failed = object_of(*object, "error")) {
    const std::string code = text_of(*failed, "code");
    std::string text = text_of(*failed, "text");
    if (code == kVersion) text = "reeve " REEVE_VERSION " and the daemon speak different versions of the protocol: " + text;
    return trouble(exit_code_for(code), std::move(text), code);
  }
  if (number_of(*object, "v") != kControlVersion)
    return trouble(kVersionsDiffer, "the daemon speaks version " + std::to_string(number_of(*object, "v")) +
                                        " of the protocol, reeve " REEVE_VERSION " version " + std::to_string(kControlVersion));
  ControlLine found;
  found.is_last = flag_of(*object, "done");
  if (found.is_last) {
    for (const char* const name : {"v", "id", "done"}) object->erase(name);
    found.object = std::move(*object);
  } else if (const auto* const item = object_of(*object, "item")) {
    found.object = *item;
  }
  return found;
}

std::expected<ControlReply, ControlTrouble> ControlClient::ask(const ControlRequest& request, std::chrono::milliseconds patience) {
  if (auto sent = send(request); !sent) return std::unexpected(std::move(sent).error());
  ControlReply reply;
  for (;;) {
    auto line = next(patience);
    if (!line) return std::unexpected(std::move(line).error());
    if (!*line) return trouble(kNoDaemon, "the daemon does not answer");
    if ((*line)->is_last) {
      reply.last = std::move((*line)->object);
      return reply;
    }
    reply.items.push_back(std::move((*line)->object));
  }
}

std::int64_t number_of(const boost::json::object& object, std::string_view field, std::int64_t otherwise) noexcept {
  const auto* const value = object.if_contains(field);
  if (value == nullptr) return otherwise;
  if (const auto* const whole = value->if_int64()) return *whole;
  if (const auto* const large = value->if_uint64()) return static_cast<std::int64_t>(*large);
  return otherwise;
}

std::string text_of(const boost::json::object& object, std::string_view field) {
  const auto* const value = object.if_contains(field);
  const auto* const text = value == nullptr ? nullptr : value->if_string();
  return text == nullptr ? std::string() : printable({text->data(), text->size()}, 4096);
}

bool flag_of(const boost::json::object& object, std::string_view field) noexcept {
  const auto* const value = object.if_contains(field);
  const auto* const flag = value == nullptr ? nullptr : value->if_bool();
  return flag != nullptr && *flag;
}

bool has_value(const boost::json::object& object, std::string_view field) noexcept {
  const auto* const value = object.if_contains(field);
  return value != nullptr && !value->is_null();
}

const boost::json::object* object_of(const boost::json::object& object, std::string_view field) noexcept {
  const auto* const value = object.if_contains(field);
  return value == nullptr ? nullptr : value->if_object();
}

}  // namespace reeve
