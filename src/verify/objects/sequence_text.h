// A sequence as SHOW CREATE SEQUENCE prints it, and which numbers it hands out. Pure; thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace bdrmesh::verify {

struct SequenceText {
  std::int64_t start = 1;
  std::int64_t least = 1;
  std::int64_t most = 1;
  std::int64_t step = 1;  ///< negative: it counts down
  std::string cache;      ///< `cache 1000` or `nocache`
  std::string cycle;      ///< `cycle` or `nocycle`
  std::string comment;    ///< as printed, with its quotes

  std::string numbers() const;  ///< start, bounds and step as the statement has them
};

/// std::nullopt when the text is no sequence, or one of a form that is not known.
std::optional<SequenceText> sequence_from(const std::string& create_statement);

/// Whether there is a number that both hand out sooner or later.
bool share_numbers(const SequenceText& a, const SequenceText& b);

}  // namespace bdrmesh::verify
