// The resolver against a name server of the test's own, on loopback.
#include "sys/resolver.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fstream>
#include <map>
#include <mutex>
#include <thread>

#include <gtest/gtest.h>

#include "base/unique_fd.h"
#include "sys/clock.h"
#include "unit/sys/dns_messages.h"

namespace reeve {
namespace {

using namespace std::chrono_literals;

// Answers what it was told to; says that there is no such name to everything else, unless it is silent.
class NameServer {
 public:
  NameServer() : socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::bind(socket_.get(), reinterpret_cast<sockaddr*>(&at), sizeof at), 0);
    socklen_t size = sizeof at;
    ::getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&at), &size);
    port_ = ntohs(at.sin_port);
    int ends[2];
    EXPECT_EQ(::pipe(ends), 0);
    stop_.reset(ends[1]);
    stopped_.reset(ends[0]);
    thread_ = std::thread([this] { run(); });
  }
  ~NameServer() {
    stop_.reset();
    thread_.join();
  }
  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

  void add(WireRecord record) {
    const std::scoped_lock lock(mutex_);
    records_.push_back(std::move(record));
  }
  void add_alias(const std::string& owner, const std::string& target) {
    add(cname_record(owner, target));
    const std::scoped_lock lock(mutex_);
    alias_targets_[owner] = target;
  }
  void set_silent(bool silent) {
    const std::scoped_lock lock(mutex_);
    silent_ = silent;
  }
  void set_rcode(unsigned rcode) {
    const std::scoped_lock lock(mutex_);
    rcode_ = rcode;
  }
  std::size_t questions() {
    const std::scoped_lock lock(mutex_);
    return questions_;
  }

 private:
  void run() {
    for (;;) {
      pollfd both[2] = {{socket_.get(), POLLIN, 0}, {stopped_.get(), POLLIN, 0}};
      if (::poll(both, 2, -1) < 0 || both[1].revents != 0) return;
      Bytes query(512);
      sockaddr_in from{};
      socklen_t size = sizeof from;
      const ssize_t got = ::recvfrom(socket_.get(), query.data(), query.size(), 0, reinterpret_cast<sockaddr*>(&from), &size);
      if (got < 17) continue;
      std::string name;
      std::size_t at = 12;
      for (; query[at] != 0; at += query[at] + 1u)
        name += (name.empty() ? "" : ".") + std::string(&query[at + 1], &query[at + 1] + query[at]);
      const auto type = static_cast<DnsType>(query[at + 1] << 8 | query[at + 2]);
      const Bytes answer = answer_to(static_cast<unsigned>(query[0] << 8 | query[1]), name, type);
      if (!answer.empty()) (void)::sendto(socket_.get(), answer.data(), answer.size(), 0, reinterpret_cast<sockaddr*>(&from), size);
    }
  }
  Bytes answer_to(unsigned id, const std::string& name, DnsType type) {
    const std::scoped_lock lock(mutex_);
    ++questions_;
    if (silent_) return {};
    std::vector<WireRecord> answers;
    std::string owner = name;
    for (std::size_t before = 0; !owner.empty(); before = answers.size()) {
      for (const WireRecord& record : records_) {
        if (record.owner == owner && (record.type == type || record.type == DnsType::cname)) answers.push_back(record);
      }
      const bool is_alias = answers.size() > before && answers.back().type == DnsType::cname;
      owner = is_alias ? alias_targets_[answers.back().owner] : "";
    }
    return answer_message(id, rcode_ != 0 ? rcode_ : answers.empty() ? 3 : 0, name, type, answers, {soa_record("example", 60, 60)});
  }

  UniqueFd socket_, stop_, stopped_;
  std::uint16_t port_ = 0;
  std::mutex mutex_;
  std::vector<WireRecord> records_;
  std::map<std::string, std::string> alias_targets_;
  bool silent_ = false;
  unsigned rcode_ = 0;
  std::size_t questions_ = 0;
  std::thread thread_;
};

class ResolverTest : public testing::Test {
 protected:
  ResolverTest() {
    write("127.0.0.1 localhost\n198.51.100.9 file.example alias.example\n");
    std::ofstream(path("nsswitch")) << "hosts: files dns\n";
  }
  ~ResolverTest() override {
    loop.drop_tasks();
    for (const char* name : {"hosts", "nsswitch"}) ::unlink(path(name).c_str());
  }
  static std::string path(const std::string& name) { return testing::TempDir() + "/resolver-" + std::to_string(::getpid()) + "-" + name; }
  static void write(const std::string& text) { std::ofstream(path("hosts")) << text; }

