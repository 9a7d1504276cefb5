// DNS channel: questions to the name servers of resolv.conf(5), and their answers, on the engine's loop.
//
// c-ares sends, repeats and receives; its sockets stand in one epoll set that the loop watches. Nothing waits longer than
// its deadline (to a tenth of a second). A new resolv.conf holds for the next question. Used by the resolver only.
//
// Bound: kMaxQueries questions that c-ares has not given up yet, those whose deadline is over included; what is more is
// answered with `failed` at once.
#pragma once

#include <coroutine>
#include <memory>
#include <string>
#include <vector>

#include "base/time.h"
#include "base/unique_fd.h"
#include "sys/dns_answer.h"
#include "sys/host_databases.h"
#include "sys/loop.h"

namespace reeve {

class DnsChannel {
 public:
  static constexpr std::size_t kMaxQueries = 512;

  // `servers` instead of those that the file names, for tests: "127.0.0.1:5353,...".
  DnsChannel(Loop& loop, std::string resolv_conf, std::string servers);
  // After Loop::drop_tasks, or before anything was asked.
  ~DnsChannel();
  DnsChannel(const DnsChannel&) = delete;
  DnsChannel& operator=(const DnsChannel&) = delete;

  struct Query;
  class Asking {
   public:
    [[nodiscard]] bool await_ready() const noexcept;
    void await_suspend(std::coroutine_handle<> waiter) noexcept;
    [[nodiscard]] DnsAnswer await_resume() const;

   private:
    friend class DnsChannel;
    explicit Asking(std::shared_ptr<Query> query) noexcept : query_(std::move(query)) {}
    std::shared_ptr<Query> query_;
  };
  [[nodiscard]] Asking ask(const std::string& name, DnsType type, Instant deadline);

 private:
  struct Servers;  // one c-ares channel: the servers of one version of resolv.conf

  void choose_servers(Instant now);
  void begin();
  Task<> receive();
  Task<> tick();
  void process(int readable, int writable);
  void expire(Instant now);
  void resume_finished();

  Loop& loop_;
  FileMark resolv_conf_;
  const std::string fixed_servers_;
  UniqueFd poll_;
  std::vector<std::unique_ptr<Servers>> servers_;  // the last one is in use, the others have questions left
  std::vector<std::shared_ptr<Query>> queries_;
  std::vector<std::shared_ptr<Query>> finished_;
  Instant looked_ = Instant::min();
  bool ticking_ = false;
  bool resuming_ = false;
};

}  // namespace reeve
