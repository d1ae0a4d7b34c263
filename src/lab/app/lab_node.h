// One cluster of the lab with its TiCDC. Private to Lab.
#pragma once

#include <filesystem>

#include "lab/app/lab.h"
#include "lab/cdc/ticdc_node.h"
#include "lab/cluster/lab_cluster.h"

namespace bdrmesh::lab::app {

struct Lab::Node {
  Node(const Clock& clock, const ClusterView& view, const std::filesystem::path& directory)
      : cluster(clock, view.name, directory, static_cast<unsigned>(view.source_id)),
        ticdc(cluster.state(), TicdcOptions{}) {}

  LabCluster cluster;
  TicdcNode ticdc;
};

}  // namespace bdrmesh::lab::app
