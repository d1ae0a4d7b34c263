#include "lab/backup/backup_files.h"

#include <cerrno>
#include <cstring>
#include <system_error>

#include "base/error.h"
#include "base/json.h"

namespace bdrmesh::lab {

namespace fs = std::filesystem;

namespace {

constexpr int kFormat = 1;
constexpr const char* kMeta = "backupmeta";
constexpr const char* kLock = "backup.lock";

/// Go writes the kernel's words in lower case.
std::string words_of(int code) {
  std::string text = std::generic_category().message(code);
  if (!text.empty() && text[0] >= 'A' && text[0] <= 'Z') text[0] = static_cast<char>(text[0] + 32);
  return text;
}

[[noreturn]] void fail(const std::string& what, const fs::path& path, int code) {
  throw Error(ErrorKind::precondition, "LAB_STORAGE",
              what + " " + path.string() + ": " + words_of(code));
}

}  // namespace

std::uint64_t BackupMeta::bytes() const {
  std::uint64_t sum = 0;
  for (const BackedUpTable& table : tables) sum += table.bytes;
  return sum;
}

void RowsChecksum::add(const std::string& tuple) {
  constexpr std::uint64_t kBasis = 0xcbf29ce484222325;
  constexpr std::uint64_t kPrime = 0x100000001b3;
  std::uint64_t hash = kBasis;
  for (const char c : tuple) hash = (hash ^ static_cast<std::uint8_t>(c)) * kPrime;
  value_ += hash;
}

BackupWriter::BackupWriter(fs::path directory, const std::string& uri)
    : directory_(std::move(directory)) {
  std::error_code error;
  fs::create_directories(directory_, error);
  if (error) fail("mkdir", directory_, error.value());
  if (fs::exists(directory_ / kMeta, error) || fs::exists(directory_ / kLock, error)) {
    throw Error(ErrorKind::precondition, "LAB_STORAGE",
                "backup meta file exists in " + uri +
                    ", there may be some backup files in the path already, please specify a "
                    "correct backup directory!: [BR:Common:ErrInvalidArgument]invalid argument");
  }
  open(kLock) << "A backup is kept here; no other one may use this directory.\n";
}

std::ofstream BackupWriter::open(const std::string& name) {
  std::ofstream file(directory_ / name, std::ios::binary);
  if (!file) fail("open", directory_ / name, errno);
  return file;
}

std::string BackupWriter::begin_table() {
  current_ = std::to_string(++files_) + ".rows";
  rows_ = open(current_);
  written_ = 0;
  return current_;
}

void BackupWriter::write(const std::string& tuple) {
  rows_ << tuple << '\n';
  written_ += tuple.size() + 1;
  if (!rows_) fail("write", directory_ / current_, errno);
}

std::uint64_t BackupWriter::end_table() {
  rows_.close();
  if (!rows_) fail("write", directory_ / current_, errno);
  return written_;
}

void BackupWriter::finish(const BackupMeta& meta) {
  Json schemas = Json::array();
  for (const BackedUpSchema& schema : meta.schemas) {
    schemas.push_back({{"name", schema.name}, {"definition", schema.definition}});
  }
  Json tables = Json::array();
  for (const BackedUpTable& table : meta.tables) {
    tables.push_back({{"schema", table.schema},
                      {"name", table.name},
                      {"kind", table.kind},
                      {"definition", table.definition},
                      {"columns", table.columns},
                      {"file", table.file},
                      {"rows", table.rows},
                      {"bytes", table.bytes},
                      {"checksum", table.checksum}});
  }
  const Json all = {{"format", kFormat},       {"cluster_id", meta.cluster_id},
                    {"version", meta.version}, {"backup_ts", meta.backup_ts},
                    {"schemas", schemas},      {"tables", tables}};
  std::ofstream file = open(kMeta);
  file << all.dump(1) << '\n';
  file.close();
  if (!file) fail("write", directory_ / kMeta, errno);
}

BackupMeta read_backup_meta(const fs::path& directory) {
  std::ifstream file(directory / kMeta, std::ios::binary);
  if (!file) fail("open", directory / kMeta, errno);
  BackupMeta meta;
  try {
    const Json all = Json::parse(file);
    meta.cluster_id = all.at("cluster_id").get<std::uint64_t>();
    meta.version = all.at("version").get<std::string>();
    meta.backup_ts = all.at("backup_ts").get<std::uint64_t>();
    for (const Json& schema : all.at("schemas")) {
      meta.schemas.push_back({schema.at("name"), schema.at("definition")});
    }
    for (const Json& table : all.at("tables")) {
      meta.tables.push_back({table.at("schema"), table.at("name"), table.at("kind"),
                             table.at("definition"), table.at("columns"), table.at("file"),
                             table.at("rows"), table.at("bytes"), table.at("checksum")});
    }
  } catch (const Json::exception&) {
    throw Error(ErrorKind::precondition, "LAB_STORAGE",
                "parse backupmeta failed: [BR:Common:ErrInvalidMetaFile]invalid metafile");
  }
  return meta;
}

void read_backup_rows(const fs::path& directory, const std::string& file,
                      const std::function<void(std::string&&)>& take) {
  std::ifstream in(directory / file, std::ios::binary);
  if (!in) fail("open", directory / file, errno);
  std::string line;
  while (std::getline(in, line)) take(std::move(line));
}

}  // namespace bdrmesh::lab
