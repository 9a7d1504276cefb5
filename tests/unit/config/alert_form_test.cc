// Forms that alerts fill in.
#include "config/alert_form.h"

#include <gtest/gtest.h>

namespace reeve {
namespace {

TEST(AlertFormTest, BracesOfJsonAreText) {
  const auto form = parse_alert_form("{\"a\": {\"b\": \"{source}:{source_port}\"}, \"c\": {}, \"d\": \"{Source} { source}\"}");
  ASSERT_TRUE(form);
  ASSERT_EQ(form->pieces.size(), 3u);
  EXPECT_EQ(form->pieces[0].text, "{\"a\": {\"b\": \"");
  EXPECT_EQ(form->pieces[0].field, AlertField::source);
  EXPECT_EQ(form->pieces[1].text, ":");
  EXPECT_EQ(form->pieces[1].field, AlertField::source_port);
  EXPECT_EQ(form->pieces[2].text, "\"}, \"c\": {}, \"d\": \"{Source} { source}\"}");
  EXPECT_FALSE(form->pieces[2].field);
}

TEST(AlertFormTest, AnUnknownFieldIsNamedWithItsLine) {
  const auto form = parse_alert_form("{\n\"a\": \"{source}\",\n\"b\": \"{sorce}\"}");
  ASSERT_FALSE(form);
  EXPECT_EQ(form.error().line, 3u);
  EXPECT_EQ(form.error().what, "no alert has a field {sorce}");
  EXPECT_EQ(form.error().hint, "did you mean `source`?");
  EXPECT_NE(parse_alert_form("{x_y_z_q}").error().hint.find("recorded_hex"), std::string::npos);
}

TEST(AlertFormTest, EveryFieldHasANameOfItsOwn) {
  for (std::size_t each = 0; each < kAlertFields; ++each) {
    const auto field = static_cast<AlertField>(each);
    const auto form = parse_alert_form("{" + std::string(to_text(field)) + "}\n");
    ASSERT_TRUE(form) << to_text(field);
    EXPECT_EQ(form->pieces[0].field, field);
    EXPECT_EQ(form->pieces[1].text, "");
  }
}

}  // namespace
}  // namespace reeve
