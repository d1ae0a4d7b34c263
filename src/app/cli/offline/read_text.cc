#include "app/cli/offline/read_text.h"

#include <iostream>
#include <iterator>

#include "base/error.h"
#include "base/text_file.h"

namespace bdrmesh {

std::string read_text(const std::string& path) {
  if (path == "-")
    return {std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>()};
  if (auto text = read_text_file(path)) return *std::move(text);
  throw Error(ErrorKind::invalid, "FILE_UNREADABLE", "cannot read '" + path + "'",
              "name a readable file, or - for standard input");
}

}  // namespace bdrmesh
