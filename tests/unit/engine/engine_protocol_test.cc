// The whole engine under a monitor of the test's own: configurations come into force, connections are served or
// handed over, and what became of them is written down.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/message.h"
#include "config/bundle.h"
#include "config/parse.h"
#include "engine/engine.h"
#include "record/daemon_log.h"
#include "sys/listeners.h"

namespace reeve {
namespace {

class OneFile : public FileReader {
 public:
  explicit OneFile(std::string text) : text_(std::move(text)) {}
  Result<std::string> read_file(const std::string&) override { return text_; }
  Result<std::vector<std::string>> list_directory(const std::string&) override { return std::vector<std::string>(); }

 private:
  std::string text_;
};

class NoNames : public Names {
 public:
  std::optional<UserIds> find_user(const std::string&) override { return UserIds{0, 0}; }
  std::optional<std::uint32_t> find_group(const std::string&) override { return 0; }
  std::vector<std::uint32_t> groups_of(const std::string&, std::uint32_t) override { return {}; }
  std::optional<std::uint16_t> find_port(const std::string&, const std::string&) override { return std::nullopt; }
  std::optional<std::uint8_t> find_protocol(const std::string& name) override {
    return std::uint8_t(name == "udp" ? IPPROTO_UDP : IPPROTO_TCP);
  }
  std::optional<std::uint32_t> find_network(const std::string&) override { return std::nullopt; }
  std::optional<std::uint32_t> find_rpc(const std::string&) override { return std::nullopt; }
  bool is_executable(const std::string&) override { return true; }
};

// Whatever rules of tcp wrappers this machine has are not asked.
std::string entry(const std::string& name, const std::string& attributes) {
  return "service " + name + "\n{\n" + (attributes.find("flags") == std::string::npos ? "\tflags = NOLIBWRAP\n" : "") +
         "\ttype = UNLISTED" + (attributes.find("server =") == std::string::npos ? " INTERNAL" : "") +
         "\n\tsocket_type = stream\n\tprotocol = tcp\n\twait = no\n\tuser = root\n\tport = " + std::to_string(name.size()) + "\n" +
         attributes + "}\n";
}

constexpr std::chrono::milliseconds kPatience{10'000};

class FakeMonitor : public testing::Test {
 protected:
  void SetUp() override {
    std::array<int, 2> ends{};
    ASSERT_EQ(0, ::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()));
    socket_.reset(ends[0]);
    std::array<int, 2> log{};
    ASSERT_EQ(0, ::pipe2(log.data(), O_CLOEXEC));
    log_.reset(log[0]);
    engine_ = ::fork();
    if (engine_ == 0) {
      socket_.reset();
      ::_exit(run_engine(UniqueFd(ends[1]), "reeved"));
    }
    ::close(ends[1]);
    log_for_engine_.reset(log[1]);
  }
  void TearDown() override {
    socket_.reset();
    int status = 0;
    ASSERT_EQ(engine_, ::waitpid(engine_, &status, 0));
    EXPECT_TRUE(WIFEXITED(status)) << "an engine without a monitor ends by itself";
    EXPECT_EQ(0, WEXITSTATUS(status));
  }

  template <class Message>
  void send(const Message& message, const std::vector<int>& descriptors) {
    iovec part{const_cast<std::byte*>(as_bytes(message).data()), sizeof message};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(8 * sizeof(int))> control{};
    msghdr header{};
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    if (!descriptors.empty()) {
      header.msg_control = control.data();
      header.msg_controllen = CMSG_SPACE(descriptors.size() * sizeof(int));
      cmsghdr* const item = CMSG_FIRSTHDR(&header);
      item->cmsg_level = SOL_SOCKET;
      item->cmsg_type = SCM_RIGHTS;
      item->cmsg_len = CMSG_LEN(descriptors.size() * sizeof(int));
      std::memcpy(CMSG_DATA(item), descriptors.data(), descriptors.size() * sizeof(int));
    }
    ASSERT_EQ(static_cast<ssize_t>(sizeof message), ::sendmsg(socket_.get(), &header, MSG_NOSIGNAL));
  }

  // The engine's next message, and the descriptor that came with it.
  EngineMessage receive() {
    pollfd ready{socket_.get(), POLLIN, 0};
    EXPECT_EQ(1, ::poll(&ready, 1, static_cast<int>(kPatience.count())));
    alignas(8) std::array<std::byte, 256> bytes{};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
    iovec part{bytes.data(), bytes.size()};
    msghdr header{};
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    header.msg_control = control.data();
    header.msg_controllen = control.size();
    const ssize_t size = ::recvmsg(socket_.get(), &header, MSG_CMSG_CLOEXEC);
    EXPECT_GT(size, 0);
    received_.reset();
    if (const cmsghdr* item = CMSG_FIRSTHDR(&header)) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(item), sizeof fd);
      received_.reset(fd);
    }
    const auto decoded = decode_engine_message({bytes.data(), static_cast<std::size_t>(size)});
    EXPECT_TRUE(decoded);
    return *decoded;
  }

