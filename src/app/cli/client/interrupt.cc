#include "app/cli/client/interrupt.h"

#include <atomic>

namespace bdrmesh {
namespace {

std::atomic<bool> raised_flag{false};
static_assert(std::atomic<bool>::is_always_lock_free);

void raise_flag(int) { raised_flag.store(true); }

}  // namespace

InterruptFlag::InterruptFlag() {
  raised_flag.store(false);
  struct sigaction action {};
  action.sa_handler = raise_flag;
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, &old_int_);
  sigaction(SIGTERM, &action, &old_term_);
}

InterruptFlag::~InterruptFlag() {
  sigaction(SIGINT, &old_int_, nullptr);
  sigaction(SIGTERM, &old_term_, nullptr);
}

bool InterruptFlag::raised() { return raised_flag.load(); }

}  // namespace bdrmesh
