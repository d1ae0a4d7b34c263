// One cluster of the lab with its TiCDC, for whoever breaks or shows parts.
#pragma once

#include <filesystem>

#include "lab/cluster/lab_cluster.h"
#include "lab/site/lab.h"
#include "lab/ticdc/ticdc_cluster.h"

namespace bdrmesh::lab::site {

struct Lab::Node {
  Node(const Clock& clock, const ClusterView& view, const std::filesystem::path& directory,
       const TicdcOptions& options)
      : cluster(clock, view.name, directory, static_cast<unsigned>(view.source_id),
                find_profile(view.profile)),
        ticdc(cluster.state(), options) {}

  LabCluster cluster;
  TicdcCluster ticdc;
};

}  // namespace bdrmesh::lab::site
