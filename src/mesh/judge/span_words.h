// Spans of time as an engineer says them. Pure.
#pragma once

#include <string>

#include "base/clock.h"

namespace bdrmesh {

/// `0.4 s`, `12 s`, `3 min 20 s`, `5 h 10 min`, `3 d 4 h`.
std::string in_words(Millis span);

}  // namespace bdrmesh
