#include "TargetUtils.h"

ISAFamily family_of(char const *arch) {
  for (int at = 0; at < arch_count; ++at)
    if (!__builtin_strcmp(archs[at].name, arch))
      return archs[at].family;
  return ISAFamily::Unknown;
}

bool is_cdna(ISAFamily family) {
  switch (family) {
  case ISAFamily::VEGA20: // not one, but its waves are as wide
  case ISAFamily::CDNA1:
  case ISAFamily::CDNA2:
  case ISAFamily::CDNA3:
    return true;
  default:
    return false;
  }
}
