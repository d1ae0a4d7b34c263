// The program bdrmesh.
#include "app/cli.h"

int main(int argc, char** argv) { return bdrmesh::run_command_line(argc, argv); }
