#include "lab/core/uuid.h"

#include <random>

namespace bdrmesh::lab {

std::string random_uuid() {
  std::random_device source;
  std::string out;
  for (int i = 0; i < 32; ++i) {
    if (i == 8 || i == 12 || i == 16 || i == 20) out += '-';
    unsigned digit = source() & 15U;
    if (i == 12) digit = 4;
    if (i == 16) digit = 8 | (digit & 3U);
    out += "0123456789abcdef"[digit];
  }
  return out;
}

}  // namespace bdrmesh::lab
