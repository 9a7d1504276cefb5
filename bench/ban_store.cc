// How long a million bans take to be written, to be told once more by an engine that began anew, and to be read at a start, and
// how much memory and disk that is. bench_ban_store [BANS [DIRECTORY]]
#include "defence/ban_store.h"

#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "base/address.h"
#include "sys/clock.h"

namespace {

using namespace reeve;
using namespace std::chrono_literals;

ClockReading now() {
  return {instant_now(), wall_now()};
}

// Addresses as attackers have them: in no order.
BanMessage ban(std::uint32_t each, Instant since) {
  BanMessage message;
  message.prefix = to_wire(Prefix::host(Address::v4(each * 2'654'435'761U)));
  message.since_ns = since.time_since_epoch().count();
  message.until_ns = (since + 24h).time_since_epoch().count();
  put_words(message.reason, "sensor trap");
  return message;
}

double seconds_since(Instant begin) {
  return std::chrono::duration<double>(instant_now() - begin).count();
}

long most_memory_kib() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  return used.ru_maxrss;
}

std::unique_ptr<BanStore> open(const std::string& directory) {
  auto opened = BanStore::open(directory, {}, boot_id(), now());
  if (opened) return std::move(opened->store);
  std::fprintf(stderr, "%s\n", opened.error().what.c_str());
  std::exit(1);
}

// In the batches of the store's thread.
void tell(BanStore& store, std::uint32_t bans, Instant since, bool as_a_whole) {
  constexpr std::uint32_t kAtOnce = 8'192;
  std::vector<StoreChange> changes;
  if (as_a_whole) changes.emplace_back(BeginMessage{});
  for (std::uint32_t each = 0; each < bans; ++each) {
    changes.emplace_back(ban(each, since));
    if (changes.size() < kAtOnce && each + 1 < bans) continue;
    if (as_a_whole && each + 1 == bans) changes.emplace_back(EndOfBansMessage{});
    if (!store.apply(changes, now())) std::exit(1);
    changes.clear();
  }
}

}  // namespace

int main(int argc, char** argv) {
  const auto bans = static_cast<std::uint32_t>(argc > 1 ? std::atoi(argv[1]) : 1'000'000);
  std::string directory = argc > 2 ? argv[2] : "/tmp/reeve-bench-XXXXXX";
  if (argc <= 2 && ::mkdtemp(directory.data()) == nullptr) return 1;
  const Instant since = instant_now();

  auto store = open(directory);
  Instant begin = instant_now();
  tell(*store, bans, since, false);
  std::printf("written       %6.2f s\n", seconds_since(begin));
  begin = instant_now();
  tell(*store, bans, since, true);
  std::printf("told again    %6.2f s, %ld MiB at most\n", seconds_since(begin), most_memory_kib() / 1024);
  begin = instant_now();
  store.reset();
  std::printf("closed        %6.2f s\n", seconds_since(begin));
  std::printf("file          %6.1f MiB\n", static_cast<double>(std::filesystem::file_size(directory + "/bans.db")) / (1 << 20));

  begin = instant_now();
  store = open(directory);
  std::uint32_t found = 0;
  if (!store->load(now(), [&](const BanMessage&) { return ++found != 0; })) return 1;
  std::printf("opened, read  %6.2f s (%u bans)\n", seconds_since(begin), found);
  store.reset();
  if (argc <= 2) std::filesystem::remove_all(directory);
  return found == bans ? 0 : 1;
}
