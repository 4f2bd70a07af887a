// SPDX-License-Identifier: GPL-2.0-only
/*
 * The [driver] section: files and device nodes, and which card they come and go with.
 *
 *     kfd    <owner> <path> [text]      below /sys/class/kfd/kfd/topology; "path/" is a directory
 *     device <owner> <name> [text]      beside the card's PCI files
 *     hwmon  <owner> <name> [text]      in its hwmon directory
 *     range  <owner> <name> <value> <least> <most>    there too, and writable within bounds
 *     drm    <owner> <name>             a node below /dev/dri: card<n> or renderD<n>
 *
 * <owner> is a PCI address as lspci -D prints it, or "-" for what needs no card. A file of several
 * lines is several entries with the same path.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kernfs.h>
#include <linux/namei.h>
#include <linux/sysfs.h>

#include "cards.h"
#include "shown.h"

#define MOST_PATH 120

LIST_HEAD(shown_list);

static ssize_t show(struct shown *entry, char *page)
{
	if (entry->writable)
		return sysfs_emit(page, "%lld\n", READ_ONCE(entry->value));
	return sysfs_emit(page, "%s", entry->text);
}

static ssize_t device_show(struct device *device, struct device_attribute *attribute, char *page)
{
	return show(container_of(attribute, struct shown, of_device), page);
}

static ssize_t directory_show(struct kobject *directory, struct kobj_attribute *attribute,
			      char *page)
{
	return show(container_of(attribute, struct shown, of_directory), page);
}

static ssize_t device_store(struct device *device, struct device_attribute *attribute,
			    const char *page, size_t count)
{
	struct shown *entry = container_of(attribute, struct shown, of_device);
	long long value;

	if (kstrtoll(page, 10, &value) || value < entry->least || value > entry->most)
		return -EINVAL;
	WRITE_ONCE(entry->value, value);
	return count;
}

bool name_is_taken(struct kobject *directory, const char *name)
{
	struct kernfs_node *found = kernfs_find_and_get(directory->sd, name);

	kernfs_put(found);
	return found;
}

bool class_is_taken(const char *name)
{
	char full[40];
	struct path path;

	snprintf(full, sizeof(full), "/sys/class/%s", name);
	if (kern_path(full, 0, &path))
		return false;
	path_put(&path);
	pr_err("there is a class %s already: is a real driver loaded?\n", name);
	return true;
}

static struct shown *find(enum shown_place place, const char *owner, const char *path)
{
	struct shown *entry;

	for_each_shown(entry, place, owner)
		if (!strcmp(entry->path, path))
			return entry;
	return NULL;
}

static bool path_is_sound(const char *path, bool nested)
{
	size_t length = strlen(path);

	return length && length <= MOST_PATH && *path != '/' && *path != '.' &&
	       !strstr(path, "//") && !strstr(path, "/.") && (nested || !strchr(path, '/'));
}

/* The names that every device directory has, whatever its driver. */
static bool name_is_the_kernels(const char *name)
{
	static const char *const names[] = { "name", "uevent", "power", "device", "subsystem" };

	return match_string(names, ARRAY_SIZE(names), name) >= 0;
}

static void forget(struct shown *entry)
{
	kfree(entry->owner);
	kfree(entry->path);
	kfree(entry->text);
	kfree(entry);
}

static struct shown *make(enum shown_place place, const char *owner, const char *path)
{
	struct shown *entry = kzalloc(sizeof(*entry), GFP_KERNEL);

	if (!entry)
		return NULL;
	entry->place = place;
	entry->owner = kstrdup(owner, GFP_KERNEL);
	entry->path = kstrdup(path, GFP_KERNEL);
	entry->text = kstrdup("", GFP_KERNEL);
	if (!entry->owner || !entry->path || !entry->text) {
		forget(entry);
		return NULL;
	}
	if (place == SHOWN_KFD) {
		sysfs_attr_init(&entry->of_directory.attr);
		entry->of_directory.attr.name = entry->path + (strrchr(path, '/') ?
				strrchr(path, '/') + 1 - path : 0);
		entry->of_directory.attr.mode = 0444;
		entry->of_directory.show = directory_show;
	} else {
		sysfs_attr_init(&entry->of_device.attr);
		entry->of_device.attr.name = entry->path;
		entry->of_device.attr.mode = 0444;
		entry->of_device.show = device_show;
	}
	list_add_tail(&entry->list, &shown_list);
	return entry;
}

