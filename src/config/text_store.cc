#include "config/text_store.h"

#include <algorithm>
#include <cstring>

namespace reeve {

Text TextStore::intern(std::string_view text) {
  if (text.empty()) return {"", 0};
  const auto found = texts_.find(text);
  if (found != texts_.end()) return *found;
  char* copy = static_cast<char*>(allocate(text.size() + 1, 1));
  std::memcpy(copy, text.data(), text.size());
  copy[text.size()] = '\0';
  const Text kept{copy, text.size()};
  texts_.insert(kept);
  return kept;
}

void TextStore::seal() {
  texts_ = {};
}

void* TextStore::allocate(std::size_t size, std::size_t alignment) {
  void* place = next_;
  if (place == nullptr || std::align(alignment, size, place, left_) == nullptr) {
    // Blocks grow with the configuration, so that a small one is small and a large one isn't a thousand blocks.
    const std::size_t block = std::max(size + alignment, std::clamp(bytes_ / 4, kFirstBlock, kLargestBlock));
    blocks_.push_back(std::make_unique_for_overwrite<std::byte[]>(block));
    bytes_ += block;
    place = blocks_.back().get();
    left_ = block;
    std::align(alignment, size, place, left_);
  }
  next_ = static_cast<std::byte*>(place) + size;
  left_ -= size;
  return place;
}

}  // namespace reeve
