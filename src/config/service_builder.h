// ServiceBuilder: from a settled Draft to a Service, with everything it points to in the TextStore.
//
// A thousand services are held by two processes, so what is equal is stored once: programs and their
// arguments, log targets, banners, and all that defaults says.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include <boost/unordered/unordered_flat_set.hpp>

#include "config/draft.h"

namespace reeve {

template <class T>
struct HashOf {
  std::size_t operator()(const T* value) const noexcept;
};
template <class T>
struct EqualOf {
  bool operator()(const T* a, const T* b) const noexcept;
};

class ServiceBuilder {
 public:
  explicit ServiceBuilder(TextStore& store) : store_(store) {}

  // Makes the lists of the draft of `defaults`, for all services to share.
  void build_defaults(Draft& defaults);
  [[nodiscard]] std::span<const Origin> origins_of(const Draft& draft, bool from_defaults);
  // The draft has been settled.
  [[nodiscard]] Service build(Draft& draft);

 private:
  template <class T>
  using Pool = boost::unordered_flat_set<const T*, HashOf<T>, EqualOf<T>>;

  [[nodiscard]] const AccessList* build_access(const ListDraft<AccessEntry>& list);
  [[nodiscard]] std::span<const Text> build_binds(const Draft& draft);
  [[nodiscard]] const Launch* build_launch(Draft& draft);
  [[nodiscard]] const Redirect* build_redirect(const Draft& draft);
  [[nodiscard]] const LogTarget* build_log(const Draft& draft);
  [[nodiscard]] const Banners* build_banners(const Draft& draft);

  TextStore& store_;
  Pool<Launch> launches_;
  Pool<LogTarget> logs_;
  Pool<Banners> banners_;
  std::vector<Text> arguments_, binds_;
  std::vector<Origin> origins_;
};

}  // namespace reeve
