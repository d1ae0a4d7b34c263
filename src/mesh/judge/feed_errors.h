// What an error of a changefeed means, and what to do about it (ticdc-api §2.3, §2.4; measured §2,
// §3). Pure.
#pragma once

#include <string>

#include "clients/ticdc_client.h"

namespace bdrmesh {

struct ErrorMeaning {
  /// upstream, sink, table, ddl, lock, network, credentials, history, configuration, conflict,
  /// storage, unknown
  std::string area;
  std::string meaning;  ///< one sentence
  std::string remedy;  ///< what a person does; `bdrmesh link …` commands stand for the link at hand
  bool resume_helps = false;  ///< once the remedy is done, or by itself
};

/// The parts of TiCDC's codes are looked for in the code and in the text, because the new
/// architecture and wrappers hide them there; then MySQL's error numbers (ticdc-api §2.1).
ErrorMeaning meaning_of(const FeedError& error);

}  // namespace bdrmesh
