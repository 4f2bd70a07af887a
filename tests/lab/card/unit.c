// SPDX-License-Identifier: GPL-2.0-only
/*
 * The driver as one unit: the kernel's headers are most of what there is to compile, and boxes under
 * emulation compile it again and again.
 */
#include "shown.c"
#include "kfd.c"
#include "drm.c"
#include "hwmon.c"
#include "driver.c"
