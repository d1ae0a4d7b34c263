// Finds passwords: `file:/path`, `env:NAME`, `exec:COMMAND`. The text goes into a Secret and
// nowhere else. Thread-safe.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/secret.h"
#include "model/desired.h"

namespace bdrmesh {

struct ResolvedSecret {
  Secret secret;
  std::string warning;  ///< what a person should mend, such as a file that everybody can read;
                        ///< empty when nothing
};

/// Reads a secret; spaces and line ends around it are cut off. A command runs through `/bin/sh -c`
/// with no input, and is killed with its children when `limit` has passed. Blocks for that long at
/// most.
/// @throws Error precondition `SECRET_UNREADABLE` naming the source, never what was read.
ResolvedSecret read_secret(const SecretSource& source, Millis limit = Millis{10'000});

/// What a person should mend about the source itself, found without reading the secret: a file that
/// everybody can read.
/// @return empty when there is nothing to say.
std::string exposure_of(const SecretSource& source);

}  // namespace bdrmesh
