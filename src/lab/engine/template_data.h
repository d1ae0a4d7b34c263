// The empty data directory that every MariaDB of the lab starts from, made once.
#pragma once

#include <filesystem>
#include <string>

namespace bdrmesh::lab {

/// Full path of a program of MariaDB's server package; empty when it is not installed.
std::filesystem::path find_program(const std::string& name);
/// True when the lab's SQL engine is installed.
bool mariadb_is_installed();

/// A fresh directory with a short path without blanks, for sockets and scripts; the caller removes
/// it.
/// @throws Error precondition `LAB_ENGINE_FAILED`
std::filesystem::path make_short_directory();

/// Makes `directory` with mariadb-install-db unless it is already there. Blocks, about half a
/// second. Concurrent calls for one directory are safe within one process.
/// @throws Error precondition `LAB_NO_MARIADB`, `LAB_TEMPLATE_FAILED`
void ensure_template(const std::filesystem::path& directory);

}  // namespace bdrmesh::lab
