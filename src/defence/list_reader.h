// ListReader: reads lists of networks, from files and from the web, when they are due, on a thread of its own.
//
// Each list is read at once, and then anew after the refresh time; a file also as soon as it has changed. What was read goes
// to `read`, which is called on this thread. Bounds: kMaxListBytes a list, kMaxListedPrefixes all together, a minute for an answer of
// the web. A reading that fails is repeated soon, and changes nothing: nor does one that holds nothing but lines that can't be read.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "config/defence.h"
#include "config/prefix_list.h"
#include "defence/web_client.h"
#include "sys/worker_thread.h"

namespace reeve {

class ListReader {
 public:
  static constexpr std::chrono::seconds kLook{1};       // whether files have changed
  static constexpr std::chrono::minutes kMostPause{5};  // after a failure

  using Read = std::function<void(std::size_t list, Result<PrefixList>)>;

  [[nodiscard]] static Result<std::unique_ptr<ListReader>> start(const BanListTerms& terms, Read read);
  ~ListReader();
  ListReader(const ListReader&) = delete;
  ListReader& operator=(const ListReader&) = delete;

  // Returns soon; nothing is read after that.
  void finish();

 private:
  // By which a change of a file is seen.
  struct Mark {
    std::uint64_t device = 0, inode = 0, size = 0;
    std::int64_t seconds = 0, nanoseconds = 0;
    friend bool operator==(const Mark&, const Mark&) = default;
  };
  struct Listed {
    std::string source;
    Instant due{};
    std::optional<Mark> mark;
    std::size_t prefixes = 0;
    [[nodiscard]] bool is_file() const noexcept { return source.starts_with('/'); }
  };

  ListReader(const BanListTerms& terms, std::unique_ptr<WebClient> client, Read read);

  void run();
  bool wait_until(Instant when);
  [[nodiscard]] static std::optional<Mark> mark_of(const Listed& list);
  void read_list(std::size_t index);
  [[nodiscard]] Result<std::string> text_of(const Listed& list);
  [[nodiscard]] Result<std::string> fetch(const std::string& url);
  [[nodiscard]] bool is_closed();

  std::chrono::minutes refresh_;
  std::vector<Listed> lists_;
  std::unique_ptr<WebClient> client_;
  Read read_;
  std::mutex mutex_;
  std::condition_variable closing_;
  bool closed_ = false;
  std::optional<WorkerThread> thread_;
};

}  // namespace reeve
