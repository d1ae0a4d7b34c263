// A scenario: what shall happen to a lab and what must be true, line by line (docs/lab.md). Reading
// checks everything that can be known before it begins. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "lab/fault/fault_words.h"

namespace bdrmesh::lab::play {

using fault::Names;
using fault::Words;

/// What one line does.
struct Action {
  enum class Kind {
    fault,
    wait,
    load_start,
    load_stop,
    mesh,
    sql,
    expect_nothing_lost,
    expect_feeds,
    expect_sql,
    say
  } kind = Kind::wait;
  Words words{};            ///< of fault; options of load; the text of say
  std::string cluster{};    ///< of sql
  std::string statement{};  ///< of sql
  std::string wanted{};     ///< what expect_sql shall see, or the state of expect_feeds
  Millis patience{0};       ///< of wait and of expectations
};

struct Step {
  std::size_t line = 0;
  std::string text;             ///< as written, without comment
  std::optional<Millis> at;     ///< not before this time after the beginning
  std::optional<Millis> every;  ///< again and again from here on
  std::optional<Millis> until;  ///< of a repeated one: not after this time
  Action action;
};

using Scenario = std::vector<Step>;

/// @throws Error invalid `BAD_SCENARIO` with every line that is wrong and why.
Scenario read_scenario(std::string_view text, const Names& names);

}  // namespace bdrmesh::lab::play
