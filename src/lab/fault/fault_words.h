// The words of faults: a fault's usage is its grammar. Checks what was typed, tells which argument
// is which, and knows what may come next. Pure; what faults do stands in the families of faults.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace bdrmesh::lab::fault {

using Words = std::vector<std::string>;

/// The names that words may refer to.
struct Names {
  std::vector<std::string> clusters;
  std::size_t tidb_servers = 2;  ///< of each cluster
  std::size_t ticdc_nodes = 2;   ///< of each cluster
};

/// Arguments by their name in the usage, checked.
class Arguments {
 public:
  void set(const std::string& name, const std::string& text) { texts_[name] = text; }
  bool has(const std::string& name) const { return texts_.contains(name); }
  /// As typed; empty when it was left out.
  const std::string& text(const std::string& name) const;
  std::string text_or(const std::string& name, const std::string& fallback) const;
  int number_or(const std::string& name, int fallback) const;
  std::uint64_t tso(const std::string& name) const;
  Millis time(const std::string& name) const;
  /// TABLE as schema and table; `app.*` when it was left out.
  std::pair<std::string, std::string> table(const std::string& name = "TABLE") const;

 private:
  std::map<std::string, std::string> texts_;
};

/// `1500` (milliseconds), `20s`, `5m`, `1h`, `250ms`, with a sign where time may go back.
std::optional<Millis> parse_time(std::string_view text);

/// Reads `words` (without the fault's name) as `usage` says. A usage is a row of
///   CLUSTER FROM TO   names of clusters        PART    `tidb-server N`, `ticdc [N]`, `pd` ...
///   SERVER NODE       numbers from 1           TIME OFFSET   parse_time(), OFFSET with a sign
///   COUNT CODE        numbers                  TSO     a timestamp
///   TABLE             schema.table             a|b|TIME      one of these, after `NAME:`
///   other capitals    any word
/// From the first word with `[` on, arguments may be left out.
/// @throws Error invalid `BAD_FAULT` with the reason, `UNKNOWN_CLUSTER` for a name not in `names`.
Arguments read_words(std::string_view usage, const Words& words, const Names& names);

/// What may be typed after `words`; empty when anything may.
std::vector<std::string> next_words(std::string_view usage, const Words& words, const Names& names);

/// The usage as people read it: without the names before `:`.
std::string shown_usage(std::string_view usage);

/// Words with blanks between; those that hold blanks in quotes.
std::string joined(const Words& words);
/// The opposite: splits at blanks outside of 'single' or "double" quotes.
/// @throws Error invalid `BAD_FAULT` when a quote is not closed.
Words split_words(std::string_view line);

[[noreturn]] void bad_fault(const std::string& why);

}  // namespace bdrmesh::lab::fault
