#include "config/wrap_expansion.h"

#include <gtest/gtest.h>

namespace reeve {
namespace {

WrapFacts facts() {
  WrapFacts facts;
  facts.daemon = "in.ftpd";
  facts.client_address = "192.0.2.1";
  facts.server_address = "192.0.2.99";
  facts.client_port = 1234;
  facts.server_port = 21;
  facts.pid = 7;
  return facts;
}

TEST(WrapExpansion, NobodyWasAskedForNames) {
  EXPECT_EQ(expand_wrap_text("%a %A %c %d %h %H %n %N %p %r %R %s %u %%", facts()),
            "192.0.2.1 192.0.2.99 192.0.2.1 in.ftpd 192.0.2.1 192.0.2.99 unknown unknown 7 1234 21 in.ftpd@192.0.2.99 unknown %");
}

TEST(WrapExpansion, Names) {
  WrapFacts known = facts();
  known.client_name = "ann.example";
  known.client_user = "ann";
  known.server_name = "ftp.example";
  EXPECT_EQ(expand_wrap_text("%c %h %n %N %H %s %u", known),
            "ann@ann.example ann.example ann.example ftp.example ftp.example in.ftpd@ftp.example ann");
  known.client_name = "paranoid";
  EXPECT_EQ(expand_wrap_text("%c %h %n", known), "ann@192.0.2.1 192.0.2.1 paranoid");
  known.client_user = "unknown";
  known.server_name = known.server_address = "unknown";
  EXPECT_EQ(expand_wrap_text("%c %s", known), "192.0.2.1 in.ftpd");
}

TEST(WrapExpansion, NothingReachesAShell) {
  WrapFacts hostile = facts();
  for (int byte = 1; byte < 256; ++byte) hostile.client_user += static_cast<char>(byte);
  const auto expanded = expand_wrap_text("%u", hostile);
  ASSERT_TRUE(expanded);
  EXPECT_EQ(expanded->find_first_of("$`;&|<>()'\"\\*?[]{}~# \t\n^"), std::string::npos);
  EXPECT_EQ(expanded->size(), 255u);
}

TEST(WrapExpansion, OddText) {
  EXPECT_EQ(expand_wrap_text("50%", facts()), "50");
  EXPECT_EQ(expand_wrap_text("%x%%y%", facts()), "%y");
  EXPECT_EQ(unknown_expansions("%x %a %% %\" %"), "x\"");
}

TEST(WrapExpansion, Needs) {
  EXPECT_FALSE(expansion_needs("%a %c %h %d").client_name);
  EXPECT_TRUE(expansion_needs("%n").client_name);
  EXPECT_FALSE(expansion_needs("%%n").client_name);
  EXPECT_TRUE(expansion_needs("%u").client_user);
  EXPECT_TRUE(expansion_needs("%s").server_address);
  EXPECT_FALSE(expansion_needs("%s").server_name);
  EXPECT_TRUE(expansion_needs("%N").server_name);
}

TEST(WrapExpansion, HasABound) {
  WrapFacts long_name = facts();
  long_name.client_name = std::string(250, 'x');
  std::string text;
  for (int each = 0; each < 300; ++each) text += "%n";
  EXPECT_FALSE(expand_wrap_text(text, long_name));
}

}  // namespace
}  // namespace reeve
