#include "store/migrations.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <openssl/evp.h>
#include <sstream>

#include "base/clock.h"
#include "base/error.h"
#include "store/durable_file.h"

namespace bdrmesh {
namespace {

struct Applied {
  std::string name;
  std::string checksum;
};

std::string sha256(const std::string& text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  if (EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha256(), nullptr) != 1) {
    throw Error(ErrorKind::bug, "NO_SHA256", "OpenSSL cannot compute SHA-256");
  }
  std::string hex;
  for (unsigned int i = 0; i < size; ++i) {
    std::array<char, 3> two{};
    std::snprintf(two.data(), two.size(), "%02x", static_cast<unsigned int>(digest[i]));
    hex += two.data();
  }
  return hex;
}

bool has_table(sqlite::Connection& connection, std::string_view name) {
  auto query = connection.query("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?");
  return query.bind(name).next();
}

bool is_empty(sqlite::Connection& connection) {
  return !connection.query("SELECT 1 FROM sqlite_schema LIMIT 1").next();
}

std::vector<Applied> applied_migrations(sqlite::Connection& connection) {
  std::vector<Applied> applied;
  auto query = connection.query("SELECT name, sha256 FROM schema_migrations ORDER BY number");
  while (query.next()) applied.push_back({query.text(0), query.text(1)});
  return applied;
}

void require_known_history(const std::string& path, const std::vector<Applied>& applied,
                           const std::vector<Migration>& ours) {
  if (applied.size() > ours.size()) {
    throw Error(ErrorKind::precondition, "STATE_NEWER",
                "the state file " + path + " was written by a newer version: it has " +
                    applied[ours.size()].name,
                "run that version again, or put back the copy made before its migration (" + path +
                    ".before-" + applied[ours.size()].name + ")");
  }
  for (std::size_t i = 0; i < applied.size(); ++i) {
    if (applied[i].name == ours[i].name && applied[i].checksum == sha256(ours[i].sql)) continue;
    throw Error(ErrorKind::precondition, "STATE_CORRUPT",
                "the state file " + path + " was migrated by a " + applied[i].name +
                    " that is not the " + ours[i].name + " of this version",
                "run the version that wrote the file, or put back a backup of it");
  }
}

void copy_before(sqlite::Connection& connection, const std::string& name) {
  if (connection.path() == ":memory:") return;
  const std::string copy = connection.path() + ".before-" + name;
  const std::string part = copy + ".part";
  std::error_code ignored;
  std::filesystem::remove(part, ignored);  // left by an attempt that was interrupted
  connection.query("VACUUM INTO ?").bind(part).run();
  put_on_disk(part);
  std::filesystem::rename(part, copy);
  put_folder_on_disk(copy);
}

void apply(sqlite::Connection& connection, const Migration& migration, std::size_t number) {
  sqlite::Transaction transaction(connection);
  connection.run_script(migration.sql);
  connection.query("INSERT INTO schema_migrations VALUES (?, ?, ?, ?)")
      .bind(static_cast<std::int64_t>(number))
      .bind(migration.name)
      .bind(sha256(migration.sql))
      .bind(to_millis(SystemClock().now()))
      .run();
  transaction.commit();
}

/// @throws Error precondition `STATE_CORRUPT` for a file of another program.
bool is_fresh(sqlite::Connection& connection) {
  if (is_empty(connection)) return true;
  if (has_table(connection, "schema_migrations")) return false;
  throw Error(ErrorKind::precondition, "STATE_CORRUPT",
              connection.path() + " is a database of another program",
              "give [manager] state another path");
}

}  // namespace

std::vector<Migration> migrations_in(const std::string& folder) {
  std::vector<Migration> found;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (entry.path().extension() != ".sql") continue;
    std::ifstream in(entry.path());
    std::ostringstream text;
    text << in.rdbuf();
    found.push_back({entry.path().filename().string(), text.str()});
  }
  if (error) {
    throw Error(ErrorKind::precondition, "STATE_UNUSABLE",
                "cannot read the migrations in " + folder + ": " + error.message());
  }
  std::sort(found.begin(), found.end(),
            [](const Migration& a, const Migration& b) { return a.name < b.name; });
  return found;
}

std::vector<std::string> pending_migrations(sqlite::Connection& connection,
                                            const std::vector<Migration>& migrations) {
  std::vector<std::string> names;
  std::size_t known = 0;
  if (!is_fresh(connection)) {
    const auto applied = applied_migrations(connection);
    require_known_history(connection.path(), applied, migrations);
    known = applied.size();
  }
  for (std::size_t i = known; i < migrations.size(); ++i) names.push_back(migrations[i].name);
  return names;
}

void migrate(sqlite::Connection& connection, const std::vector<Migration>& migrations) {
  const bool fresh = is_fresh(connection);
  if (fresh) {
    connection.run_script(
        "CREATE TABLE schema_migrations (number INTEGER PRIMARY KEY, name TEXT NOT NULL,"
        " sha256 TEXT NOT NULL, applied_ms INTEGER NOT NULL) STRICT");
  }
  const auto applied = applied_migrations(connection);
  require_known_history(connection.path(), applied, migrations);
  for (std::size_t i = applied.size(); i < migrations.size(); ++i) {
    if (!fresh) copy_before(connection, migrations[i].name);
    apply(connection, migrations[i], i + 1);
  }
}

}  // namespace bdrmesh
