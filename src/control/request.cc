#include "control/request.h"

#include <algorithm>
#include <array>
#include <utility>

#include <boost/json.hpp>

#include "base/printable.h"

namespace reeve {

namespace {

constexpr std::size_t kMostDepth = 2;
constexpr std::size_t kMaxId = 64, kMaxVerb = 32, kMaxName = 32;

std::unexpected<ControlFailure> failed(std::string_view code, std::string text) {
  return std::unexpected(ControlFailure{code, std::move(text)});
}

std::optional<std::int64_t> whole_number(const boost::json::value& value) noexcept {
  if (const auto* number = value.if_int64()) return *number;
  return std::nullopt;  // what is larger is meant by nobody
}

}  // namespace

struct RequestReader {
  // False: the field's value is nothing that a request may have.
  static bool add(Request& request, std::string_view name, const boost::json::value& value) {
    if (name.size() > kMaxName) return false;
    if (const auto* flag = value.if_bool()) {
      request.fields_.emplace_back(name, *flag);
    } else if (const auto number = whole_number(value)) {
      request.fields_.emplace_back(name, *number);
    } else if (const auto* text = value.if_string(); text != nullptr && text->size() <= Request::kMaxText) {
      request.fields_.emplace_back(name, std::string(text->data(), text->size()));
    } else {
      return false;
    }
    return true;
  }

  static bool set_id(Request& request, const boost::json::value& value) {
    if (const auto number = whole_number(value)) {
      request.id = std::to_string(*number);
    } else if (const auto* text = value.if_string(); text != nullptr && text->size() <= kMaxId) {
      request.id = json_string({text->data(), text->size()});
    } else {
      return false;
    }
    return true;
  }
};

const Request::Value* Request::find(std::string_view name) const noexcept {
  const auto found = std::ranges::find(fields_, name, &std::pair<std::string, Value>::first);
  return found == fields_.end() ? nullptr : &found->second;
}

std::optional<std::string_view> Request::text(std::string_view name) const noexcept {
  const Value* const value = find(name);
  const auto* const text = value == nullptr ? nullptr : std::get_if<std::string>(value);
  return text == nullptr ? std::nullopt : std::optional<std::string_view>(*text);
}

std::optional<std::int64_t> Request::number(std::string_view name) const noexcept {
  const Value* const value = find(name);
  const auto* const number = value == nullptr ? nullptr : std::get_if<std::int64_t>(value);
  return number == nullptr ? std::nullopt : std::optional(*number);
}

bool Request::flag(std::string_view name) const noexcept {
  const Value* const value = find(name);
  const auto* const flag = value == nullptr ? nullptr : std::get_if<bool>(value);
  return flag != nullptr && *flag;
}

std::expected<Request, ControlFailure> decode_request(std::string_view line) {
  // What a line of the bounded length can need, so that most requests need no memory of their own.
  std::array<unsigned char, 16384> memory;
  boost::json::monotonic_resource resource(memory.data(), memory.size());
  boost::json::parse_options options;
  options.max_depth = kMostDepth;
  std::array<unsigned char, 2048> work;
  boost::json::parser parser({}, options, work.data(), work.size());
  parser.reset(&resource);
  boost::json::error_code error;
  parser.write(line.data(), line.size(), error);
  if (error) return failed(kMalformed, "not one JSON object in a line");
  const boost::json::value document = parser.release();
  const boost::json::object* const object = document.if_object();
  if (object == nullptr) return failed(kMalformed, "not one JSON object in a line");
  if (object->size() > Request::kMaxFields) return failed(kMalformed, "too many fields");

  Request request;
  const boost::json::value* const version = object->if_contains("v");
  if (version == nullptr || !whole_number(*version)) return failed(kMalformed, "no version `v`");
  if (*whole_number(*version) != kControlVersion)
    return failed(kVersion, "version " + std::to_string(*whole_number(*version)) + " of the protocol is not known here, only " +
                                std::to_string(kControlVersion));
  for (const auto& [key, value] : *object) {
    const std::string_view name(key.data(), key.size());
    if (name == "v") continue;
    if (name == "id") {
      if (!RequestReader::set_id(request, value)) return failed(kMalformed, "`id` is neither a whole number nor a short text");
    } else if (name == "do") {
      const auto* const verb = value.if_string();
      if (verb == nullptr || verb->empty() || verb->size() > kMaxVerb) return failed(kMalformed, "`do` is not a word");
      request.verb.assign(verb->data(), verb->size());
    } else if (!RequestReader::add(request, name, value)) {
      return failed(kMalformed, "field `" + printable(name, kMaxName) + "` is neither a text, a whole number, true nor false");
    }
  }
  if (request.verb.empty()) return failed(kMalformed, "no `do`");
  return request;
}

}  // namespace reeve
