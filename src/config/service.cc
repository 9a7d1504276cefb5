#include "config/service.h"

#include <algorithm>

#include "config/attributes.h"
#include "config/defence.h"
#include "config/text_store.h"

namespace reeve {
namespace {

const Origin* find_origin(std::span<const Origin> origins, std::uint8_t attribute) noexcept {
  const auto found = std::lower_bound(origins.begin(), origins.end(), attribute,
                                      [](const Origin& origin, std::uint8_t wanted) { return origin.attribute < wanted; });
  return found != origins.end() && found->attribute == attribute ? &*found : nullptr;
}

}  // namespace

std::string_view to_text(SocketType type) noexcept {
  switch (type) {
    case SocketType::stream:
      return "stream";
    case SocketType::dgram:
      return "dgram";
    case SocketType::raw:
      return "raw";
    case SocketType::seqpacket:
      return "seqpacket";
  }
  return "stream";
}

std::string_view to_text(Offence offence) noexcept {
  switch (offence) {
    case Offence::refused:
      return "refused";
    case Offence::early_close:
      return "early_close";
    case Offence::silent:
      return "silent";
    case Offence::crash:
      return "crash";
    case Offence::sensor:
      return "sensor";
  }
  return "";
}

Configuration::Configuration() : store(std::make_unique<TextStore>()), defence(std::make_unique<Defence>()) {}
Configuration::~Configuration() = default;

Where Configuration::where_of(const Service& service, std::string_view attribute) const noexcept {
  const std::uint8_t index = find_attribute(attribute);
  const Origin* origin = find_origin(service.origins, index);
  if (origin == nullptr) origin = find_origin(default_origins, index);
  return origin != nullptr ? origin->where : service.where;
}

}  // namespace reeve
