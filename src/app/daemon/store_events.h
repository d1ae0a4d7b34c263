// Events of the mesh, kept in the state file. Thread-safe.
#pragma once

#include "mesh/chronicle.h"
#include "store/state_store.h"

namespace bdrmesh {

class StoreEvents final : public EventSink {
 public:
  explicit StoreEvents(StateStore& store) : store_(store) {}

  void tell(const MeshEvent& event) override {
    store_.add_event({0, event.at, event.severity, "", event.subject, event.text});
  }

 private:
  StateStore& store_;
};

}  // namespace bdrmesh
