// TextStore: the memory behind a Configuration.
//
// Texts and small tables of a configuration live together in a few large blocks: they are made at the
// same time, never change and go at the same time. Equal texts are stored once. Used by the parser;
// everybody else only holds views into it.
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <new>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

#include <boost/unordered/unordered_flat_set.hpp>

#include "config/service.h"

namespace reeve {

class TextStore {
 public:
  TextStore() = default;
  TextStore(const TextStore&) = delete;
  TextStore& operator=(const TextStore&) = delete;

  // The stored copy of `text`, NUL-terminated behind its end. Before seal(), equal texts give the same copy.
  [[nodiscard]] Text intern(std::string_view text);

  template <class T>
  [[nodiscard]] const T* keep(const T& value) {
    static_assert(std::is_trivially_destructible_v<T>);
    return ::new (allocate(sizeof(T), alignof(T))) T(value);
  }

  template <class T>
  [[nodiscard]] std::span<const T> keep_all(std::span<const T> values) {
    static_assert(std::is_trivially_copyable_v<T>);
    if (values.empty()) return {};
    T* copy = static_cast<T*>(allocate(values.size_bytes(), alignof(T)));
    std::uninitialized_copy(values.begin(), values.end(), copy);
    return {copy, values.size()};
  }

  [[nodiscard]] const AccessList* keep(AccessList&& list) { return &access_lists_.emplace_back(std::move(list)); }

  // About so many different texts will come.
  void expect(std::size_t texts) { texts_.reserve(texts); }
  // No more texts will come: drops what only served to find equal ones.
  void seal();

  // What the blocks take, for benchmarks and tests.
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }

 private:
  [[nodiscard]] void* allocate(std::size_t size, std::size_t alignment);

  static constexpr std::size_t kFirstBlock = 2048, kLargestBlock = 64u << 10;

  std::vector<std::unique_ptr<std::byte[]>> blocks_;
  std::byte* next_ = nullptr;
  std::size_t left_ = 0;
  std::size_t bytes_ = 0;
  std::deque<AccessList> access_lists_;
  boost::unordered_flat_set<std::string_view> texts_;
};

}  // namespace reeve
