// One argument in a fault's usage: which words it takes. Private to the grammar of fault_words.h.
#pragma once

#include "lab/fault/fault_words.h"

namespace bdrmesh::lab::fault {

struct WordType {
  std::string name;                       ///< CLUSTER, PART ...
  std::vector<std::string> alternatives;  ///< `primary`, `TIME` ...; the name itself when alone
  bool optional = false;

  /// Checks words[at...] and enters them. @return how many words were taken.
  /// @throws Error invalid `BAD_FAULT`, `UNKNOWN_CLUSTER`
  std::size_t take(const Words& words, std::size_t at, const Names& names, Arguments& into) const;

  /// What may stand at words[at] when they end there, else nothing; moves `at` behind this type's
  /// words.
  std::vector<std::string> candidates(const Words& words, std::size_t& at,
                                      const Names& names) const;
};

std::vector<WordType> word_types(std::string_view usage);

}  // namespace bdrmesh::lab::fault
