/* SPDX-License-Identifier: GPL-2.0-only */
/* What the driver shows, as the [driver] section of the cards file says it; see shown.c. */
#ifndef REGRAFT_SHOWN_H
#define REGRAFT_SHOWN_H

#include <linux/device.h>
#include <linux/kobject.h>
#include <linux/list.h>

#define SHOWN_BOX "-" /* the owner of what is there without any card */

enum shown_place { SHOWN_KFD, SHOWN_DEVICE, SHOWN_HWMON, SHOWN_DRM };

struct shown {
	struct list_head list;
	enum shown_place place;
	const char *owner; /* PCI address of a card, or SHOWN_BOX */
	const char *path; /* below its place */
	char *text; /* the lines of a file that only shows */
	bool writable; /* or a number that may be set between two bounds */
	long long value, initial, least, most; /* value: also a device node's minor */
	bool present; /* added to sysfs, not yet removed */
	struct directory *directory; /* of a KFD file that is present; NULL: the topology's own */
	union { /* who calls: a device of a bus or class, or a bare directory */
		struct device_attribute of_device;
		struct kobj_attribute of_directory;
	};
};

extern struct list_head shown_list;

/* Every entry of a place that belongs to an owner. */
#define for_each_shown(entry, of_place, of_owner)                                                  \
	list_for_each_entry(entry, &shown_list, list)                                              \
		if ((entry)->place == (of_place) && !strcmp((entry)->owner, (of_owner)))

int shown_read(void);
void shown_forget(void);

/* sysfs prints a stack trace over a name that is taken; bad data must not get that far. */
bool name_is_taken(struct kobject *directory, const char *name);
bool class_is_taken(const char *name);

int kfd_open(void);
void kfd_close(void);
int kfd_add(const char *owner);
void kfd_remove(const char *owner);

int drm_open(void);
void drm_close(void);
int drm_add(struct device *card);
void drm_remove(struct device *card);

int hwmon_open(void);
void hwmon_close(void);
struct device *hwmon_add(struct device *card);
void hwmon_remove(struct device *hwmon);

#endif