  // Puts `text` into force with a listener on loopback for each service; their ports are in ports_.
  void adopt(const std::string& text, bool keep_listeners) {
    ++generation_;
    OneFile file(text);
    NoNames names;
    auto bundle = gather("/test.conf", file);
    ASSERT_TRUE(bundle);
    const auto recording = recording_names(*bundle, names);
    const Parsed parsed = parse(*bundle, *recording, {});
    for (const Diagnostic& one : parsed.diagnostics) EXPECT_NE(Severity::error, one.severity) << one.text;
    const UniqueFd memory(::memfd_create("bundle", MFD_CLOEXEC));
    const std::string bytes = serialize(*bundle);
    ASSERT_EQ(static_cast<ssize_t>(bytes.size()), ::write(memory.get(), bytes.data(), bytes.size()));
    AdoptMessage adopt{};
    adopt.generation = generation_;
    adopt.services = static_cast<std::uint32_t>(parsed.configuration->services.size());
    adopt.places = static_cast<std::uint32_t>(parsed.configuration->places.size());
    adopt.daemon_pid = ::getpid();
    adopt.process_limit = UINT32_MAX;
    adopt.log_kind = 1;  // a file
    adopt.log_least = static_cast<std::uint8_t>(Level::info);
    adopt.as_root = 1;
    send(adopt, {memory.get(), log_for_engine_.get()});
    std::uint32_t index = 0;
    for (const Service& service : parsed.configuration->services) {
      ListenersMessage message{};
      message.generation = generation_;
      message.count = 1;
      message.entries[0] = {index, kOpenedNow};
      if (keep_listeners) {
        message.entries[0] = {index, index};
        send(message, {});
      } else {
        listeners_.push_back(open(service));
        send(message, {listeners_.back().get()});
      }
      ++index;
    }
    send(CommitMessage{.generation = generation_}, {});
  }
  void expect_ready() {
    const EngineMessage answer = receive();
    const auto* ready = std::get_if<ReadyMessage>(&answer);
    ASSERT_NE(nullptr, ready);
    EXPECT_EQ(generation_, ready->generation);
  }

