// Database, Statement: SQLite as the store needs it: prepared statements whose errors are values of four kinds.
//
// Used by defence/ban_store. One thread at a time. A Database holds its file alone: another process that opens it is refused
// (Kind::held) until this one is closed or dead. What a transaction committed survives the loss of power.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

struct sqlite3;
struct sqlite3_stmt;

namespace reeve {

struct DatabaseError {
  enum class Kind : std::uint8_t {
    held,     // by another process
    damaged,  // not a database, or one that contradicts itself
    newer,    // made by a later version of reeve
    failed,   // disk full, no permission, disk broken
  } kind = Kind::failed;
  std::string what;
};

template <class T>
using Stored = std::expected<T, DatabaseError>;

// Parameters and columns are counted from 0. A text or blob that was bound must live until the statement is reset.
class Statement {
 public:
  Statement& bind(int at, std::int64_t value) noexcept;
  Statement& bind(int at, std::optional<std::int64_t> value) noexcept;
  Statement& bind(int at, std::string_view text) noexcept;
  Statement& bind(int at, std::span<const std::uint8_t> bytes) noexcept;

  // True: there is a row. After false or an error the statement is ready to be bound anew.
  [[nodiscard]] Stored<bool> step();
  // To the end, whatever the rows.
  [[nodiscard]] Stored<void> run();
  // Before a next use, when not all rows were taken.
  void reset() noexcept;

  [[nodiscard]] std::int64_t number(int column) const noexcept;
  [[nodiscard]] std::optional<std::int64_t> number_if(int column) const noexcept;
  [[nodiscard]] std::string_view text(int column) const noexcept;                // until the next step
  [[nodiscard]] std::span<const std::uint8_t> bytes(int column) const noexcept;  // the same

 private:
  friend class Database;
  struct Finalize {
    void operator()(sqlite3_stmt* raw) const noexcept;
  };
  explicit Statement(sqlite3_stmt* raw) noexcept : raw_(raw) {}
  std::unique_ptr<sqlite3_stmt, Finalize> raw_;
};

class Database {
 public:
  // The file must be there; an empty one is a fresh database. Waits up to five seconds for a holder that is about to end.
  [[nodiscard]] static Stored<Database> open(const std::string& path);

  [[nodiscard]] Stored<Statement> prepare(std::string_view sql);
  // One or more statements without parameters.
  [[nodiscard]] Stored<void> execute(const char* sql);
  [[nodiscard]] Stored<std::int64_t> number(std::string_view sql);  // the first column of the first row
  // Rows that the last statement added, changed or removed.
  [[nodiscard]] std::int64_t changed() const noexcept;

 private:
  struct Close {
    void operator()(sqlite3* raw) const noexcept;
  };
  explicit Database(sqlite3* raw) noexcept : raw_(raw) {}
  std::unique_ptr<sqlite3, Close> raw_;
};

// Ends in commit(), or all is undone.
class Transaction {
 public:
  [[nodiscard]] static Stored<Transaction> begin(Database& database);
  Transaction(Transaction&& other) noexcept : database_(std::exchange(other.database_, nullptr)) {}
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();
  [[nodiscard]] Stored<void> commit();

 private:
  explicit Transaction(Database& database) noexcept : database_(&database) {}
  Database* database_;
};

}  // namespace reeve
