#include "record/journal_writer.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "record/stamp.h"

namespace reeve {
namespace {

WallTime wall_now() {
  return std::chrono::system_clock::now();
}

std::string reason(int sys_errno) {
  return std::generic_category().message(sys_errno);
}

}  // namespace

JournalWriter::JournalWriter(LineQueue& queue, std::string program, DestinationChange::DaemonLogChange daemon_log)
    : queue_(queue), program_(std::move(program)), syslog_(daemon_log.target.syslog_path) {
  adopt_daemon_log(std::move(daemon_log));
}

void JournalWriter::run() {
  LineBatch batch;
  while (queue_.take(batch, pending_bytes(), next_write())) {
    batch.consume([this](const LineHeader& header, std::string_view text) { place(header, text); },
                  [this](DestinationChange&& change) { adopt(std::move(change)); });
    account(std::exchange(batch.dropped, {}));
    write_all();
  }
  queue_.finish();
}

void JournalWriter::place(const LineHeader& header, std::string_view text) {
  switch (header.destination) {
    case Destination::file:
      return place_in_file(header, text);
    case Destination::syslog:
      return add(syslog_, text);
    case Destination::daemon_log:
      return add(daemon_file_ ? static_cast<Sink&>(*daemon_file_) : syslog_, text);
    case Destination::change:
      return;
  }
}

void JournalWriter::place_in_file(const LineHeader& header, std::string_view line) {
  if (header.file >= files_.size() || !files_[header.file]->is_open()) return queue_.add_lost(1);
  FileSink& sink = *files_[header.file];
  sink.has_json = header.is_json;
  const JournalFile& file = sink.file();
  const std::string whose = file.service.empty() ? "" : fmt::format("service {}: ", file.service);
  switch (sink.admit(line.size())) {
    case FileSink::Admission::ended:
      return queue_.add_lost(1);
    case FileSink::Admission::hard_limit:
      queue_.add_lost(1);
      return say(Level::error, fmt::format("{}log file {} has reached its hard limit of {} bytes: logging to it ends", whose, file.path,
                                           file.hard_limit));
    case FileSink::Admission::soft_limit:
      say(Level::warning, fmt::format("{}log file {} has passed its soft limit of {} bytes", whose, file.path, file.soft_limit));
      [[fallthrough]];
    case FileSink::Admission::free:
      return add(sink, line);
  }
}

void JournalWriter::add(Sink& sink, std::string_view message) {
  if (!sink.add(message)) queue_.add_lost(1);
}

void JournalWriter::say(Level level, std::string_view text) {
  if (level > daemon_target_.least) return;
  const WallTime wall = wall_now();
  if (daemon_file_) {
    if (daemon_file_->is_open()) add(*daemon_file_, daemon_line(program_, pid_, level, wall, text));
    return;
  }
  std::string message = syslog_header(daemon_target_.facility, syslog_priority(level), syslog_stamp(wall), program_, pid_);
  message.append(text).push_back('\0');
  add(syslog_, message);
}

void JournalWriter::adopt(DestinationChange change) {
  account(change.dropped);
  if (change.files) {
    for (auto& sink : files_) retire(std::move(sink));
    files_.clear();
    for (JournalFile& file : *change.files) files_.push_back(std::make_unique<FileSink>(std::move(file)));
  }
  if (change.daemon_log) adopt_daemon_log(std::move(*change.daemon_log));
}

void JournalWriter::adopt_daemon_log(DestinationChange::DaemonLogChange change) {
  if (daemon_file_) retire(std::exchange(daemon_file_, nullptr));
  pid_ = change.pid;
  daemon_target_ = std::move(change.target);
  if (daemon_target_.kind == DaemonLogTarget::Kind::syslog) return;
  const bool is_stderr = daemon_target_.kind == DaemonLogTarget::Kind::stderr_;
  if (is_stderr) daemon_target_.fd.reset(::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3));
  daemon_file_ =
      std::make_unique<FileSink>(JournalFile{.fd = std::move(daemon_target_.fd), .path = is_stderr ? "stderr" : daemon_target_.path});
}

void JournalWriter::retire(std::unique_ptr<FileSink> sink) {
  if (!sink->is_settled()) retired_.push_back({std::move(sink), std::chrono::steady_clock::now() + kRetirement});
}

