#include "defence/ban_lists.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "config/defence.h"
#include "defence/ban_list_book.h"
#include "defence/list_reader.h"
#include "defence/mailbox.h"
#include "record/stamp.h"
#include "sys/clock.h"

namespace reeve {
namespace {

bool overlap(const Prefix& one, const Prefix& other) noexcept {
  return one.bits <= other.bits ? one.contains(other.address) : other.contains(one.address);
}

class BanLists final : public KeeperPart {
 public:
  explicit BanLists(const KeeperDesk& desk)
      : desk_(desk), terms_(desk.configuration.defence->lists), book_(terms_), states_(book_.size()) {}

  void start() override {
    auto mailbox = Mailbox::open();
    if (!mailbox) return desk_.say(Level::error, "lists are not read: " + mailbox.error().text());
    mailbox_ = std::move(*mailbox);
    desk_.loop.start(mailbox_->serve(desk_.loop));
  }

  void begin() override { is_telling_ = true; }
  void take(const BanMessage& ban) override {
    if (!is_telling_ || ban.origin != BanOrigin::list) return;
    const std::string_view reason = text_of(ban.reason);
    const Prefix prefix{Address(ban.prefix.address), ban.prefix.bits};
    const bool is_ours = reason.starts_with(kListReason) && book_.inherit(reason.substr(kListReason.size()), prefix);
    if (!is_ours) gone_.push_back(prefix);
  }
  void take(const LiftMessage& /*lift*/) override {}
  void take(const EventMessage& /*event*/) override {}
  void end(std::uint64_t /*number*/) override {
    is_telling_ = false;
    book_.inherited();
    schedule();
    read();
  }
  void guard(const std::vector<Prefix>& never) override { never_ = never; }

  void finish() override {
    if (reader_) reader_->finish();
  }

 private:
  // Once what was in force before is known.
  void read() {
    if (reader_ || !mailbox_) return;
    auto reader = ListReader::start(terms_, [this](std::size_t list, Result<PrefixList> read) {
      auto shared = std::make_shared<Result<PrefixList>>(std::move(read));
      mailbox_->post([this, list, shared] { hear(list, *shared); });
    });
    if (!reader) return desk_.say(Level::error, "lists are not read: " + reader.error().text());
    reader_ = std::move(*reader);
  }

  void hear(std::size_t list, Result<PrefixList>& read) {
    const std::string& name = book_.name(list);
    if (!read) {
      if (!states_[list].failed)
        desk_.say(Level::error, fmt::format("ban list {} can't be read, what it held stays in force for {} minutes: {}", name,
                                            (BanListBook::kReadingsUntilEnd * terms_.refresh).count(), read.error().text()));
      states_[list].failed = true;
      return;
    }
    const bool was_away = std::exchange(states_[list].failed, false);
    const std::string refusals = refusals_text(*read);
    const std::size_t spared = guarded(read->prefixes);
    const BanListBook::Change change = book_.read(list, std::move(read->prefixes));
    gone_.insert(gone_.end(), change.gone.begin(), change.gone.end());
    states_[list].wanted = true;
    if (at_list_ == list) at_ = 0;
    schedule();
    const std::size_t count = book_.prefixes(list).size();
    desk_.tell_state(fmt::format("list_{}", list + 1), fmt::format("{}: {} prefixes, read {}", name, count, json_stamp(wall_now())));
    if (change.added == 0 && change.gone.empty() && !was_away && refusals.empty()) return;
    std::string text = fmt::format("ban list {}: {} prefixes, {} new, {} gone", name, count, change.added, change.gone.size());
    if (spared != 0) text += fmt::format("; {} hold somebody who is never banned", spared);
    if (read->left_out != 0) text += fmt::format("; {} left out, over {} of all lists", read->left_out, kMaxListedPrefixes);
    if (!refusals.empty()) text += "; " + refusals;
    if (text != std::exchange(said_, text)) desk_.say(refusals.empty() ? Level::notice : Level::warning, text);
  }

  // Takes out those that hold, or lie within, somebody who is never banned: the engine would refuse them one by one.
  std::size_t guarded(std::vector<Prefix>& prefixes) const {
    return std::erase_if(prefixes, [this](const Prefix& prefix) {
      return std::ranges::any_of(never_, [&](const Prefix& never) { return overlap(prefix, never); });
    });
  }

  [[nodiscard]] bool has_work() const { return !gone_.empty() || std::ranges::any_of(states_, &State::wanted); }

  void schedule() {
    if (is_proposing_ || !has_work()) return;
    is_proposing_ = true;
    desk_.loop.start(propose());
  }

  Task<> propose() {
    while (has_work()) {
      propose_turn();
      const Instant next = instant_now() + kListTurn;
      co_await desk_.loop.sleep_until(next);
    }
    is_proposing_ = false;
  }

  void propose_turn() {
    std::size_t left = kListedPerTurn;
    for (; left > 0 && !gone_.empty(); --left) {
      LiftMessage lift;
      lift.origin = BanOrigin::list;
      lift.prefix = to_wire(gone_.back());
      if (!desk_.send(lift)) return;
      gone_.pop_back();
    }
    for (std::size_t list = 0; list < book_.size() && left > 0; ++list) {
      if (states_[list].wanted) left = propose_some(list, left);
    }
  }

  // How much of `left` is left.
  std::size_t propose_some(std::size_t list, std::size_t left) {
    const std::vector<Prefix>& prefixes = book_.prefixes(list);
    if (at_list_ != list) at_ = 0;
    at_list_ = list;
    const Instant now = instant_now();
    BanMessage ban;
    ban.origin = BanOrigin::list;
    ban.since_ns = now.time_since_epoch().count();
    ban.until_ns = (now + BanListBook::kReadingsUntilEnd * terms_.refresh).time_since_epoch().count();
    put_words(ban.reason, std::string(kListReason) + book_.name(list));
    put_words(ban.node, book_.name(list));
    for (; at_ < prefixes.size() && left > 0; ++at_, --left) {
      ban.prefix = to_wire(prefixes[at_]);
      if (!desk_.send(ban)) return 0;
    }
    if (at_ < prefixes.size()) return 0;
    states_[list].wanted = false;
    at_ = 0;
    return left;
  }

  struct State {
    bool failed = false;  // the last reading
    bool wanted = false;  // all it holds is to be proposed
  };

  const KeeperDesk& desk_;
  const BanListTerms& terms_;
  BanListBook book_;
  std::vector<State> states_;
  std::size_t at_list_ = 0, at_ = 0;  // how far that list was proposed
  bool is_proposing_ = false;
  std::vector<Prefix> gone_;  // to be lifted
  std::vector<Prefix> never_;
  std::string said_;
  bool is_telling_ = false;
  std::unique_ptr<Mailbox> mailbox_;
  std::unique_ptr<ListReader> reader_;  // goes first
};

}  // namespace

std::unique_ptr<KeeperPart> make_ban_lists(const KeeperDesk& desk) {
  if (desk.configuration.defence->lists.lists.empty()) return nullptr;
  return std::make_unique<BanLists>(desk);
}

}  // namespace reeve
