#include "record/journal.h"

#include <csignal>
#include <ctime>
#include <thread>
#include <utility>

#include "record/journal_writer.h"
#include "record/line_queue.h"
#include "record/record.h"
#include "record/stamp.h"

namespace reeve {

struct Journal::State {
  std::string program;
  std::int32_t pid;
  bool to_syslog;  // the daemon's log
  std::uint8_t facility;
  Level least;
  StampCache stamps;
  // The thread may be stuck in a write when the Journal is gone.
  std::shared_ptr<LineQueue> queue = std::make_shared<LineQueue>(kQueueBytes);
  std::size_t files = 0;
  std::thread thread;
};

namespace {

constexpr std::chrono::seconds kFarewell{1};
// Longest line; a name or an ident answer is shortened long before.
constexpr std::size_t kMostLine = 4096;

// Signals are the loop's business. Blocked ones also turn a file at its size limit (SIGXFSZ) and a broken
// pipe into errors of write(2).
std::thread start_without_signals(std::shared_ptr<LineQueue> queue, std::string program, DestinationChange::DaemonLogChange daemon_log) {
  sigset_t all, before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_BLOCK, &all, &before);
  std::thread thread([queue = std::move(queue), program = std::move(program), daemon_log = std::move(daemon_log)]() mutable {
    JournalWriter writer(*queue, std::move(program), std::move(daemon_log));
    writer.run();
  });
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return thread;
}

}  // namespace

Journal::Journal(std::string program, std::int32_t pid, DaemonLogTarget daemon_log)
    : state_(new State{.program = program,
                       .pid = pid,
                       .to_syslog = daemon_log.kind == DaemonLogTarget::Kind::syslog,
                       .facility = daemon_log.facility,
                       .least = daemon_log.least}) {
  ::tzset();
  state_->thread = start_without_signals(state_->queue, std::move(program), {pid, std::move(daemon_log)});
}

Journal::~Journal() {
  const SteadyTime deadline = std::chrono::steady_clock::now() + kFarewell;
  state_->queue->close(deadline);
  if (state_->queue->wait_finished(deadline)) {
    state_->thread.join();
  } else {
    state_->thread.detach();
  }
}

void Journal::set_files(std::vector<JournalFile> files) {
  state_->files = files.size();
  DestinationChange change;
  change.files = std::move(files);
  state_->queue->push_change(std::move(change));
}

void Journal::set_daemon_log(std::int32_t pid, DaemonLogTarget daemon_log) {
  state_->pid = pid;
  state_->to_syslog = daemon_log.kind == DaemonLogTarget::Kind::syslog;
  state_->facility = daemon_log.facility;
  state_->least = daemon_log.least;
  DestinationChange change;
  change.daemon_log = DestinationChange::DaemonLogChange{pid, std::move(daemon_log)};
  state_->queue->push_change(std::move(change));
}

void Journal::write_file(std::uint32_t file, WallTime wall, std::string_view line) {
  if (file >= state_->files) return state_->queue->add_lost(1);
  state_->queue->push({.file = file}, {state_->stamps.xinetd(wall), ": ", harmless(line, kMostLine), "\n"});
}

void Journal::write_file_raw(std::uint32_t file, std::string_view line) {
  if (file >= state_->files) return state_->queue->add_lost(1);
  state_->queue->push({.file = file, .is_json = true}, {line, "\n"});
}

void Journal::write_syslog(std::uint8_t facility, std::uint8_t level, WallTime wall, std::string_view line) {
  const std::string header = syslog_header(facility, level, state_->stamps.syslog(wall), state_->program, state_->pid);
  state_->queue->push({.destination = Destination::syslog}, {header, harmless(line, kMostLine), std::string_view("\0", 1)});
}

void Journal::say(Level level, WallTime wall, std::string_view text) {
  if (level > state_->least) return;
  if (state_->to_syslog) return write_syslog(state_->facility, syslog_priority(level), wall, harmless(text));
  state_->queue->push({.destination = Destination::daemon_log}, {daemon_line(state_->program, state_->pid, level, wall, text)});
}

void Journal::say_as(std::uint8_t facility, std::uint8_t priority, WallTime wall, std::string_view text) {
  constexpr std::uint8_t kOwn = 255, kCritical = 2, kDebug = 7;
  const auto level = static_cast<Level>(std::clamp(priority, kCritical, kDebug) - kCritical);
  if (level > state_->least) return;
  if (state_->to_syslog) return write_syslog(facility == kOwn ? state_->facility : facility, priority, wall, harmless(text));
  state_->queue->push({.destination = Destination::daemon_log}, {daemon_line(state_->program, state_->pid, level, wall, text)});
}

bool Journal::flush(std::chrono::milliseconds most) {
  return state_->queue->flush(most);
}

std::uint64_t Journal::lost() const noexcept {
  return state_->queue->lost();
}

}  // namespace reeve
