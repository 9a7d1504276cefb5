#include "defence/list_reader.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include <fmt/format.h>

#include "sys/clock.h"

namespace reeve {
namespace {

Result<std::string> file_text(const std::string& path) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  struct stat status {};
  if (!fd || ::fstat(fd.get(), &status) != 0) return failure("open " + path, errno);
  if (!S_ISREG(status.st_mode)) return failure(path + " is not a regular file");
  std::string text;
  std::vector<char> chunk(64u << 10);
  for (;;) {
    const ssize_t count = ::read(fd.get(), chunk.data(), chunk.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failure("read " + path, errno);
    if (count == 0) return text;
    if (text.size() + static_cast<std::size_t>(count) > kMaxListBytes)
      return failure(fmt::format("{} is larger than {} MiB", path, kMaxListBytes >> 20));
    text.append(chunk.data(), static_cast<std::size_t>(count));
  }
}

}  // namespace

Result<std::unique_ptr<ListReader>> ListReader::start(const BanListTerms& terms, Read read) {
  auto client = WebClient::open();
  if (!client) return std::unexpected(client.error());
  std::unique_ptr<ListReader> made(new ListReader(terms, std::move(*client), std::move(read)));
  auto thread = WorkerThread::start("reeve-lists", [self = made.get()] { self->run(); });
  if (!thread) return std::unexpected(thread.error());
  made->thread_.emplace(std::move(*thread));
  return made;
}

ListReader::ListReader(const BanListTerms& terms, std::unique_ptr<WebClient> client, Read read)
    : refresh_(terms.refresh), client_(std::move(client)), read_(std::move(read)) {
  for (const BanList& list : terms.lists) lists_.push_back({.source = list.source});
}

ListReader::~ListReader() {
  finish();
}

void ListReader::finish() {
  if (!thread_) return;
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  closing_.notify_all();
  client_->wake();
  thread_->join();
  thread_.reset();
}

bool ListReader::is_closed() {
  const std::lock_guard lock(mutex_);
  return closed_;
}

// False: finish() was called.
bool ListReader::wait_until(Instant when) {
  std::unique_lock lock(mutex_);
  // In pieces: the condition's clock stands still while the machine sleeps.
  const auto most = std::clamp<std::chrono::nanoseconds>(when - instant_now(), std::chrono::nanoseconds(0), kLook);
  closing_.wait_for(lock, most, [this] { return closed_; });
  return !closed_;
}

std::optional<ListReader::Mark> ListReader::mark_of(const Listed& list) {
  struct stat status {};
  if (!list.is_file() || ::stat(list.source.c_str(), &status) != 0) return std::nullopt;
  return Mark{.device = status.st_dev,
              .inode = status.st_ino,
              .size = static_cast<std::uint64_t>(status.st_size),
              .seconds = status.st_mtim.tv_sec,
              .nanoseconds = status.st_mtim.tv_nsec};
}

void ListReader::run() {
  while (!is_closed()) {
    Instant first = instant_now() + refresh_;
    for (std::size_t each = 0; each < lists_.size() && !is_closed(); ++each) {
      Listed& list = lists_[each];
      const bool has_changed = list.is_file() && mark_of(list) != list.mark;
      if (has_changed || instant_now() >= list.due) read_list(each);
      first = std::min(first, list.due);
      if (list.is_file()) first = std::min(first, instant_now() + kLook);
    }
    if (!wait_until(first)) return;
  }
}

void ListReader::read_list(std::size_t index) {
  Listed& list = lists_[index];
  list.mark = mark_of(list);  // before it is read: what changes meanwhile is seen next time
  const auto text = text_of(list);
  if (is_closed()) return;
  Result<PrefixList> read = failure("");
  if (text) {
    std::size_t others = 0;
    for (std::size_t each = 0; each < lists_.size(); ++each) others += each == index ? 0 : lists_[each].prefixes;
    read = parse_prefix_list(*text, kMaxListedPrefixes - std::min(kMaxListedPrefixes, others));
    if (read->prefixes.empty() && read->refused != 0) read = failure("it is no list: " + refusals_text(*read));
  } else {
    read = std::unexpected(text.error());
  }
  if (read) list.prefixes = read->prefixes.size();
  list.due = instant_now() + (read ? refresh_ : std::min(refresh_, kMostPause));
  read_(index, std::move(read));
}

Result<std::string> ListReader::text_of(const Listed& list) {
  return list.is_file() ? file_text(list.source) : fetch(list.source);
}

Result<std::string> ListReader::fetch(const std::string& url) {
  constexpr std::chrono::seconds kConnect{10}, kWhole{60};
  std::optional<WebAnswer> answer;
  client_->start({.url = url, .follows = true, .most_bytes = kMaxListBytes, .connect_time = kConnect, .whole_time = kWhole},
                 [&](WebAnswer heard) { answer = std::move(heard); });
  while (!answer && !is_closed()) client_->wait(kWhole, {});
  if (!answer) {
    client_->drop_all();
    return failure("it was not finished");
  }
  if (!answer->is_good()) return failure(shown_address(url) + ": " + reason_of(*answer));
  return std::move(answer->body);
}

}  // namespace reeve
