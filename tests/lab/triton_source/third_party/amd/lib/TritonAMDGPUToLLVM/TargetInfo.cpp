#include "TargetUtils.h"

int warp_size(ISAFamily family) { return is_cdna(family) ? 64 : 32; }
