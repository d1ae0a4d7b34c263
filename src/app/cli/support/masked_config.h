// A configuration for other eyes: named members only, so that what is added later or stands in
// comments cannot slip through. Pure but for reading secrets where said.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "base/secret.h"
#include "model/desired.h"

namespace bdrmesh {

/// Names, addresses, rules, kinds. Of a password only whether it comes from a file, the environment
/// or a command; of an address of storage no user, password or parameter.
Json masked_config(const Desired& desired);

/// `s3://bucket/path` of `s3://user:password@bucket/path?key=value`.
std::string without_secrets(const std::string& url);

/// The passwords of files and of the environment that can be read, to look for them in what goes
/// out. Commands are not run.
std::vector<Secret> readable_secrets(const Desired& desired);

/// `text` with `***` for every occurrence of a secret of four characters or more.
std::string scrubbed(std::string text, const std::vector<Secret>& secrets);

}  // namespace bdrmesh
