#include "base/random_id.h"

#include <random>
#include <string_view>

namespace bdrmesh {

std::string random_id(std::size_t length) {
  static constexpr std::string_view kAlphabet = "abcdefghijklmnopqrstuvwxyz0123456789";
  std::random_device source;
  std::uniform_int_distribution<std::size_t> pick(0, kAlphabet.size() - 1);
  std::string id;
  for (std::size_t i = 0; i < length; ++i) id.push_back(kAlphabet[pick(source)]);
  return id;
}

}  // namespace bdrmesh
