// Recorder: turns what happened to a visit into a Record and sends it to its service's log.
//
// The only place of the engine where a log line about a visit is written. What is an offence is told to the penalties.
#pragma once

#include "engine/instance.h"
#include "engine/penalties.h"
#include "engine/post.h"
#include "engine/recent_records.h"
#include "policy/decide.h"
#include "record/journal.h"
#include "record/record.h"

namespace reeve {

class Recorder {
 public:
  Recorder(Journal& journal, RecentRecords& recent, Penalties& penalties) noexcept
      : journal_(journal), recent_(recent), penalties_(penalties) {}

  void started(const Post& post, const std::optional<Endpoint>& source, std::int32_t pid);
  // `service` as it was when the instance started.
  void exited(const Instance& instance, const Service& service, const News* news, Instant now);
  // The end of a relay, with the bytes from and to the client.
  void relayed(const Instance& instance, const Service& service, std::uint64_t bytes_in, std::uint64_t bytes_out, Instant now);
  void refused(Post& post, const std::optional<Endpoint>& source, const Refusal& refusal, int sys_errno);
  // A sensor. Where it guards the ports that nobody has, `local` says which one it was.
  void touched(Post& post, const std::optional<Endpoint>& source, const std::optional<Endpoint>& local, std::uint8_t protocol);
  // Refused because nobody said who it is (IDONLY).
  void unidentified(Post& post, const Endpoint& source, const Refusal& refusal, const RemoteUser& user);
  // Somebody said something to a sensor that listens.
  void heard(const Post& post, const Endpoint& source, const std::optional<Endpoint>& local, std::string_view said);
  void identified(const Post& post, const Endpoint& source, const RemoteUser& user);
  // By the line of hosts.allow or hosts.deny that `path` and `where` name.
  void refused_by_wrappers(Post& post, const std::optional<Endpoint>& source, std::string_view path, Where where);

 private:
  void write(const Post& post, const Service& service, const Record& record);

  Journal& journal_;
  RecentRecords& recent_;
  Penalties& penalties_;
};

}  // namespace reeve
