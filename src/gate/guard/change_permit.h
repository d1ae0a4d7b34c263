// Leave to change a cluster: asked of its token row right before the change. Thread-safe.
#pragma once

#include "gate/token_keeper.h"

namespace bdrmesh {

class ChangePermit {
 public:
  ChangePermit(World& inner, TokenKeeper& tokens, const Clock& clock, ClusterName cluster)
      : inner_(inner), tokens_(tokens), clock_(clock), cluster_(std::move(cluster)) {}

  /// Looks at the token row, and claims it from an earlier start of ours (design §2, rule 10).
  /// Blocks.
  /// @return the call with a deadline within the lease of this look: a change that has not left by
  /// then must not leave.
  /// @throws Error conflict as TokenKeeper::claim; a cluster that nobody holds yet may be changed.
  Call ask(const Call& call) const;
  /// The same, for changes that may take long and so keep their own deadline: a look that took
  /// longer than the lease is taken again.
  void ask_for_long(const Call& call) const;
  void notice(const std::optional<TokenRow>& row) const { tokens_.notice(cluster_, row); }

 private:
  World& inner_;
  TokenKeeper& tokens_;
  const Clock& clock_;
  ClusterName cluster_;
};

}  // namespace bdrmesh
