// When rpcbind is spoken to: the errands' children are real, the time is the test's.
#include "monitor/rpc_services.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "config/text_store.h"

namespace reeve {
namespace {

class RpcServicesTest : public testing::Test {
 protected:
  void SetUp() override {
    if (::access("/run/rpcbind.sock", F_OK) == 0) GTEST_SKIP() << "a real rpcbind runs here";
  }

  static Generation generation(bool with_service) {
    auto configuration = std::make_shared<Configuration>();
    std::vector<ListenerRef> listeners;
    if (with_service) {
      Service service;
      service.id = service.name = "svc";
      service.types.rpc = true;
      service.rpc = configuration->store->keep(RpcProgram{400001, 1, 3});
      service.place_count = 1;
      configuration->services.push_back(service);
      configuration->places.emplace_back();
      ListenAt at{.type = SOCK_STREAM};
      listeners.push_back(std::make_shared<Listener>(std::move(*bind_listener(at)), at));
    }
    static const Heritage heritage;
    return {1, configuration, {}, Launches(std::make_shared<Configuration>(), heritage), std::move(listeners), {}};
  }

  // Waits for the child of an errand.
  void end_errand(Instant now) {
    ASSERT_FALSE(rpc_.is_idle());
    Reaped reaped;
    reaped.pid = ::wait(&reaped.wait_status);
    EXPECT_FALSE(rpc_.reaped({.pid = reaped.pid + 1}, now));
    EXPECT_TRUE(rpc_.reaped(reaped, now));
  }

  static DaemonLogTarget nowhere() {
    DaemonLogTarget target{.kind = DaemonLogTarget::Kind::file};
    target.fd.reset(::open("/dev/null", O_WRONLY | O_CLOEXEC));
    return target;
  }
  DaemonLog log_{"test", 1, nowhere()};
  RpcServices rpc_{log_};
  const Instant begin_{std::chrono::hours(1)};
};

TEST_F(RpcServicesTest, CostsNothingWithoutRpcServices) {
  rpc_.serve(generation(false), begin_);
  EXPECT_TRUE(rpc_.is_idle());
  EXPECT_FALSE(rpc_.deadline());
  rpc_.retract(begin_);
  EXPECT_TRUE(rpc_.is_idle());
}

TEST_F(RpcServicesTest, TriesAgainLessAndLessOften) {
  rpc_.serve(generation(true), begin_);
  EXPECT_EQ(rpc_.deadline(), begin_ + RpcServices::kPatience);
  Instant now = begin_;
  for (const int pause : {2, 4, 8, 16, 32, 60, 60}) {
    end_errand(now);
    EXPECT_EQ(rpc_.deadline(), now + std::chrono::seconds(pause));
    now = *rpc_.deadline();
    rpc_.deadline_passed(now);
  }
  end_errand(now);
  // Somebody reloads, perhaps since rpcbind is there now.
  rpc_.serve(generation(true), now);
  end_errand(now);
  EXPECT_EQ(rpc_.deadline(), now + std::chrono::seconds(2));
}

TEST_F(RpcServicesTest, AnErrandIsKilledAtItsDeadline) {
  rpc_.serve(generation(true), begin_);
  rpc_.deadline_passed(begin_ + RpcServices::kPatience);
  end_errand(begin_ + RpcServices::kPatience);
  EXPECT_TRUE(rpc_.is_idle());
  EXPECT_TRUE(rpc_.deadline());
}

TEST_F(RpcServicesTest, LeavingEndsIt) {
  rpc_.serve(generation(true), begin_);
  rpc_.retract(begin_);
  end_errand(begin_);
  // What the killed child may have registered is taken back.
  if (!rpc_.is_idle()) {
    EXPECT_EQ(rpc_.deadline(), begin_ + RpcServices::kFarewell);
    end_errand(begin_);
  }
  EXPECT_TRUE(rpc_.is_idle());
  EXPECT_FALSE(rpc_.deadline());
}

}  // namespace
}  // namespace reeve
