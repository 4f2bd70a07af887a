// SPDX-License-Identifier: GPL-2.0-only
/* /dev/dri/cardN and renderDN: they open and do nothing. Needs a kernel whose own DRM is away. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/fs.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/version.h>

#include "shown.h"

#define MAJOR_OF_DRM 226 /* containers are granted these devices by number */

static struct class *drm_class;

static const struct file_operations drm_operations = { .owner = THIS_MODULE };

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 2, 0)
static char *node_path(const struct device *device, umode_t *mode)
#else
static char *node_path(struct device *device, umode_t *mode)
#endif
{
	return kasprintf(GFP_KERNEL, "dri/%s", dev_name(device));
}

static struct class *make_drm_class(void)
{
	if (class_is_taken("drm"))
		return ERR_PTR(-EBUSY);
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 4, 0)
	return class_create("drm");
#else
	return class_create(THIS_MODULE, "drm");
#endif
}

int drm_open(void)
{
	int error;

	drm_class = make_drm_class();
	if (IS_ERR(drm_class))
		return PTR_ERR(drm_class);
	drm_class->devnode = node_path;
	error = register_chrdev(MAJOR_OF_DRM, "drm", &drm_operations);
	if (error)
		class_destroy(drm_class);
	return error;
}

void drm_close(void)
{
	unregister_chrdev(MAJOR_OF_DRM, "drm");
	class_destroy(drm_class);
}

int drm_add(struct device *card)
{
	struct shown *entry;

	for_each_shown(entry, SHOWN_DRM, dev_name(card)) {
		struct device *node = device_create(drm_class, card,
						    MKDEV(MAJOR_OF_DRM, entry->value), NULL,
						    "%s", entry->path);

		if (IS_ERR(node)) {
			drm_remove(card);
			return PTR_ERR(node);
		}
		entry->present = true;
	}
	return 0;
}

void drm_remove(struct device *card)
{
	struct shown *entry;

	for_each_shown(entry, SHOWN_DRM, dev_name(card)) {
		if (entry->present)
			device_destroy(drm_class, MKDEV(MAJOR_OF_DRM, entry->value));
		entry->present = false;
	}
}
