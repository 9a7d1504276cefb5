// A store whose process is killed, or whose machine loses its power, at each of its steps: what was acknowledged is there, and of no
// batch only a part.
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/address.h"
#include "defence/ban_store.h"
#include "unit/defence/crashing_files.h"
#include "unit/defence/temporary_directory.h"

namespace reeve {
namespace {

using namespace std::chrono_literals;

constexpr int kBatches = 10;
constexpr unsigned kBansInBatch = 40;  // more than a page of rows

ClockReading now() {
  return {Instant(1000s), WallTime(std::chrono::seconds(1'764'072'000))};
}

Prefix banned(int batch, unsigned each) {
  return Prefix::host(Address::v4(0x0a000000U + static_cast<unsigned>(batch) * 256 + each));
}

// Each batch bans some, and takes back the first of the batch before.
std::vector<StoreChange> changes_of(int batch) {
  std::vector<StoreChange> changes;
  for (unsigned each = 0; each < kBansInBatch; ++each) {
    BanMessage ban{.prefix = to_wire(banned(batch, each)), .since_ns = Instant(900s).time_since_epoch().count(), .until_ns = kForEverNs};
    put_words(ban.reason, "sensor trap, which nobody should have touched");
    changes.emplace_back(ban);
  }
  if (batch > 0) changes.emplace_back(LiftMessage{.prefix = to_wire(banned(batch - 1, 0))});
  return changes;
}

std::set<Prefix> state_after(int batches) {
  std::set<Prefix> state;
  for (int batch = 0; batch < batches; ++batch) {
    for (unsigned each = 0; each < kBansInBatch; ++each) state.insert(banned(batch, each));
    if (batch > 0) state.erase(banned(batch - 1, 0));
  }
  return state;
}

std::unique_ptr<BanStore> open(const std::string& directory) {
  auto opened = BanStore::open(directory, {}, "boot", now());
  if (!opened || !opened->moved_to.empty()) return nullptr;
  return std::move(opened->store);
}

// The child: writes the number of each batch once it is kept. In the middle the store is closed and opened again, so
// that SQLite also carries its log into the file and removes it.
[[noreturn]] void write_all(const std::string& directory, int acknowledge) {
  auto store = open(directory);
  for (int batch = 0; batch < kBatches; ++batch) {
    if (batch == kBatches / 2) {
      store.reset();
      store = open(directory);
    }
    if (!store || !store->apply(changes_of(batch), now())) ::_exit(1);
    const auto number = static_cast<char>(batch + 1);
    if (::write(acknowledge, &number, 1) != 1) ::_exit(2);
  }
  store.reset();
  ::_exit(0);
}

enum class Lost { process, power };

// False: the child came to its end alive.
bool die_at(const Death& death, Lost lost, std::set<int>& survived) {
  TemporaryDirectory files, synced;
  int acknowledge[2];
  EXPECT_EQ(::pipe2(acknowledge, O_CLOEXEC), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(acknowledge[0]);
    use_crashing_files(death, synced.path());
    write_all(files.path(), acknowledge[1]);
  }
  ::close(acknowledge[1]);
  int kept = 0;
  for (char number = 0; ::read(acknowledge[0], &number, 1) == 1;) kept = number;
  ::close(acknowledge[0]);
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  const bool was_killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
  EXPECT_TRUE(was_killed || status == 0) << status;
  if (lost == Lost::power) restore_synced(files.path(), synced.path());

  auto store = open(files.path());
  EXPECT_TRUE(store) << "step " << death.step << ": the file is damaged";
  if (!store) return was_killed;
  std::set<Prefix> found;
  const auto loaded = store->load(now(), [&](const BanMessage& ban) {
    found.insert({Address(ban.prefix.address), ban.prefix.bits});
    return true;
  });
  EXPECT_TRUE(loaded) << loaded.error().what;
  // What was under way is there wholly, or not at all.
  const bool is_whole = found == state_after(kept) || (kept < kBatches && found == state_after(kept + 1));
  EXPECT_TRUE(is_whole) << "step " << death.step << ": " << kept << " batches were acknowledged, found are " << found.size() << " bans";
  survived.insert(kept);
  return was_killed;
}

void die_at_every_step(bool in_half, Lost lost) {
  std::set<int> survived;
  int step = 1;
  while (die_at({.step = step, .in_half = in_half}, lost, survived) && !testing::Test::HasFailure()) ++step;
  // It did die everywhere: before the first batch, between all of them, and after the last.
  EXPECT_EQ(survived.size(), static_cast<std::size_t>(kBatches) + 1);
  EXPECT_GT(step, 10 * kBatches);
}

TEST(BanCrash, KilledBeforeAnyStep) {
  die_at_every_step(false, Lost::process);
}

TEST(BanCrash, KilledWithinAnyWrite) {
  die_at_every_step(true, Lost::process);
}

TEST(BanCrash, PowerLostBeforeAnyStep) {
  die_at_every_step(false, Lost::power);
}

}  // namespace
}  // namespace reeve