  UniqueFd open(const Service& service) {
    ListenAt at;
    at.address = *parse_address("127.0.0.1");
    at.family = ListenAt::Family::v4;
    at.type = service.is_stream() ? SOCK_STREAM : SOCK_DGRAM;
    auto listener = bind_listener(at);
    EXPECT_TRUE(listener);
    EXPECT_TRUE(listen_on(listener->fd.get(), at));
    sockaddr_in bound{};
    socklen_t size = sizeof bound;
    EXPECT_EQ(0, ::getsockname(listener->fd.get(), reinterpret_cast<sockaddr*>(&bound), &size));
    ports_.push_back(ntohs(bound.sin_port));
    return std::move(listener->fd);
  }
  UniqueFd dial(std::size_t service) {
    UniqueFd client(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(ports_[service]);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    timeval limit{10, 0};
    ::setsockopt(client.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    EXPECT_EQ(0, ::connect(client.get(), reinterpret_cast<sockaddr*>(&to), sizeof to));
    return client;
  }
  static std::string read_some(const UniqueFd& client) {
    std::array<char, 4096> bytes{};
    const ssize_t count = ::recv(client.get(), bytes.data(), bytes.size(), 0);
    return count > 0 ? std::string(bytes.data(), static_cast<std::size_t>(count)) : std::string();
  }

  pid_t engine_ = -1;
  std::uint32_t generation_ = 0;
  UniqueFd socket_, log_, log_for_engine_, received_;
  std::vector<UniqueFd> listeners_;
  std::vector<std::uint16_t> ports_;
};

TEST_F(FakeMonitor, ServesABuiltInByItself) {
  adopt(entry("echo", ""), false);
  expect_ready();
  const UniqueFd client = dial(0);
  ASSERT_EQ(5, ::send(client.get(), "hello", 5, 0));
  EXPECT_EQ("hello", read_some(client));
}

TEST_F(FakeMonitor, HandsAConnectionOverAndLetsGoOfIt) {
  adopt(entry("cat", "\tserver = /bin/cat\n"), false);
  expect_ready();
  const UniqueFd client = dial(0);
  const EngineMessage message = receive();
  const auto* start = std::get_if<StartMessage>(&message);
  ASSERT_NE(nullptr, start);
  EXPECT_EQ(generation_, start->generation);
  EXPECT_EQ(0u, start->service);
  EXPECT_EQ("127.0.0.1", to_text(Address(start->source.address)));
  ASSERT_TRUE(received_);
  StartedMessage started{};
  started.instance = start->instance;
  started.pid = 4711;
  send(started, {});
  received_.reset();
  EXPECT_EQ("", read_some(client)) << "nobody but the server would have it now";
  ExitedMessage exited{};
  exited.instance = start->instance;
  send(exited, {});
}

TEST_F(FakeMonitor, TriesAgainWhenThereWasNoProcessForItsClient) {
  adopt(entry("cat", "\tserver = /bin/cat\n"), false);
  expect_ready();
  const UniqueFd client = dial(0);
  EngineMessage message = receive();
  const InstanceId instance = std::get<StartMessage>(message).instance;
  StartFailedMessage failed{};
  failed.stage = StartStage::clone;
  failed.sys_errno = EAGAIN;
  failed.instance = instance;
  send(failed, {received_.get()});  // and the client goes back
  message = receive();
  EXPECT_EQ(instance, std::get<StartMessage>(message).instance);
  ASSERT_TRUE(received_);
  ASSERT_EQ(2, ::send(received_.get(), "ok", 2, MSG_NOSIGNAL));
  EXPECT_EQ("ok", read_some(client)) << "it is still the same client";
}

TEST_F(FakeMonitor, CountsInstancesThatAnEngineBeforeItStarted) {
  adopt(entry("cat", "\tserver = /bin/cat\n\tinstances = 1\n"), false);
  expect_ready();
  const UniqueFd first = dial(0);
  const EngineMessage message = receive();
  ASSERT_TRUE(std::holds_alternative<StartMessage>(message));
  const UniqueFd second = dial(0);
  EXPECT_EQ("", read_some(second)) << "refused: the only slot is taken";
}

TEST_F(FakeMonitor, AReloadKeepsTheListenerAndTheCounts) {
  adopt(entry("cat", "\tserver = /bin/cat\n\tinstances = 1\n"), false);
  expect_ready();
  const UniqueFd first = dial(0);
  const EngineMessage message = receive();
  const InstanceId instance = std::get<StartMessage>(message).instance;
  StartedMessage started{};
  started.instance = instance;
  started.pid = 4711;
  send(started, {});
  adopt(entry("cat", "\tserver = /bin/cat\n\tinstances = 1\n\tnice = 3\n"), true);
  expect_ready();
  const UniqueFd second = dial(0);
  EXPECT_EQ("", read_some(second)) << "the instance from before the reload still has the only slot";
}

TEST_F(FakeMonitor, AsksForTheEndOfInstancesWhoseClientsLostTheirPermission) {
  adopt(entry("cat", "\tserver = /bin/cat\n"), false);
  expect_ready();
  const UniqueFd client = dial(0);
  EngineMessage message = receive();
  const InstanceId instance = std::get<StartMessage>(message).instance;
  StartedMessage started{};
  started.instance = instance;
  started.pid = 4711;
  send(started, {});
  adopt(entry("cat", "\tserver = /bin/cat\n\tno_access = 127.0.0.0/8\n"), true);
  message = receive();
  ASSERT_TRUE(std::holds_alternative<EndMessage>(message));
  EXPECT_EQ(instance, std::get<EndMessage>(message).instance);
  expect_ready();
}

TEST_F(FakeMonitor, ASensorBansItsVisitorButNeverTheAddressItStandsAt) {
  adopt(entry("atrap", "\tflags = SENSOR\n\tdeny_time = FOREVER\n") + entry("echo", "\tid = echo\n"), false);
  expect_ready();
  const UniqueFd caught = dial(0);  // from 127.0.0.1 to 127.0.0.1: our own address
  EXPECT_EQ("", read_some(caught));
  const UniqueFd client = dial(1);
  ASSERT_EQ(1, ::send(client.get(), "x", 1, 0));
  EXPECT_EQ("x", read_some(client));
}

}  // namespace
}  // namespace reeve
