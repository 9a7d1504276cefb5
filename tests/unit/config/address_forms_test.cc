#include "config/address_forms.h"

#include <ostream>
#include <string>

#include <gtest/gtest.h>

namespace reeve {
namespace {

// The prefixes of a form, blank between them; "name" or "bad".
std::string meaning(std::string_view word) {
  const Result<AddressForm> form = parse_address_form(word);
  if (!form) {
    EXPECT_FALSE(form.error().what.empty());
    return "bad";
  }
  if (form->is_name) return "name";
  std::string all;
  for (const Prefix& prefix : form->prefixes) all += (all.empty() ? "" : " ") + to_text(prefix);
  return all;
}

struct Case {
  const char* word;
  const char* meaning;
};

void PrintTo(const Case& one, std::ostream* out) {
  *out << one.word;
}

class AddressForms : public testing::TestWithParam<Case> {};

TEST_P(AddressForms, Mean) {
  EXPECT_EQ(meaning(GetParam().word), GetParam().meaning) << GetParam().word;
}

INSTANTIATE_TEST_SUITE_P(Numeric, AddressForms,
                         testing::Values(Case{"192.0.2.1", "192.0.2.1"}, Case{"192.0.2.0", "192.0.2.0/24"},
                                         Case{"192.0.0.0", "192.0.0.0/8"}, Case{"10.0.0.9", "10.0.0.9"}, Case{"0.0.0.0", "0.0.0.0/0"},
                                         Case{"127.0.0.20/28", "127.0.0.16/28"}, Case{"192.0.2.1/32", "192.0.2.1"},
                                         Case{"192.0.2.1/0", "0.0.0.0/0"}, Case{"192.0.2.0/24", "192.0.2.0/24"}));

INSTANTIATE_TEST_SUITE_P(Factorised, AddressForms,
                         testing::Values(Case{"127.0.0.{5,7}", "127.0.0.5 127.0.0.7"}, Case{"127.0.{5,6}", "127.0.5.0/24 127.0.6.0/24"},
                                         Case{"127.{5,6}", "127.5.0.0/16 127.6.0.0/16"}, Case{"{10,127}", "10.0.0.0/8 127.0.0.0/8"},
                                         Case{"127.0.{0,5}", "127.0.0.0/24 127.0.5.0/24"}, Case{"127.0.0.{0}", "127.0.0.0"}));

INSTANTIATE_TEST_SUITE_P(Six, AddressForms,
                         testing::Values(Case{"::1", "::1"}, Case{"2001:db8::/32", "2001:db8::/32"},
                                         Case{"2001:db8::5/64", "2001:db8::/64"}, Case{"2001:db8::", "2001:db8::"},
                                         Case{"fd00:1::5/128", "fd00:1::5"}, Case{"::/0", "::/0"}, Case{"::ffff:192.0.2.1", "192.0.2.1"},
                                         Case{"::ffff:192.0.2.0/120", "192.0.2.0/24"}, Case{"::ffff:192.0.2.0", "192.0.2.0"}));

INSTANTIATE_TEST_SUITE_P(Names, AddressForms,
                         testing::Values(Case{"localhost", "name"}, Case{"host.example", "name"}, Case{".example", "name"},
                                         Case{"testnet", "name"}, Case{"a_b", "name"}, Case{"1.2.3.4x", "name"}));

INSTANTIATE_TEST_SUITE_P(Bad, AddressForms,
                         testing::Values(Case{"192.0.2.256", "bad"}, Case{"192.0.2", "bad"}, Case{"192", "bad"}, Case{"192.0.2.1.", "bad"},
                                         Case{"010.0.0.1", "bad"}, Case{"192.0.2.1/33", "bad"}, Case{"192.0.2.1/", "bad"},
                                         Case{"192.0.2.1/-1", "bad"}, Case{"192.0.2.1/8/8", "bad"}, Case{"192.0/16", "bad"},
                                         Case{"/24", "bad"}, Case{"/", "bad"}, Case{"::1/129", "bad"}, Case{"::1/2000", "bad"},
                                         Case{"::1/80000", "bad"}, Case{"::1/", "bad"}, Case{"::1/+1", "bad"}, Case{"::x", "bad"},
                                         Case{"fe80::1%lo", "bad"}, Case{"192.0.2.{1,2", "bad"}, Case{"192.0.2.{}", "bad"},
                                         Case{"192.0.2.{1,}", "bad"}, Case{"192.0.2.{,1}", "bad"}, Case{"192.0.2.{1,256}", "bad"},
                                         Case{"1.2.3.{4,5,999999999999,}", "bad"}, Case{"192.0.2.1.{1}", "bad"}, Case{"192.0.2{1}", "bad"},
                                         Case{"{1}.2.3.4", "bad"}, Case{"192.{1}{2}", "bad"}, Case{"{", "bad"}, Case{"}", "bad"},
                                         Case{"{}", "bad"}, Case{"192.0.2.1,192.0.2.2", "bad"}, Case{",", "bad"}, Case{".", "bad"},
                                         Case{"..", "bad"}, Case{"a..b", "bad"}, Case{"h\xc3\xb6st", "bad"}, Case{"a*b", "bad"}));

TEST(WildcardPrefix, TrailingZeroOctetsAreWildcards) {
  EXPECT_EQ(to_text(wildcard_prefix(0x7f4d0000)), "127.77.0.0/16");
  EXPECT_EQ(to_text(wildcard_prefix(0x7f000001)), "127.0.0.1");
  EXPECT_EQ(to_text(wildcard_prefix(0x7f000100)), "127.0.1.0/24");
  EXPECT_EQ(to_text(wildcard_prefix(0)), "0.0.0.0/0");
}

}  // namespace
}  // namespace reeve
