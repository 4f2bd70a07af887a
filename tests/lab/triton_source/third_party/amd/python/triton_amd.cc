#include "TargetUtils.h"

Arch const archs[] = {
    {"gfx906", ISAFamily::VEGA20},  {"gfx908", ISAFamily::CDNA1},  {"gfx90a", ISAFamily::CDNA2},
    {"gfx942", ISAFamily::CDNA3},   {"gfx1030", ISAFamily::RDNA2}, {"gfx1100", ISAFamily::RDNA3},
};
int const arch_count = sizeof archs / sizeof *archs;
