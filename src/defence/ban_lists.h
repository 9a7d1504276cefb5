// BanLists: the keeper's part that bans what others have listed.
//
// Reading is a thread's (defence/list_reader.h), what follows from it the book's (defence/ban_list_book.h); here it is proposed to
// the engine, which decides: whom it guards is never banned. A list of a million prefixes is proposed at a pace that leaves the engine
// its time: kPerTurn prefixes each kTurn.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>

#include "defence/keeper.h"

namespace reeve {

constexpr std::size_t kListedPerTurn = 200;
constexpr std::chrono::milliseconds kListTurn{10};

// What the reason of a list's bans begins with; its name follows.
constexpr std::string_view kListReason = "list ";

// nullptr: there are no lists.
[[nodiscard]] std::unique_ptr<KeeperPart> make_ban_lists(const KeeperDesk& desk);

}  // namespace reeve
