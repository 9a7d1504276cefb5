#include "defence/database.h"

#include <cstddef>
#include <sqlite3.h>

namespace reeve {
namespace {

constexpr int kPatienceMs = 5'000;  // for a holder that ends

DatabaseError error_of(sqlite3* raw, int code) {
  using Kind = DatabaseError::Kind;
  DatabaseError error;
  switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      error.kind = Kind::held;
      break;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_MISMATCH:
    case SQLITE_ERROR:  // a table or a column that should be there is not
      error.kind = Kind::damaged;
      break;
    default:
      error.kind = Kind::failed;
  }
  error.what = raw != nullptr ? ::sqlite3_errmsg(raw) : ::sqlite3_errstr(code);
  return error;
}

std::unexpected<DatabaseError> refused(sqlite3* raw, int code) {
  return std::unexpected(error_of(raw, code));
}

}  // namespace

// ---- Statement

void Statement::Finalize::operator()(sqlite3_stmt* raw) const noexcept {
  ::sqlite3_finalize(raw);
}

// A bind fails only by a wrong number (then the statement's result is wrong in every test) or without memory.
Statement& Statement::bind(int at, std::int64_t value) noexcept {
  ::sqlite3_bind_int64(raw_.get(), at + 1, value);
  return *this;
}

Statement& Statement::bind(int at, std::optional<std::int64_t> value) noexcept {
  if (value) return bind(at, *value);
  ::sqlite3_bind_null(raw_.get(), at + 1);
  return *this;
}

Statement& Statement::bind(int at, std::string_view text) noexcept {
  ::sqlite3_bind_text(raw_.get(), at + 1, text.data(), static_cast<int>(text.size()), nullptr);
  return *this;
}

Statement& Statement::bind(int at, std::span<const std::uint8_t> bytes) noexcept {
  ::sqlite3_bind_blob(raw_.get(), at + 1, bytes.data(), static_cast<int>(bytes.size()), nullptr);
  return *this;
}

Stored<bool> Statement::step() {
  const int code = ::sqlite3_step(raw_.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) {
    ::sqlite3_reset(raw_.get());
    return false;
  }
  DatabaseError error = error_of(::sqlite3_db_handle(raw_.get()), code);
  ::sqlite3_reset(raw_.get());
  return std::unexpected(std::move(error));
}

Stored<void> Statement::run() {
  for (;;) {
    const auto row = step();
    if (!row) return std::unexpected(row.error());
    if (!*row) return {};
  }
}

void Statement::reset() noexcept {
  ::sqlite3_reset(raw_.get());
}

std::int64_t Statement::number(int column) const noexcept {
  return ::sqlite3_column_int64(raw_.get(), column);
}

std::optional<std::int64_t> Statement::number_if(int column) const noexcept {
  if (::sqlite3_column_type(raw_.get(), column) == SQLITE_NULL) return std::nullopt;
  return number(column);
}

std::string_view Statement::text(int column) const noexcept {
  const auto* bytes = ::sqlite3_column_text(raw_.get(), column);
  const int size = ::sqlite3_column_bytes(raw_.get(), column);
  if (bytes == nullptr) return {};
  return {reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size)};
}

std::span<const std::uint8_t> Statement::bytes(int column) const noexcept {
  const auto* bytes = static_cast<const std::uint8_t*>(::sqlite3_column_blob(raw_.get(), column));
  const int size = ::sqlite3_column_bytes(raw_.get(), column);
  if (bytes == nullptr) return {};
  return {bytes, static_cast<std::size_t>(size)};
}

// ---- Database

void Database::Close::operator()(sqlite3* raw) const noexcept {
  ::sqlite3_close_v2(raw);
}

Stored<Database> Database::open(const std::string& path) {
  sqlite3* raw = nullptr;
  // One thread at a time, so no mutexes. A link in the place of the file is not followed.
  const int code = ::sqlite3_open_v2(path.c_str(), &raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW, nullptr);
  Database database(raw);
  if (code != SQLITE_OK) return refused(raw, code);
  ::sqlite3_extended_result_codes(raw, 1);
  ::sqlite3_busy_timeout(raw, kPatienceMs);
  // The file may be anybody's work: no functions from its schema, no writing to SQLite's own tables.
  ::sqlite3_db_config(raw, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  ::sqlite3_db_config(raw, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  // Held alone from the first access on: then SQLite needs no shared memory beside the file. Written to disk at each commit
  // (FULL): with NORMAL a commit survives our own death, but not the machine's, and somebody was told that it is kept.
  // auto_vacuum: after an attack the file shrinks again.
  const char* terms =
      "PRAGMA locking_mode = EXCLUSIVE;"
      "PRAGMA auto_vacuum = INCREMENTAL;"
      "PRAGMA journal_mode = WAL;"
      "PRAGMA synchronous = FULL;"
      "PRAGMA cell_size_check = ON;"
      "PRAGMA temp_store = MEMORY;"
      "PRAGMA mmap_size = 0;"
      "PRAGMA cache_size = -8192;"
      "PRAGMA journal_size_limit = 16777216;";
  if (auto done = database.execute(terms); !done) return std::unexpected(std::move(done.error()));
  // Takes the lock now, not with the first ban.
  if (auto done = database.execute("BEGIN EXCLUSIVE; COMMIT;"); !done) return std::unexpected(std::move(done.error()));
  return database;
}

Stored<Statement> Database::prepare(std::string_view sql) {
  sqlite3_stmt* raw = nullptr;
  const int code = ::sqlite3_prepare_v3(raw_.get(), sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT, &raw, nullptr);
  if (code != SQLITE_OK) return refused(raw_.get(), code);
  return Statement(raw);
}

Stored<void> Database::execute(const char* sql) {
  const int code = ::sqlite3_exec(raw_.get(), sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return refused(raw_.get(), code);
  return {};
}

Stored<std::int64_t> Database::number(std::string_view sql) {
  auto statement = prepare(sql);
  if (!statement) return std::unexpected(std::move(statement.error()));
  const auto row = statement->step();
  if (!row) return std::unexpected(row.error());
  return *row ? statement->number(0) : 0;
}

std::int64_t Database::changed() const noexcept {
  return ::sqlite3_changes64(raw_.get());
}

// ---- Transaction

Stored<Transaction> Transaction::begin(Database& database) {
  if (auto done = database.execute("BEGIN IMMEDIATE"); !done) return std::unexpected(std::move(done.error()));
  return Transaction(database);
}

Transaction::~Transaction() {
  // SQLite may have rolled back by itself already.
  if (database_ != nullptr) (void)database_->execute("ROLLBACK");
}

Stored<void> Transaction::commit() {
  if (auto done = database_->execute("COMMIT"); !done) return done;
  database_ = nullptr;
  return {};
}

}  // namespace reeve
