// What a large configuration costs: parsing in milliseconds, the Configuration in bytes. Prints, judges nothing.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <malloc.h>
#include <string>

#include "config/text_store.h"
#include "parsing.h"

namespace reeve {
namespace {

std::string configuration_text(int services, bool all_differ) {
  std::string text =
      defaults("cps = 100000 1\nlog_type = FILE /var/log/x\nlog_on_success = HOST PID\nlog_on_failure = HOST\nonly_from = 127.0.0.0");
  for (int i = 0; i < services; ++i) {
    const std::string name = "service-" + std::to_string(i);
    std::string lines = "disable = no\nprotocol = tcp\nflags = IPv4\nid = " + name + "-tcp\nserver_args = hello";
    if (all_differ) lines += std::to_string(i) + "\nonly_from = 10.0.0." + std::to_string(1 + i % 250);
    text += service(name, lines, std::to_string(1000 + i));
  }
  return text;
}

std::size_t heap_in_use() {
  const auto info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

template <class Work>
double milliseconds(Work work) {
  double best = 1e9;
  for (int turn = 0; turn < 20; ++turn) {
    const auto begin = std::chrono::steady_clock::now();
    work();
    best = std::min(best, std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count());
  }
  return best;
}

void measure(int services, bool all_differ) {
  const Bundle bundle = bundle_of(configuration_text(services, all_differ));
  FakeNames names;
  const double parse_time = milliseconds([&] { (void)parse(bundle, names, {}); });
  const double codec_time = milliseconds([&] { (void)deserialize(serialize(bundle)); });
  const std::size_t before = heap_in_use();
  const Parsed parsed = parse(bundle, names, {});
  const std::size_t bytes = heap_in_use() - before;
  const std::size_t served = std::max<std::size_t>(parsed.configuration->services.size(), 1);
  std::printf("%6d services, %s: parse %7.2f ms, serialize and deserialize %6.2f ms, %zu bytes each (Service %zu, texts and tables %zu)\n",
              services, all_differ ? "all different" : "one program  ", parse_time, codec_time, bytes / served, sizeof(Service),
              parsed.configuration->store->bytes() / served);
}

}  // namespace
}  // namespace reeve

int main(int argc, char** argv) {
  const int services = argc > 1 ? std::atoi(argv[1]) : 10'000;
  if (services < 1 || services > 60'000) return 2;
  reeve::measure(services, false);
  reeve::measure(services, true);
}
