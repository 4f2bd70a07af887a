// SPDX-License-Identifier: GPL-2.0-only
/* Does not compile: it uses the kernel as AMD's driver of ROCm 6.4.1 uses 6.14, and gets gcc's answer. */
#include <linux/module.h>

struct drm_driver {
	const char *name;
};

static const struct drm_driver amdgpu_kms_driver = {
	.name = "amdgpu",
	.date = "20150101",
};

int amdgpu_pci_probe(void)
{
	drm_fbdev_ttm_setup(&amdgpu_kms_driver, 32);
	return 0;
}