static const char *take_text(enum shown_place place, char *words)
{
	char *owner = cards_word(&words), *path = cards_word(&words);
	struct shown *entry;
	char *longer;

	if (!path)
		return "want: OWNER PATH [TEXT]";
	if (!path_is_sound(path, place == SHOWN_KFD))
		return "no name for a file";
	if (place != SHOWN_KFD && name_is_the_kernels(path))
		return "this name is the kernel's own";
	entry = find(place, owner, path) ?: make(place, owner, path);
	if (!entry)
		return "out of memory";
	if (entry->writable)
		return "this file is a range already";
	longer = kasprintf(GFP_KERNEL, "%s%s\n", entry->text, words ?: "");
	if (!longer)
		return "out of memory";
	kfree(entry->text);
	entry->text = longer;
	return strlen(longer) < PAGE_SIZE ? NULL : "the file grows past a page";
}

static const char *take_kfd(char *words)
{
	return take_text(SHOWN_KFD, words);
}

static const char *take_device(char *words)
{
	return take_text(SHOWN_DEVICE, words);
}

static const char *take_hwmon(char *words)
{
	return take_text(SHOWN_HWMON, words);
}

static const char *take_range(char *words)
{
	char *owner = cards_word(&words), *name = cards_word(&words);
	long long value, least, most;
	struct shown *entry;
	char more;

	if (!words || sscanf(words, "%lld %lld %lld %c", &value, &least, &most, &more) != 3)
		return "want: OWNER NAME VALUE LEAST MOST";
	if (value < least || value > most)
		return "the value is out of its bounds";
	if (!path_is_sound(name, false) || name_is_the_kernels(name))
		return "no name for a file";
	if (find(SHOWN_HWMON, owner, name))
		return "this file is there already";
	entry = make(SHOWN_HWMON, owner, name);
	if (!entry)
		return "out of memory";
	entry->writable = true;
	entry->initial = value;
	entry->least = least;
	entry->most = most;
	entry->of_device.attr.mode = 0644;
	entry->of_device.store = device_store;
	return NULL;
}

static const char *take_drm(char *words)
{
	char *owner = cards_word(&words), *name = cards_word(&words);
	struct shown *entry;
	unsigned int minor;
	char rest;

	if (!name || cards_word(&words))
		return "want: OWNER NAME";
	list_for_each_entry(entry, &shown_list, list)
		if (entry->place == SHOWN_DRM && !strcmp(entry->path, name))
			return "this node is there already";
	if (sscanf(name, "card%u%c", &minor, &rest) == 1) {
		if (minor > 63)
			return "a card's minor is 0 to 63";
	} else if (sscanf(name, "renderD%u%c", &minor, &rest) == 1) {
		if (minor < 128 || minor > 191)
			return "a render node's minor is 128 to 191";
	} else {
		return "a node is cardN or renderDN";
	}
	entry = make(SHOWN_DRM, owner, name);
	if (!entry)
		return "out of memory";
	entry->value = minor;
	return NULL;
}

static const struct cards_kind kinds[] = {
	{ "kfd", take_kfd },
	{ "device", take_device },
	{ "hwmon", take_hwmon },
	{ "range", take_range },
	{ "drm", take_drm },
	{}
};

int shown_read(void)
{
	int error = cards_read("[driver]", kinds);

	if (error)
		shown_forget();
	return error;
}

void shown_forget(void)
{
	struct shown *entry, *next;

	list_for_each_entry_safe(entry, next, &shown_list, list)
		forget(entry);
	INIT_LIST_HEAD(&shown_list);
}
