#include "lab/server/freeze_gate.h"

namespace bdrmesh::lab {

void FreezeGate::freeze() {
  const std::lock_guard lock(mutex_);
  if (!open_) frozen_ = true;
}

void FreezeGate::thaw() {
  const std::lock_guard lock(mutex_);
  frozen_ = false;
  thawed_.notify_all();
}

void FreezeGate::open_for_ever() {
  const std::lock_guard lock(mutex_);
  open_ = true;
  frozen_ = false;
  thawed_.notify_all();
}

void FreezeGate::pass() {
  if (!frozen_) return;
  std::unique_lock lock(mutex_);
  thawed_.wait(lock, [&] { return !frozen_; });
}

}  // namespace bdrmesh::lab
