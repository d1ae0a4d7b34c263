#include "app/hooks/mask_secrets.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>
#include <unistd.h>

namespace bdrmesh {

std::string mask_secrets(std::string text, std::vector<Secret> secrets) {
  static constexpr std::size_t kShortest = 4;
  std::ranges::sort(secrets, [](const Secret& a, const Secret& b) {
    return a.reveal().size() > b.reveal().size();
  });
  for (const Secret& secret : secrets) {
    const std::string& word = secret.reveal();
    if (word.size() < kShortest) continue;
    for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 3))
      text.replace(at, word.size(), "***");
  }
  return text;
}

bool names_a_secret(const std::string& variable) {
  static constexpr std::array<std::string_view, 7> kWords{
      "PASSWORD", "PASSWD", "SECRET", "TOKEN", "KEY", "CREDENTIAL", "PASSPHRASE"};
  std::string upper = variable;
  std::ranges::transform(upper, upper.begin(),
                         [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return std::ranges::any_of(
      kWords, [&](std::string_view word) { return upper.find(word) != std::string::npos; });
}

std::vector<Secret> secret_environment() {
  std::vector<Secret> values;
  for (char** each = environ; each != nullptr && *each != nullptr; ++each) {
    const std::string text(*each);
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos || !names_a_secret(text.substr(0, equals))) continue;
    values.emplace_back(text.substr(equals + 1));
  }
  return values;
}

}  // namespace bdrmesh
