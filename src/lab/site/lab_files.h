// The files by which others find the lab: lab.json with all addresses, bdrmesh.toml for the
// product, and one file per password, readable by their owner only.
#pragma once

#include <filesystem>
#include <string>

#include "lab/site/lab_plan.h"

namespace bdrmesh::lab::site {

/// Writes all of them below `lab.directory`, and the configuration to `config_out` too if given.
/// @throws Error precondition `LAB_CANNOT_START` naming the file that cannot be written.
void write_lab_files(const LabView& lab, const std::filesystem::path& config_out);

/// lab.json of a running lab; passwords are read from their files.
/// @throws Error invalid `BAD_JSON`; precondition `NO_LAB` when there is no such file.
LabView read_lab_file(const std::filesystem::path& directory);

/// The product's configuration for this lab (design §3).
std::string to_toml(const LabView& lab);

/// Cluster, part and address in lines.
std::string to_table(const LabView& lab);

}  // namespace bdrmesh::lab::site
