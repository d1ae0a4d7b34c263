// What steps and planners work with. Wired once by app/; lives longer than every step.
#pragma once

#include "base/clock.h"
#include "clients/world.h"
#include "gate/token_keeper.h"
#include "gate/write_gate.h"
#include "mesh/feed_board.h"
#include "mesh/link_book.h"
#include "model/desired.h"

namespace bdrmesh::verify {
class CertificateBook;
class CoverageBook;
}  // namespace bdrmesh::verify

namespace bdrmesh::flows {

class HookRunner;
class RedoTool;

struct FlowPorts {
  const Desired& desired;
  World& world;
  const Clock& clock;
  TokenKeeper& tokens;
  WriteGate& gate;
  FeedBoard& feeds;
  LinkBook& links;
  HookRunner* hooks = nullptr;  ///< nullptr: this process runs none
  verify::CertificateBook* certificates =
      nullptr;                               ///< nullptr: only the operation's facts have them
  verify::CoverageBook* coverage = nullptr;  ///< nullptr: nobody asks when tables were proven
  RedoTool* redo = nullptr;                  ///< nullptr: this process cannot run TiCDC's tool
};

}  // namespace bdrmesh::flows
