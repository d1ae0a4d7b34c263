// How far behind links were, kept in the state file. Thread-safe.
#pragma once

#include "mesh/lag_book.h"
#include "store/state_store.h"

namespace bdrmesh {

class StoreLagBook final : public LagBook {
 public:
  explicit StoreLagBook(StateStore& store) : store_(store) {}

  void add(const std::vector<LagMinute>& minutes) override {
    std::vector<LagRecord> records;
    records.reserve(minutes.size());
    for (const LagMinute& one : minutes) {
      records.push_back({one.group.value(), one.link.from.value(), one.link.to.value(), one.at,
                         Millis{60'000}, one.most, one.sum, one.samples, one.standing});
    }
    store_.add_lags(records);
  }

 private:
  StateStore& store_;
};

}  // namespace bdrmesh
