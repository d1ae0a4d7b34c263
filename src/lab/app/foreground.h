// `bdrmesh-lab up`: the process that is the lab, from its first to its last breath.
#pragma once

#include "lab/site/lab_plan.h"

namespace bdrmesh::lab::app {

/// Starts the lab and blocks until SIGINT, SIGTERM, SIGHUP (blocked in every thread by the caller)
/// or the control command `down`; then leaves nothing behind.
/// @param with_parent  end when the process that started us ends.
/// @return exit code.  @throws Error when the lab does not start; everything is gone then too.
int run_in_foreground(site::LabOptions options, bool with_parent);

}  // namespace bdrmesh::lab::app
