// SPDX-License-Identifier: GPL-2.0-only
/*
 * A card's sensors. All files come with the device, as a rule of udev that sets the power cap
 * looks for it on the "add" event. A kernel for clouds has no hwmon: there, the class is ours.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/hwmon.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/version.h>

#include "shown.h"

/* What the device needs for as long as it is there. */
struct sensors {
	const struct attribute_group *groups[2];
	struct attribute_group group;
	unsigned int number;
	struct attribute *attributes[];
};

static struct sensors *make_sensors(struct device *card)
{
	struct sensors *sensors;
	struct shown *entry;
	size_t count = 0;

	for_each_shown(entry, SHOWN_HWMON, dev_name(card))
		count++;
	sensors = kzalloc(struct_size(sensors, attributes, count + 1), GFP_KERNEL);
	if (!sensors)
		return NULL;
	count = 0;
	for_each_shown(entry, SHOWN_HWMON, dev_name(card)) {
		entry->value = entry->initial; /* what was set is lost with the driver */
		sensors->attributes[count++] = &entry->of_device.attr;
	}
	sensors->group.attrs = sensors->attributes;
	sensors->groups[0] = &sensors->group;
	return sensors;
}

#if IS_ENABLED(CONFIG_HWMON)

int hwmon_open(void)
{
	return 0;
}

void hwmon_close(void)
{
}

static struct device *register_sensors(struct device *card, struct sensors *sensors)
{
	return hwmon_device_register_with_groups(card, "amdgpu", sensors, sensors->groups);
}

static void unregister_sensors(struct device *hwmon, struct sensors *sensors)
{
	hwmon_device_unregister(hwmon);
}

#else

static struct class *hwmon_class;
static DEFINE_IDA(numbers);

static ssize_t name_show(struct device *device, struct device_attribute *attribute, char *page)
{
	return sysfs_emit(page, "amdgpu\n");
}
static DEVICE_ATTR_RO(name);

static struct attribute *class_attrs[] = { &dev_attr_name.attr, NULL };
ATTRIBUTE_GROUPS(class);

int hwmon_open(void)
{
	if (class_is_taken("hwmon"))
		return -EBUSY;
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 4, 0)
	hwmon_class = class_create("hwmon");
#else
	hwmon_class = class_create(THIS_MODULE, "hwmon");
#endif
	if (IS_ERR(hwmon_class))
		return PTR_ERR(hwmon_class);
	hwmon_class->dev_groups = class_groups;
	return 0;
}

void hwmon_close(void)
{
	class_destroy(hwmon_class);
}

static struct device *register_sensors(struct device *card, struct sensors *sensors)
{
	int number = ida_alloc(&numbers, GFP_KERNEL);
	struct device *hwmon;

	if (number < 0)
		return ERR_PTR(number);
	sensors->number = number;
	hwmon = device_create_with_groups(hwmon_class, card, 0, sensors,
					  sensors->groups, "hwmon%d", number);
	if (IS_ERR(hwmon))
		ida_free(&numbers, number);
	return hwmon;
}

static void unregister_sensors(struct device *hwmon, struct sensors *sensors)
{
	device_unregister(hwmon);
	ida_free(&numbers, sensors->number);
}

#endif

struct device *hwmon_add(struct device *card)
{
	struct sensors *sensors = make_sensors(card);
	struct device *hwmon;

	if (!sensors)
		return ERR_PTR(-ENOMEM);
	hwmon = register_sensors(card, sensors);
	if (IS_ERR(hwmon))
		kfree(sensors);
	return hwmon;
}

void hwmon_remove(struct device *hwmon)
{
	struct sensors *sensors = dev_get_drvdata(hwmon);

	unregister_sensors(hwmon, sensors);
	kfree(sensors);
}
