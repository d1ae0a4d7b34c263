// What keeps application writes out of a cluster. A gate is announced on the cluster's token row
// before it closes, and its note leaves the row after it opened (design §2 rule 9, §6). Proving
// that transactions ended is the flows' work. Thread-safe.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gate/token_keeper.h"
#include "mesh/gate_view.h"

namespace bdrmesh {

/// Why a gate is closed; stands on the cluster so that anybody can undo it without us.
struct GateNote {
  std::string operation;
  std::string reason;
  std::string since;          ///< RFC 3339
  std::int64_t since_ms = 0;  ///< the same moment, milliseconds since the epoch
  std::string deadline;       ///< when it reopens by itself at the latest, while a manager lives
  /// False proves that the operation has not crossed its point of no return: it is set on every
  /// cluster before anything irreversible is tried.
  bool line_crossed = false;
  /// Belongs to the cluster's role: never expires, and nobody opens it by hand.
  bool standing = false;
};

Json to_json(const GateNote& note);
GateNote gate_note_from(const Json& json);

class WriteGate {
 public:
  virtual ~WriteGate() = default;
  /// Afterwards the note stands on the cluster.
  virtual void announce(const ClusterName& cluster, const GateNote& note, const Call& call) = 0;
  /// Afterwards the note of `operation` says that its line may be crossed from now on.
  /// @throws Error conflict `GATE_NOTE_GONE` when it has no note there.
  virtual void announce_line(const ClusterName& cluster, const std::string& operation,
                             const Call& call) = 0;
  /// Asks the cluster to refuse writes; whether every server has learned it, only `look` tells.
  virtual void close(const ClusterName& cluster, const Call& call) = 0;
  /// Asks every tidb-server by itself. Never throws for one server's silence.
  virtual GateView look(const ClusterName& cluster, const Call& call) = 0;
  /// Opens if the cluster's row carries a note of `operation` and no other, then takes the note
  /// away. Harmless when repeated.
  /// @return false when there was no note of that operation: nothing was touched.
  virtual bool open_if_ours(const ClusterName& cluster, const std::string& operation,
                            const Call& call) = 0;
};

/// `tidb_super_read_only` (tidb-sql §2.2).
class ReadOnlyGate final : public WriteGate {
 public:
  /// @param server_patience how long one server may take to answer before it counts as silent
  ReadOnlyGate(World& world, TokenKeeper& tokens, const Clock& clock,
               Millis server_patience = Millis{2000})
      : world_(world), tokens_(tokens), clock_(clock), server_patience_(server_patience) {}

  void announce(const ClusterName& cluster, const GateNote& note, const Call& call) override;
  void announce_line(const ClusterName& cluster, const std::string& operation,
                     const Call& call) override;
  void close(const ClusterName& cluster, const Call& call) override;
  GateView look(const ClusterName& cluster, const Call& call) override;
  bool open_if_ours(const ClusterName& cluster, const std::string& operation,
                    const Call& call) override;

 private:
  World& world_;
  TokenKeeper& tokens_;
  const Clock& clock_;
  Millis server_patience_;
};

/// The notes of a token row. @throws Error invalid `BAD_TOKEN` for a row that is none of ours in
/// form.
std::vector<GateNote> gate_notes(const TokenRow& row);
std::optional<GateNote> note_of(const TokenRow& row, const std::string& operation);
/// Puts a note into a row in the place of the one of the same operation, or takes it out.
void put_note(TokenRow& row, const GateNote& note);
void take_note(TokenRow& row, const std::string& operation);

}  // namespace bdrmesh
