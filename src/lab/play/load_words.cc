#include "lab/play/load_words.h"

#include <charconv>

#include "base/error.h"

namespace bdrmesh::lab::play {
namespace {

double number_in(const std::string& name, const std::string& text) {
  double value = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed != std::errc{} || end != text.data() + text.size() || value < 0) {
    throw Error(ErrorKind::invalid, "BAD_SCENARIO", "load: '" + text + "' is no " + name);
  }
  return value;
}

}  // namespace

load::LoadOptions read_load_words(const fault::Words& words) {
  load::LoadOptions options;
  for (std::size_t i = 0; i < words.size(); i += 2) {
    const std::string& name = words[i];
    if (i + 1 == words.size()) {
      throw Error(ErrorKind::invalid, "BAD_SCENARIO", "load: how much is " + name + "?");
    }
    const double value = number_in(name, words[i + 1]);
    if (name == "rate") {
      options.rate = value;
    } else if (name == "writers") {
      options.writers = static_cast<int>(value);
    } else if (name == "seed") {
      options.seed = static_cast<std::uint64_t>(value);
    } else if (name == "hot") {
      options.hot_keys = static_cast<int>(value);
    } else if (name == "shared-hot") {
      options.shared_hot_keys = static_cast<int>(value);
    } else if (name == "long") {
      options.long_share = value / 100;
    } else if (name == "ddl") {
      options.ddl_per_minute = value;
    } else {
      throw Error(
          ErrorKind::invalid, "BAD_SCENARIO",
          "load: '" + name + "' is none of rate, writers, seed, hot, shared-hot, long, ddl");
    }
  }
  return options;
}

}  // namespace bdrmesh::lab::play
