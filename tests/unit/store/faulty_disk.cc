#include "unit/store/faulty_disk.h"

#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <new>
#include <sqlite3.h>

namespace bdrmesh::fakes {
namespace {

/// What SQLite takes for its file; the real one lies behind it in the same memory.
struct File {
  sqlite3_file base;
  sqlite3_file* real;
  std::string* path;
};

sqlite3_vfs* real_vfs = nullptr;
sqlite3_vfs faulty_vfs;
sqlite3_io_methods methods;

File* own(sqlite3_file* file) { return reinterpret_cast<File*>(file); }
sqlite3_file* real(sqlite3_file* file) { return own(file)->real; }
const sqlite3_io_methods& below(sqlite3_file* file) { return *real(file)->pMethods; }

std::string content_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

int close_file(sqlite3_file* file) {
  const int code = below(file).xClose(real(file));
  delete own(file)->path;
  return code;
}

int write_file(sqlite3_file* file, const void* data, int size, sqlite3_int64 offset) {
  switch (FaultyDisk::instance().next()) {
    case DiskFault::none:
      return below(file).xWrite(real(file), data, size, offset);
    case DiskFault::full:
      return SQLITE_FULL;
    case DiskFault::io_error:
      return SQLITE_IOERR_WRITE;
    case DiskFault::short_write:
      break;
  }
  below(file).xWrite(real(file), data, size / 2, offset);
  return SQLITE_IOERR_WRITE;
}

int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
  if (FaultyDisk::instance().next() != DiskFault::none) return SQLITE_IOERR_TRUNCATE;
  return below(file).xTruncate(real(file), size);
}

int sync_file(sqlite3_file* file, int) {
  if (FaultyDisk::instance().next() != DiskFault::none) return SQLITE_IOERR_FSYNC;
  const std::string* path = own(file)->path;
  if (path != nullptr) FaultyDisk::instance().synced(*path, content_of(*path));
  return SQLITE_OK;
}

// The rest is passed on.
int read_file(sqlite3_file* file, void* data, int size, sqlite3_int64 offset) {
  return below(file).xRead(real(file), data, size, offset);
}
int file_size(sqlite3_file* file, sqlite3_int64* size) {
  return below(file).xFileSize(real(file), size);
}
int lock(sqlite3_file* file, int level) { return below(file).xLock(real(file), level); }
int unlock(sqlite3_file* file, int level) { return below(file).xUnlock(real(file), level); }
int check_lock(sqlite3_file* file, int* out) {
  return below(file).xCheckReservedLock(real(file), out);
}
int control(sqlite3_file* file, int op, void* arg) {
  return below(file).xFileControl(real(file), op, arg);
}
int sector_size(sqlite3_file* file) { return below(file).xSectorSize(real(file)); }
int characteristics(sqlite3_file* file) { return below(file).xDeviceCharacteristics(real(file)); }
int shm_map(sqlite3_file* file, int page, int size, int extend, void volatile** out) {
  return below(file).xShmMap(real(file), page, size, extend, out);
}
int shm_lock(sqlite3_file* file, int offset, int n, int flags) {
  return below(file).xShmLock(real(file), offset, n, flags);
}
void shm_barrier(sqlite3_file* file) { below(file).xShmBarrier(real(file)); }
int shm_unmap(sqlite3_file* file, int remove) { return below(file).xShmUnmap(real(file), remove); }

int open_file(sqlite3_vfs*, sqlite3_filename name, sqlite3_file* file, int flags, int* out) {
  auto* opened = new (file) File{};
  opened->real = reinterpret_cast<sqlite3_file*>(opened + 1);
  const int code = real_vfs->xOpen(real_vfs, name, opened->real, flags, out);
  if (opened->real->pMethods == nullptr) return code;
  if (name != nullptr) opened->path = new std::string(name);
  opened->base.pMethods = &methods;
  return code;
}

int remove_file(sqlite3_vfs*, const char* name, int sync) {
  FaultyDisk::instance().removed(name);
  return real_vfs->xDelete(real_vfs, name, sync);
}

void register_vfs() {
  real_vfs = sqlite3_vfs_find(nullptr);
  faulty_vfs = *real_vfs;
  faulty_vfs.zName = "faulty";
  faulty_vfs.szOsFile = static_cast<int>(sizeof(File)) + real_vfs->szOsFile;
  faulty_vfs.xOpen = &open_file;
  faulty_vfs.xDelete = &remove_file;
  methods.iVersion = 2;  // without memory maps, so that every write comes by
  methods.xClose = &close_file;
  methods.xRead = &read_file;
  methods.xWrite = &write_file;
  methods.xTruncate = &truncate_file;
  methods.xSync = &sync_file;
  methods.xFileSize = &file_size;
  methods.xLock = &lock;
  methods.xUnlock = &unlock;
  methods.xCheckReservedLock = &check_lock;
  methods.xFileControl = &control;
  methods.xSectorSize = &sector_size;
  methods.xDeviceCharacteristics = &characteristics;
  methods.xShmMap = &shm_map;
  methods.xShmLock = &shm_lock;
  methods.xShmBarrier = &shm_barrier;
  methods.xShmUnmap = &shm_unmap;
  sqlite3_vfs_register(&faulty_vfs, 1);
}

}  // namespace

FaultyDisk& FaultyDisk::instance() {
  static FaultyDisk disk;
  static std::once_flag once;
  std::call_once(once, register_vfs);
  return disk;
}

void FaultyDisk::fail_at(DiskFault fault, std::int64_t nth, bool stays) {
  const std::lock_guard guard(mutex_);
  fault_ = fault;
  at_ = nth;
  stays_ = stays;
  operations_ = failures_ = 0;
}

void FaultyDisk::heal() { fail_at(DiskFault::none, 0, false); }

std::int64_t FaultyDisk::operations() const {
  const std::lock_guard guard(mutex_);
  return operations_;
}

std::int64_t FaultyDisk::failures() const {
  const std::lock_guard guard(mutex_);
  return failures_;
}

DiskFault FaultyDisk::next() {
  const std::lock_guard guard(mutex_);
  ++operations_;
  const bool now =
      fault_ != DiskFault::none && (operations_ == at_ || (stays_ && operations_ > at_));
  if (!now) return DiskFault::none;
  ++failures_;
  return fault_;
}

void FaultyDisk::synced(const std::string& path, std::string content) {
  const std::lock_guard guard(mutex_);
  durable_[path] = std::move(content);
}

void FaultyDisk::assume_durable(const std::string& path) {
  removed(path + "-wal");
  synced(path, content_of(path));
}

void FaultyDisk::removed(const std::string& path) {
  const std::lock_guard guard(mutex_);
  durable_.erase(path);
}

void FaultyDisk::copy_after_power_cut(const std::string& path, const std::string& copy) const {
  const std::lock_guard guard(mutex_);
  for (const char* suffix : {"", "-wal"}) {
    std::filesystem::remove(copy + suffix);
    const auto found = durable_.find(path + suffix);
    if (found == durable_.end()) continue;
    std::ofstream(copy + suffix, std::ios::binary) << found->second;
  }
  std::filesystem::remove(copy + "-shm");
}

}  // namespace bdrmesh::fakes
