#include "policy/sources.h"

#include "base/check.h"

namespace reeve {

Sources::Index Sources::find_or_add(const Prefix& prefix, Instant now) {
  if (const Index known = find(prefix); known != kNone) return known;

  // One comes, so up to two go: the table shrinks after an attack without ever being swept.
  for (int i = 0; i < 2 && idle_.oldest != kNone; ++i) {
    const Source& oldest = cells_[idle_.oldest].source;
    if (is_active(idle_.oldest, now) || oldest.penalty_until > now || oldest.budget.booked_until() > now) break;
    forget(idle_.oldest);
  }
  if (size() >= capacity_) {
    if (idle_.oldest == kNone) return kNone;
    forget(idle_.oldest);
  }

  auto index = static_cast<Index>(cells_.size());
  if (free_.empty()) {
    cells_.emplace_back();
  } else {
    index = free_.back();
    free_.pop_back();
  }
  cells_[index] = Cell{.source = {.prefix = prefix}};
  by_prefix_.insert(prefix, index);
  append(idle_, index);
  return index;
}

void Sources::note_visit(Index index, Instant now) {
  Source& source = cells_[index].source;
  source.last_visit = now;
  source.visits.add(now);
  remove(active_, index);
  append(active_, index);
}

void Sources::begin_instance(Index index) {
  ++cells_[index].source.running;
  remove(idle_, index);
}

void Sources::end_instance(Index index) {
  REEVE_CHECK(cells_[index].source.running > 0);
  if (--cells_[index].source.running == 0) append(idle_, index);
}

// Takes out of `active_` those whose last visit is a second old.
void Sources::age(Instant now) {
  while (active_.oldest != kNone && cells_[active_.oldest].source.last_visit + kRateSecond <= now) remove(active_, active_.oldest);
}

void Sources::forget(Index index) {
  remove(idle_, index);
  remove(active_, index);
  by_prefix_.erase(cells_[index].source.prefix);
  free_.push_back(index);
}

void Sources::append(List& list, Index index) {
  Link& link = cells_[index].*list.link;
  REEVE_CHECK(!link.in);
  link = {.older = list.newest, .in = true};
  (list.newest == kNone ? list.oldest : (cells_[list.newest].*list.link).newer) = index;
  list.newest = index;
  ++list.size;
}

// Nothing when it is not in the list.
void Sources::remove(List& list, Index index) {
  Link& link = cells_[index].*list.link;
  if (!link.in) return;
  (link.older == kNone ? list.oldest : (cells_[link.older].*list.link).newer) = link.newer;
  (link.newer == kNone ? list.newest : (cells_[link.newer].*list.link).older) = link.older;
  link = {};
  --list.size;
}

}  // namespace reeve
