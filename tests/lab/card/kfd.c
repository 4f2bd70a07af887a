// SPDX-License-Identifier: GPL-2.0-only
/*
 * /dev/kfd, which opens and does nothing, and the topology below /sys/class/kfd/kfd.
 *
 * A directory is there for as long as something in it is: cards come and go one by one, and a
 * card's link entry stands in the processor's node, not in its own.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/fs.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/version.h>

#include "shown.h"

struct directory {
	struct list_head list;
	struct directory *parent;
	struct kobject *kobject;
	unsigned int users; /* entries and directories in it */
	char path[];
};

static LIST_HEAD(directories);
static DEFINE_MUTEX(lock); /* cards may be probed side by side */
static struct class *kfd_class;
static struct device *kfd;
static struct kobject *topology;
static int major;

static const struct file_operations kfd_operations = { .owner = THIS_MODULE };

static void put_directory(struct directory *directory)
{
	while (directory && !--directory->users) {
		struct directory *parent = directory->parent;

		kobject_put(directory->kobject);
		list_del(&directory->list);
		kfree(directory);
		directory = parent;
	}
}

/* One directory in another (NULL: in the topology itself), its path's first bytes given. */
static struct directory *get_directory(struct directory *parent, const char *path, size_t length)
{
	struct kobject *above = parent ? parent->kobject : topology;
	struct directory *directory;
	const char *name;

	list_for_each_entry(directory, &directories, list)
		if (!strncmp(directory->path, path, length) && !directory->path[length]) {
			directory->users++;
			return directory;
		}
	directory = kzalloc(struct_size(directory, path, length + 1), GFP_KERNEL);
	if (!directory)
		return NULL;
	memcpy(directory->path, path, length);
	name = strrchr(directory->path, '/');
	name = name ? name + 1 : directory->path;
	if (!name_is_taken(above, name))
		directory->kobject = kobject_create_and_add(name, above);
	if (!directory->kobject) {
		kfree(directory);
		return NULL;
	}
	directory->users = 1;
	directory->parent = parent;
	if (parent)
		parent->users++;
	list_add(&directory->list, &directories);
	return directory;
}

/* The directory that a path's last part is in, with one user more. */
static struct directory *directory_of(const char *path)
{
	struct directory *directory = NULL, *above;
	const char *slash;

	for (slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
		above = directory;
		directory = get_directory(above, path, slash - path);
		put_directory(above); /* its child holds it now, or nothing does */
		if (!directory)
			return NULL;
	}
	return directory;
}

static int add_file(struct shown *entry)
{
	struct directory *directory = directory_of(entry->path);
	const char *name = entry->of_directory.attr.name;
	struct kobject *kobject = directory ? directory->kobject : topology;

	if (!directory && strchr(entry->path, '/'))
		return -EEXIST;
	if (*name && (name_is_taken(kobject, name) ||
		      sysfs_create_file(kobject, &entry->of_directory.attr))) {
		put_directory(directory);
		return -EEXIST;
	}
	entry->directory = directory;
	entry->present = true;
	return 0;
}

static void remove_file(struct shown *entry)
{
	struct kobject *kobject = entry->directory ? entry->directory->kobject : topology;

	if (*entry->of_directory.attr.name)
		sysfs_remove_file(kobject, &entry->of_directory.attr);
	put_directory(entry->directory);
	entry->present = false;
}

int kfd_add(const char *owner)
{
	struct shown *entry;
	int error = 0;

	mutex_lock(&lock);
	for_each_shown(entry, SHOWN_KFD, owner) {
		error = add_file(entry);
		if (error) {
			pr_err("cannot add %s to the topology\n", entry->path);
			break;
		}
	}
	mutex_unlock(&lock);
	if (error)
		kfd_remove(owner);
	return error;
}

void kfd_remove(const char *owner)
{
	struct shown *entry;

	mutex_lock(&lock);
	for_each_shown(entry, SHOWN_KFD, owner)
		if (entry->present)
			remove_file(entry);
	mutex_unlock(&lock);
}

static struct class *make_kfd_class(void)
{
	if (class_is_taken("kfd"))
		return ERR_PTR(-EBUSY);
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 4, 0)
	return class_create("kfd");
#else
	return class_create(THIS_MODULE, "kfd");
#endif
}

int kfd_open(void)
{
	int error;

	kfd_class = make_kfd_class();
	if (IS_ERR(kfd_class))
		return PTR_ERR(kfd_class);
	error = major = register_chrdev(0, "kfd", &kfd_operations);
	if (major < 0)
		goto no_major;
	kfd = device_create(kfd_class, NULL, MKDEV(major, 0), NULL, "kfd");
	error = PTR_ERR_OR_ZERO(kfd);
	if (error)
		goto no_device;
	error = -ENOMEM;
	topology = kobject_create_and_add("topology", &kfd->kobj);
	if (!topology)
		goto no_topology;
	error = kfd_add(SHOWN_BOX);
	if (!error)
		return 0;

	kobject_put(topology);
no_topology:
	device_destroy(kfd_class, MKDEV(major, 0));
no_device:
	unregister_chrdev(major, "kfd");
no_major:
	class_destroy(kfd_class);
	return error;
}

void kfd_close(void)
{
	kfd_remove(SHOWN_BOX);
	kobject_put(topology);
	device_destroy(kfd_class, MKDEV(major, 0));
	unregister_chrdev(major, "kfd");
	class_destroy(kfd_class);
}