  void give_name(std::string_view address, std::string_view name, std::uint32_t ttl = 300) {
    server.add(ptr_record(reverse_name(parse_address(address).value()), name, ttl));
  }

  Task<> ask(Address address, HostName& found, int& open) {
    found = co_await resolver.name_of(address);
    if (--open == 0) loop.stop();
  }
  HostName name_of(std::string_view address) {
    HostName found;
    int open = 1;
    loop.start(ask(parse_address(address).value(), found, open));
    while (open != 0) loop.run();
    return found;
  }
  Task<> ask_addresses(std::string name, HostAddresses& found, bool& done) {
    found = co_await resolver.addresses_of(std::move(name));
    done = true;
    loop.stop();
  }
  // "confirmed NAME OTHER... | CLAIM..."
  static std::string text_of(const HostName& name) {
    static constexpr const char* kStates[] = {"unasked", "confirmed", "none", "unconfirmed", "failed"};
    std::string text = kStates[static_cast<int>(name.state)];
    if (!name.name.empty()) text += " " + name.name;
    for (const std::string& one : name.others) text += " " + one;
    if (!name.claims.empty()) text += " |";
    for (const std::string& one : name.claims) text += " " + one;
    return text;
  }

  NameServer server;
  Loop loop;
  Resolver resolver{loop, {.hosts = path("hosts"), .nsswitch = path("nsswitch"), .resolv_conf = "/dev/null", .servers = server.address()}};
};

TEST_F(ResolverTest, ConfirmsNamesThatLeadBack) {
  give_name("192.0.2.1", "Good.Example");
  server.add(address_record("good.example", "192.0.2.77"));
  server.add(address_record("good.example", "192.0.2.1"));
  EXPECT_EQ(text_of(name_of("192.0.2.1")), "confirmed good.example");
  give_name("2001:db8::1", "six.example");
  server.add(address_record("six.example", "2001:db8::1"));
  EXPECT_EQ(text_of(name_of("2001:db8::1")), "confirmed six.example");
}

TEST_F(ResolverTest, ForgedNamesAreClaims) {
  give_name("192.0.2.66", "good.example");
  server.add(address_record("good.example", "192.0.2.1"));
  EXPECT_EQ(text_of(name_of("192.0.2.66")), "unconfirmed | good.example");
  give_name("192.0.2.67", "nowhere.example");
  EXPECT_EQ(text_of(name_of("192.0.2.67")), "unconfirmed | nowhere.example");
  // A name of the right machine in front does not make the second one true.
  give_name("192.0.2.68", "own.example");
  give_name("192.0.2.68", "good.example");
  server.add(address_record("own.example", "192.0.2.68"));
  EXPECT_EQ(text_of(name_of("192.0.2.68")), "confirmed own.example | good.example");
  // The hosts file answers for its names before DNS does.
  give_name("192.0.2.69", "file.example");
  server.add(address_record("file.example", "192.0.2.69"));
  EXPECT_EQ(text_of(name_of("192.0.2.69")), "unconfirmed | file.example");
}

TEST_F(ResolverTest, FollowsAliasesBothWays) {
  // RFC 2317: reverse zones smaller than a /24.
  server.add_alias("7.2.0.192.in-addr.arpa", "7.0/25.2.0.192.in-addr.arpa");
  server.add(ptr_record("7.0/25.2.0.192.in-addr.arpa", "nick.example"));
  server.add_alias("nick.example", "real.example");
  server.add(address_record("real.example", "192.0.2.7"));
  EXPECT_EQ(text_of(name_of("192.0.2.7")), "confirmed nick.example");
}

TEST_F(ResolverTest, NobodyHasNoName) {
  EXPECT_EQ(text_of(name_of("192.0.2.99")), "none");
  give_name("192.0.2.98", "a\nb.example");
  EXPECT_EQ(text_of(name_of("192.0.2.98")), "unconfirmed");
}

TEST_F(ResolverTest, TheHostsFileNeedsNoServer) {
  server.set_silent(true);
  EXPECT_EQ(text_of(name_of("198.51.100.9")), "confirmed file.example | alias.example");
  EXPECT_EQ(text_of(name_of("127.0.0.1")), "confirmed localhost");
  EXPECT_EQ(server.questions(), 0u);
}

