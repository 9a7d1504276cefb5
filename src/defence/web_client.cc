#include "defence/web_client.h"

#include <algorithm>
#include <curl/curl.h>
#include <list>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/check.h"
#include "base/printable.h"

namespace reeve {
namespace {

constexpr const char* kSchemes = "http,https";
constexpr long kMostRedirects = 3;
constexpr long kMostConnections = 16;  // kept open between requests

struct Transfer {
  WebRequest request;
  WebClient::Done done;
  WebAnswer answer;
  CURL* easy = nullptr;
  curl_slist* headers = nullptr;
  bool is_too_long = false;

  Transfer() = default;
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;
  ~Transfer() {
    ::curl_easy_cleanup(easy);
    ::curl_slist_free_all(headers);
  }
};

std::size_t take(char* bytes, std::size_t size, std::size_t count, void* raw) {
  auto& transfer = *static_cast<Transfer*>(raw);
  const std::size_t all = size * count;
  if (transfer.request.most_bytes == 0) return all;
  if (transfer.answer.body.size() + all > transfer.request.most_bytes) {
    transfer.is_too_long = true;
    return 0;  // ends the transfer
  }
  transfer.answer.body.append(bytes, all);
  return all;
}

// curl_easy_setopt is variadic: each type has its own call.
void set(CURL* easy, CURLoption option, long value) {
  REEVE_CHECK(::curl_easy_setopt(easy, option, value) == CURLE_OK);
}
void set(CURL* easy, CURLoption option, const char* value) {
  REEVE_CHECK(::curl_easy_setopt(easy, option, value) == CURLE_OK);
}

void prepare(Transfer& transfer) {
  CURL* easy = transfer.easy;
  const WebRequest& request = transfer.request;
  set(easy, CURLOPT_NOSIGNAL, 1L);
  set(easy, CURLOPT_PROTOCOLS_STR, kSchemes);
  set(easy, CURLOPT_REDIR_PROTOCOLS_STR, request.url.starts_with("https") ? "https" : kSchemes);
  set(easy, CURLOPT_FOLLOWLOCATION, request.follows ? 1L : 0L);
  set(easy, CURLOPT_MAXREDIRS, kMostRedirects);
  set(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(request.connect_time.count()));
  set(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(request.whole_time.count()));
  set(easy, CURLOPT_USERAGENT, "reeve/" REEVE_VERSION);
  set(easy, CURLOPT_URL, request.url.c_str());
  if (request.most_bytes != 0) set(easy, CURLOPT_ACCEPT_ENCODING, "");
  (void)::curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &take);
  (void)::curl_easy_setopt(easy, CURLOPT_WRITEDATA, &transfer);
  (void)::curl_easy_setopt(easy, CURLOPT_PRIVATE, &transfer);
  if (request.media_type.empty()) return;
  // Without the wait for "100 Continue" that long bodies would have.
  transfer.headers = ::curl_slist_append(transfer.headers, ("Content-Type: " + request.media_type).c_str());
  transfer.headers = ::curl_slist_append(transfer.headers, "Expect:");
  (void)::curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transfer.headers);
  (void)::curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
  set(easy, CURLOPT_POSTFIELDS, request.body.c_str());  // not copied: the Transfer keeps it
}

}  // namespace

struct WebClient::State {
  CURLM* multi = nullptr;
  std::list<Transfer> transfers;

  bool finish_done();
};

std::string reason_of(const WebAnswer& answer) {
  return answer.trouble.empty() ? fmt::format("HTTP {}", answer.status) : answer.trouble;
}

std::string shown_address(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return "?";
  std::string_view rest = url.substr(scheme + 3);
  rest = rest.substr(0, rest.find_first_of("/?#"));
  if (const std::size_t at = rest.rfind('@'); at != std::string_view::npos) rest.remove_prefix(at + 1);
  return printable(fmt::format("{}://{}", url.substr(0, scheme), rest), 200);
}

Result<std::unique_ptr<WebClient>> WebClient::open() {
  // Counted by the library, which is thread-safe here since it was built so (Debian's is).
  if (::curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) return failure("libcurl can't be used");
  auto state = std::make_unique<State>();
  state->multi = ::curl_multi_init();
  if (state->multi == nullptr) return failure("libcurl can't be used");
  (void)::curl_multi_setopt(state->multi, CURLMOPT_MAXCONNECTS, kMostConnections);
  return std::unique_ptr<WebClient>(new WebClient(std::move(state)));
}

WebClient::WebClient(std::unique_ptr<State> state) noexcept : state_(std::move(state)) {}

WebClient::~WebClient() {
  drop_all();
  ::curl_multi_cleanup(state_->multi);
}

void WebClient::drop_all() noexcept {
  for (Transfer& transfer : state_->transfers) ::curl_multi_remove_handle(state_->multi, transfer.easy);
  state_->transfers.clear();
}

void WebClient::start(WebRequest request, Done done) {
  Transfer& transfer = state_->transfers.emplace_back();
  transfer.request = std::move(request);
  transfer.done = std::move(done);
  transfer.easy = ::curl_easy_init();
  REEVE_CHECK(transfer.easy != nullptr);
  prepare(transfer);
  (void)::curl_multi_add_handle(state_->multi, transfer.easy);
}

std::size_t WebClient::running() const noexcept {
  return state_->transfers.size();
}

void WebClient::wait(std::chrono::milliseconds most, std::span<const int> descriptors) {
  std::vector<curl_waitfd> others;
  for (const int fd : descriptors) others.push_back({.fd = fd, .events = CURL_WAIT_POLLIN, .revents = 0});
  int running = 0;
  (void)::curl_multi_perform(state_->multi, &running);
  // Whoever was called may want to do something sooner than he wanted before.
  if (state_->finish_done()) return;
  (void)::curl_multi_poll(state_->multi, others.data(), static_cast<unsigned>(others.size()), static_cast<int>(most.count()), nullptr);
  (void)::curl_multi_perform(state_->multi, &running);
  (void)state_->finish_done();
}

// True: something has ended.
bool WebClient::State::finish_done() {
  bool any = false;
  int left = 0;
  while (const CURLMsg* message = ::curl_multi_info_read(multi, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    const CURLcode code = message->data.result;
    CURL* const easy = message->easy_handle;
    const auto found = std::ranges::find(transfers, easy, &Transfer::easy);
    REEVE_CHECK(found != transfers.end());
    long status = 0;
    (void)::curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    found->answer.status = static_cast<int>(status);
    if (found->is_too_long) {
      found->answer.trouble = fmt::format("the answer is longer than {} bytes", found->request.most_bytes);
    } else if (code != CURLE_OK) {
      found->answer.trouble = ::curl_easy_strerror(code);
    }
    ::curl_multi_remove_handle(multi, easy);
    const Done done = std::move(found->done);
    WebAnswer answer = std::move(found->answer);
    transfers.erase(found);
    done(std::move(answer));  // may start another
    any = true;
  }
  return any;
}

void WebClient::wake() noexcept {
  (void)::curl_multi_wakeup(state_->multi);
}

}  // namespace reeve
