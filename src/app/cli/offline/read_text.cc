#include "app/cli/offline/read_text.h"

#include <fstream>
#include <iostream>
#include <iterator>

#include "base/error.h"

namespace bdrmesh {

std::string read_text(const std::string& path) {
  if (path == "-")
    return {std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>()};
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (!file.is_open() || file.bad()) {
    throw Error(ErrorKind::invalid, "FILE_UNREADABLE", "cannot read '" + path + "'",
                "name a readable file, or - for standard input");
  }
  return text;
}

}  // namespace bdrmesh