TEST_F(ResolverTest, RemembersForAsLongAsTheRecordsSay) {
  give_name("192.0.2.1", "good.example", 1);
  server.add(address_record("good.example", "192.0.2.1"));
  EXPECT_EQ(text_of(name_of("192.0.2.1")), "confirmed good.example");
  EXPECT_EQ(text_of(name_of("192.0.2.1")), "confirmed good.example");
  EXPECT_EQ(server.questions(), 2u);
  std::this_thread::sleep_for(1100ms);  // the one thing that can only be waited for
  EXPECT_EQ(text_of(name_of("192.0.2.1")), "confirmed good.example");
  EXPECT_EQ(server.questions(), 3u) << "the reverse name is asked for again, the other one still holds";
  EXPECT_EQ(text_of(name_of("192.0.2.50")), "none");
  const std::size_t before = server.questions();
  EXPECT_EQ(text_of(name_of("192.0.2.50")), "none");
  EXPECT_EQ(server.questions(), before) << "that there is no name is remembered, too";
}

TEST_F(ResolverTest, EqualQuestionsAreAskedOnce) {
  give_name("192.0.2.1", "good.example");
  server.add(address_record("good.example", "192.0.2.1"));
  std::array<HostName, 20> found;
  int open = static_cast<int>(found.size());
  for (HostName& each : found) loop.start(ask(parse_address("192.0.2.1").value(), each, open));
  EXPECT_EQ(resolver.under_way(), 1u);
  loop.run();
  for (const HostName& each : found) EXPECT_EQ(text_of(each), "confirmed good.example");
  EXPECT_EQ(server.questions(), 2u);
  EXPECT_EQ(resolver.under_way(), 0u);
}

TEST_F(ResolverTest, ASilentServerCostsTwoSeconds) {
  server.set_silent(true);
  const Instant begin = instant_now();
  EXPECT_EQ(text_of(name_of("192.0.2.1")), "failed");
  const auto took = instant_now() - begin;
  EXPECT_GE(took, 1500ms);
  EXPECT_LE(took, 2500ms);
  // And for a while nobody waits for the same again.
  const Instant again = instant_now();
  EXPECT_EQ(text_of(name_of("192.0.2.1")), "failed");
  EXPECT_LE(instant_now() - again, 500ms);
}

TEST_F(ResolverTest, ManyHangingQuestionsEndTogether) {
  server.set_silent(true);
  std::vector<HostName> found(Resolver::kMaxLookups + 100);
  int open = static_cast<int>(found.size());
  const Instant begin = instant_now();
  for (std::size_t each = 0; each < found.size(); ++each)
    loop.start(ask(Address::v4(0xc6336400 + static_cast<std::uint32_t>(each) * 256), found[each], open));
  EXPECT_LE(resolver.under_way(), Resolver::kMaxLookups);
  loop.run();
  EXPECT_LE(instant_now() - begin, 4s);
  for (const HostName& each : found) EXPECT_EQ(text_of(each), "failed");
  EXPECT_EQ(resolver.under_way(), 0u);
}

TEST_F(ResolverTest, AServerThatFailsIsNoAnswer) {
  server.set_rcode(2);
  EXPECT_EQ(text_of(name_of("192.0.2.1")), "failed");
}

TEST_F(ResolverTest, AChangedHostsFileHolds) {
  EXPECT_EQ(text_of(name_of("192.0.2.40")), "none");
  write("192.0.2.40 new.example\n127.0.0.1 localhost localhost.localdomain\n");
  std::this_thread::sleep_for(1100ms);  // it is looked at once a second
  EXPECT_EQ(text_of(name_of("192.0.2.40")), "confirmed new.example");
}

TEST_F(ResolverTest, AddressesOfANameAreOfBothFamilies) {
  server.add(address_record("both.example", "2001:db8::9"));
  server.add(address_record("both.example", "192.0.2.9"));
  HostAddresses found;
  bool done = false;
  loop.start(ask_addresses("both.example", found, done));
  while (!done) loop.run();
  ASSERT_EQ(found.addresses.size(), 2u);
  EXPECT_EQ(to_text(found.addresses[0]), "192.0.2.9");
  EXPECT_EQ(to_text(found.addresses[1]), "2001:db8::9");
  done = false;
  loop.start(ask_addresses("nosuch.example", found, done));
  while (!done) loop.run();
  EXPECT_EQ(found.status, DnsAnswer::Status::none);
}

}  // namespace
}  // namespace reeve
