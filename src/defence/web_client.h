// WebClient: requests by HTTP and HTTPS, several at a time, without waiting for any of them; over libcurl.
//
// Belongs to one thread, which calls wait() and hears of the ends within it; wake() is everybody's. Certificates are checked
// against the system's. Only http and https, also where an answer sends elsewhere; an answer is kept up to the request's bound,
// and time has a bound too. Nothing of an address but its scheme and host is ever said: the rest may be a secret.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace reeve {

struct WebRequest {
  std::string url;
  std::string body;            // empty and no media type: GET, else POST
  std::string media_type;      // of the body
  bool follows = false;        // other addresses that the answer names, a few
  std::size_t most_bytes = 0;  // of the answer that are kept; 0: it is not looked at
  std::chrono::milliseconds connect_time{5'000}, whole_time{10'000};
};

struct WebAnswer {
  int status = 0;       // of HTTP; 0: there was no answer
  std::string trouble;  // why there was none, or not all of it
  std::string body;
  [[nodiscard]] bool is_good() const noexcept { return trouble.empty() && status >= 200 && status < 300; }
};
// "HTTP 503", or the trouble.
[[nodiscard]] std::string reason_of(const WebAnswer& answer);

// "https://host:port", without what may be secret.
[[nodiscard]] std::string shown_address(std::string_view url);

class WebClient {
 public:
  using Done = std::function<void(WebAnswer)>;

  [[nodiscard]] static Result<std::unique_ptr<WebClient>> open();
  ~WebClient();
  WebClient(const WebClient&) = delete;
  WebClient& operator=(const WebClient&) = delete;

  // `done` is called once, in wait(); not at all when the client goes before.
  void start(WebRequest request, Done done);
  [[nodiscard]] std::size_t running() const noexcept;
  // Nobody hears of what is under way.
  void drop_all() noexcept;
  // Until something has happened on a connection, one of `descriptors` is readable, wake() was called, or the time is over.
  void wait(std::chrono::milliseconds most, std::span<const int> descriptors);
  void wake() noexcept;

 private:
  struct State;
  explicit WebClient(std::unique_ptr<State> state) noexcept;
  std::unique_ptr<State> state_;
};

}  // namespace reeve
