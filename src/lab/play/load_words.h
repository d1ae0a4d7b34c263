// The options of a load as words of a scenario: `rate 50 writers 2 hot 10`. Pure.
#pragma once

#include "lab/fault/fault_words.h"
#include "lab/load/load_run.h"

namespace bdrmesh::lab::play {

/// @throws Error invalid `BAD_SCENARIO`
load::LoadOptions read_load_words(const fault::Words& words);

}  // namespace bdrmesh::lab::play