void JournalWriter::account(const Dropped& dropped) {
  for (std::size_t i = 0; i < dropped.files.size() && i < files_.size(); ++i) files_[i]->add_dropped(dropped.files[i]);
  syslog_.add_dropped(dropped.syslog);
  if (daemon_file_) {
    daemon_file_->add_dropped(dropped.daemon_log);
  } else {
    syslog_.add_dropped(dropped.daemon_log);
  }
}

void JournalWriter::write_all() {
  const SteadyTime now = std::chrono::steady_clock::now();
  for (const auto& sink : files_) write_file(*sink, now);
  for (const Retired& retired : retired_) write_file(*retired.sink, now);
  drop_expired(now);
  // These two last: what the others tell goes there.
  write_syslog(now);
  write_daemon_log(now);
}

void JournalWriter::write_file(FileSink& sink, SteadyTime now) {
  sink.write(now);
  if (const auto failed = sink.take_failure(now)) {
    say(Level::error, fmt::format("log file {} can't be written: {}", sink.name(), reason(*failed)));
  }
  const auto recovery = sink.take_recovery(now);
  if (!recovery) return;
  tell(sink, *recovery);
  if (recovery->lost == 0) return;
  const WallTime wall = wall_now();
  const std::string line = sink.has_json
                               ? fmt::format("{{\"time\":\"{}\",\"event\":\"lost\",\"messages\":{}}}\n", json_stamp(wall), recovery->lost)
                               : fmt::format("{}: {} messages lost\n", xinetd_stamp(wall), recovery->lost);
  if (sink.admit(line.size()) < FileSink::Admission::hard_limit) sink.add(line);
  sink.write(now);
}

void JournalWriter::write_syslog(SteadyTime now) {
  queue_.add_lost(syslog_.write(now));
  if (const auto failed = syslog_.take_failure(now); failed && daemon_file_) {
    say(Level::error, fmt::format("syslog can't be reached at {}: {}", syslog_.name(), reason(*failed)));
  }
  const auto recovery = syslog_.take_recovery(now);
  if (!recovery) return;
  tell(syslog_, *recovery);
  if (recovery->lost > 0 && daemon_file_) {
    std::string message = syslog_header(daemon_target_.facility, syslog_priority(Level::warning), syslog_stamp(wall_now()), program_, pid_);
    message.append(fmt::format("{} messages lost", recovery->lost)).push_back('\0');
    add(syslog_, message);
  }
  syslog_.write(now);
}

void JournalWriter::write_daemon_log(SteadyTime now) {
  if (!daemon_file_ || !daemon_file_->is_open()) return;
  daemon_file_->write(now);
  const auto recovery = daemon_file_->take_recovery(now);
  if (!recovery) return;
  tell(*daemon_file_, *recovery);
  daemon_file_->write(now);
}

void JournalWriter::tell(const Sink& sink, const Sink::Recovery& recovery) {
  const auto seconds = std::chrono::duration<double>(recovery.lasted).count();
  const std::string why =
      recovery.sys_errno == 0 ? std::string("the queue was full") : fmt::format("{} for {:.1f} s", reason(recovery.sys_errno), seconds);
  // What filled one file's disk often filled the daemon's, too.
  if (daemon_file_) daemon_file_->try_again();
  say(Level::warning, fmt::format("log {}: {} messages late, {} messages lost ({})", sink.name(), recovery.late, recovery.lost, why));
}

void JournalWriter::drop_expired(SteadyTime now) {
  std::erase_if(retired_, [&](const Retired& retired) {
    const std::uint64_t messages = retired.sink->pending_messages();
    if (messages > 0 && now < retired.until) return false;
    if (messages > 0) {
      queue_.add_lost(messages);
      say(Level::warning, fmt::format("log {}: {} messages lost (the file was replaced)", retired.sink->name(), messages));
    }
    return true;
  });
}

template <class Visit>
void JournalWriter::for_each_sink(Visit visit) const {
  for (const auto& sink : files_) visit(*sink);
  for (const Retired& retired : retired_) visit(*retired.sink);
  visit(syslog_);
  if (daemon_file_) visit(*daemon_file_);
}

std::size_t JournalWriter::pending_bytes() const noexcept {
  std::size_t bytes = 0;
  for_each_sink([&](const Sink& sink) { bytes += sink.pending_bytes(); });
  return bytes;
}

std::optional<SteadyTime> JournalWriter::next_write() const noexcept {
  std::optional<SteadyTime> next;
  for_each_sink([&](const Sink& sink) {
    const auto at = sink.next_write();
    if (at && (!next || *at < *next)) next = at;
  });
  return next;
}

}  // namespace reeve
