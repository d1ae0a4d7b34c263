// Answers recorded from real servers (tests/data/ticdc), and what it means to answer like them:
// same keys in the same order, same types, same codes, same words but for values that differ by
// nature.
#pragma once

#include <gtest/gtest.h>
#include <string>

#include "lab/config/json_types.h"

namespace bdrmesh::lab {

/// @param file  name in tests/data/ticdc, with its extension.
std::string recorded_text(const std::string& file);

/// Keys in order and the types of their values; lists count by their plainest element.
std::string shape_of(const OrderedJson& json);

/// Text without positions, times, addresses and names.
std::string without_volatile(const std::string& text);

/// An error object as recorded: code and words. Anything else: its shape.
::testing::AssertionResult is_like(const std::string& body, const std::string& file);

}  // namespace bdrmesh::lab
