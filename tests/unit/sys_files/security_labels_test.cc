#include "sys/security_labels.h"

#include <cerrno>
#include <cstdlib>

#include <gtest/gtest.h>

namespace reeve {
namespace {

class SecurityLabelsTest : public testing::Test {
 protected:
  void SetUp() override { ::setenv("FAKE_SELINUX_PEER", "user_u:user_r:client_t:s3:c1.c4", 1); }
  void TearDown() override {
    ::unsetenv("FAKE_SELINUX_PEER");
    ::unsetenv("FAKE_SELINUX_IS_OFF");
  }
  SecurityLabels labels{REEVE_FAKE_SELINUX};
};

TEST_F(SecurityLabelsTest, TheProgramHasThePolicysContextWithTheClientsRange) {
  const auto context = labels.context_for(0, "/usr/sbin/ftpd");
  ASSERT_TRUE(context) << context.error().text();
  EXPECT_EQ(*context, "system_u:system_r:ftpd_t:s3:c1.c4");
}

TEST_F(SecurityLabelsTest, WhateverIsNotKnownIsAnError) {
  EXPECT_FALSE(labels.context_for(0, "/nonexistent")) << "no context of the file";
  ::setenv("FAKE_SELINUX_PEER", "user_u:user_r", 1);
  EXPECT_FALSE(labels.context_for(0, "/usr/sbin/ftpd")) << "no range";
  ::unsetenv("FAKE_SELINUX_PEER");
  const auto unlabelled = labels.context_for(0, "/usr/sbin/ftpd");
  ASSERT_FALSE(unlabelled);
  EXPECT_EQ(unlabelled.error().sys_errno, ENOPROTOOPT);
  ::setenv("FAKE_SELINUX_IS_OFF", "1", 1);
  const auto off = labels.context_for(0, "/usr/sbin/ftpd");
  ASSERT_FALSE(off);
  EXPECT_EQ(off.error().sys_errno, EOPNOTSUPP);
}

TEST(SecurityLabels, WithoutTheLibraryThereIsNoContext) {
  EXPECT_FALSE(SecurityLabels("libreeve-none.so.1").context_for(0, "/bin/true"));
  EXPECT_FALSE(SecurityLabels("libc.so.6").context_for(0, "/bin/true")) << "a library without these functions";
}

}  // namespace
}  // namespace reeve
