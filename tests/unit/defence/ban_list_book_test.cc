// What follows from readings of lists.
#include "defence/ban_list_book.h"

#include <gtest/gtest.h>

namespace reeve {
namespace {

Prefix host(std::uint32_t last) {
  return Prefix::host(Address::v4(0xc0000200 + last));
}

BanListTerms terms(std::vector<std::string> sources) {
  BanListTerms made;
  for (std::string& source : sources) made.lists.push_back({.source = std::move(source), .where = {}});
  return made;
}

TEST(BanListBookTest, NamesHoldNoSecrets) {
  EXPECT_EQ(list_name("/var/lib/lists/drop.txt"), "drop.txt");
  EXPECT_EQ(list_name("https://user:password@lists.example:8080/token/drop.txt?key=secret#x"), "lists.example:8080/drop.txt");
  EXPECT_EQ(list_name("http://lists.example"), "lists.example");
  const BanListBook book(terms({"/a/x", "/b/x", "/c/x"}));
  EXPECT_EQ(book.name(0), "x");
  EXPECT_EQ(book.name(1), "x#2");
  EXPECT_EQ(book.name(2), "x#3");
}

TEST(BanListBookTest, WhatIsGoneIsLiftedUnlessAnotherListHoldsIt) {
  BanListBook book(terms({"/a", "/b"}));
  EXPECT_EQ(book.read(0, {host(1), host(2), host(3)}).added, 3u);
  EXPECT_EQ(book.read(1, {host(2)}).added, 1u);
  const auto change = book.read(0, {host(3), host(4)});
  EXPECT_EQ(change.added, 1u);
  EXPECT_EQ(change.gone, std::vector{host(1)});
  EXPECT_EQ(book.read(1, {}).gone, std::vector{host(2)});
}

TEST(BanListBookTest, WhatWasInForceBelongsToItsListUntilThatIsRead) {
  BanListBook book(terms({"/a", "/b"}));
  EXPECT_TRUE(book.inherit("a", host(2)));
  EXPECT_TRUE(book.inherit("a", host(1)));
  EXPECT_TRUE(book.inherit("a", host(1)));
  EXPECT_FALSE(book.inherit("c", host(9)));
  book.inherited();
  EXPECT_TRUE(book.read(1, {host(5)}).gone.empty());
  const auto change = book.read(0, {host(2)});
  EXPECT_EQ(change.added, 0u);
  EXPECT_EQ(change.gone, std::vector{host(1)});
  // Told again: what was read is known better.
  EXPECT_TRUE(book.inherit("a", host(1)));
  EXPECT_TRUE(book.read(0, {host(2)}).gone.empty());
}

}  // namespace
}  // namespace reeve
