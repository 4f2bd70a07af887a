#include "TargetUtils.h"

bool has_dot(ISAFamily family) { return family != ISAFamily::Unknown; }
