#include "unit/defence/crashing_files.h"

#include <unistd.h>

#include <csignal>
#include <cstring>
#include <filesystem>
#include <sqlite3.h>
#include <utility>

namespace reeve {
namespace {

namespace fs = std::filesystem;

sqlite3_vfs* real_vfs = nullptr;
sqlite3_vfs vfs;
sqlite3_io_methods methods;
Death the_death;
std::string synced_directory;
int steps = 0;

// One more step; true: it is the last.
bool is_last() {
  return ++steps == the_death.step;
}

[[noreturn]] void die() {
  (void)::kill(::getpid(), SIGKILL);
  for (;;) (void)::pause();
}

struct File {
  sqlite3_file base;
  const char* path;
  sqlite3_file* real;
};
sqlite3_file* real_of(sqlite3_file* file) {
  return reinterpret_cast<File*>(file)->real;
}

std::string copy_of(const std::string& path) {
  return synced_directory + "/" + fs::path(path).filename().string();
}

int write(sqlite3_file* file, const void* bytes, int size, sqlite3_int64 offset) {
  if (is_last()) {
    if (the_death.in_half) (void)real_of(file)->pMethods->xWrite(real_of(file), bytes, size / 2, offset);
    die();
  }
  return real_of(file)->pMethods->xWrite(real_of(file), bytes, size, offset);
}
int truncate(sqlite3_file* file, sqlite3_int64 size) {
  if (is_last()) die();
  return real_of(file)->pMethods->xTruncate(real_of(file), size);
}
// The copy is the disk: nothing needs to be synced for real.
int sync(sqlite3_file* file, int) {
  if (is_last()) die();
  const char* path = reinterpret_cast<File*>(file)->path;
  if (path != nullptr) fs::copy_file(path, copy_of(path), fs::copy_options::overwrite_existing);
  return SQLITE_OK;
}
int remove(sqlite3_vfs*, const char* path, int sync_directory) {
  if (is_last()) die();
  fs::remove(copy_of(path));
  return real_vfs->xDelete(real_vfs, path, sync_directory);
}

int close(sqlite3_file* file) {
  return real_of(file)->pMethods->xClose(real_of(file));
}
int read(sqlite3_file* file, void* bytes, int size, sqlite3_int64 offset) {
  return real_of(file)->pMethods->xRead(real_of(file), bytes, size, offset);
}
int size_of(sqlite3_file* file, sqlite3_int64* size) {
  return real_of(file)->pMethods->xFileSize(real_of(file), size);
}
int lock(sqlite3_file* file, int how) {
  return real_of(file)->pMethods->xLock(real_of(file), how);
}
int unlock(sqlite3_file* file, int how) {
  return real_of(file)->pMethods->xUnlock(real_of(file), how);
}
int is_reserved(sqlite3_file* file, int* result) {
  return real_of(file)->pMethods->xCheckReservedLock(real_of(file), result);
}
int control(sqlite3_file* file, int what, void* argument) {
  return real_of(file)->pMethods->xFileControl(real_of(file), what, argument);
}
int sector(sqlite3_file* file) {
  return real_of(file)->pMethods->xSectorSize(real_of(file));
}
// Without the promises of real disks: nothing but what was synced is safe.
int traits(sqlite3_file*) {
  return 0;
}

int open(sqlite3_vfs*, const char* path, sqlite3_file* file, int flags, int* got) {
  auto* ours = reinterpret_cast<File*>(file);
  ours->path = path;
  ours->real = reinterpret_cast<sqlite3_file*>(ours + 1);
  const int code = real_vfs->xOpen(real_vfs, path, ours->real, flags, got);
  ours->base.pMethods = ours->real->pMethods == nullptr ? nullptr : &methods;
  return code;
}

}  // namespace

void use_crashing_files(const Death& death, std::string synced) {
  the_death = death;
  synced_directory = std::move(synced);
  real_vfs = ::sqlite3_vfs_find(nullptr);
  vfs = *real_vfs;
  vfs.zName = "crashing";
  vfs.szOsFile = static_cast<int>(sizeof(File)) + real_vfs->szOsFile;
  vfs.xOpen = open;
  vfs.xDelete = remove;
  methods = {.iVersion = 1,
             .xClose = close,
             .xRead = read,
             .xWrite = write,
             .xTruncate = truncate,
             .xSync = sync,
             .xFileSize = size_of,
             .xLock = lock,
             .xUnlock = unlock,
             .xCheckReservedLock = is_reserved,
             .xFileControl = control,
             .xSectorSize = sector,
             .xDeviceCharacteristics = traits};
  ::sqlite3_vfs_register(&vfs, 1);
}

void restore_synced(const std::string& directory, const std::string& synced) {
  for (const auto& entry : fs::directory_iterator(directory)) fs::remove(entry.path());
  for (const auto& entry : fs::directory_iterator(synced)) fs::copy_file(entry.path(), directory / entry.path().filename());
}

}  // namespace reeve
