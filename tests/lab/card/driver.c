// SPDX-License-Identifier: GPL-2.0-only
/*
 * regraft lab: what a system sees of the amdgpu driver, without the driver.
 *
 * It binds to AMD's display functions and shows what the [driver] section says of each. Nothing can
 * be computed with it.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/pci.h>
#include <linux/sysfs.h>

#include "shown.h"

static void remove_files(struct device *card)
{
	struct shown *entry;

	for_each_shown(entry, SHOWN_DEVICE, dev_name(card)) {
		if (entry->present)
			device_remove_file(card, &entry->of_device);
		entry->present = false;
	}
}

static int add_files(struct device *card)
{
	struct shown *entry;

	for_each_shown(entry, SHOWN_DEVICE, dev_name(card)) {
		if (name_is_taken(&card->kobj, entry->path) ||
		    device_create_file(card, &entry->of_device)) {
			dev_err(card, "cannot add the file %s\n", entry->path);
			remove_files(card);
			return -EEXIST;
		}
		entry->present = true;
	}
	return 0;
}

static int add_card(struct device *card)
{
	struct device *hwmon;
	int error = add_files(card);

	if (error)
		return error;
	hwmon = hwmon_add(card);
	error = PTR_ERR_OR_ZERO(hwmon);
	if (error)
		goto no_hwmon;
	error = kfd_add(dev_name(card));
	if (error)
		goto no_kfd;
	error = drm_add(card);
	if (error)
		goto no_drm;
	dev_set_drvdata(card, hwmon);
	return 0;

no_drm:
	kfd_remove(dev_name(card));
no_kfd:
	hwmon_remove(hwmon);
no_hwmon:
	remove_files(card);
	return error;
}

static int probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	int error;

	/* The real driver dies of this in many places, always so. */
	if (!pci_resource_len(pdev, 0) || !pdev->resource[0].parent)
		return -ENOMEM;
	error = pci_enable_device(pdev);
	if (error)
		return error;
	pci_set_master(pdev);
	error = add_card(&pdev->dev);
	if (error)
		pci_disable_device(pdev);
	else
		dev_info(&pdev->dev, "regraft lab stand-in: computes nothing\n");
	return error;
}

static void remove(struct pci_dev *pdev)
{
	drm_remove(&pdev->dev);
	kfd_remove(dev_name(&pdev->dev));
	hwmon_remove(pci_get_drvdata(pdev));
	remove_files(&pdev->dev);
	pci_disable_device(pdev);
}

static const struct pci_device_id displays[] = {
	{ PCI_DEVICE(PCI_VENDOR_ID_ATI, PCI_ANY_ID), .class = PCI_BASE_CLASS_DISPLAY << 16,
	  .class_mask = 0xff0000 },
	{}
};
MODULE_DEVICE_TABLE(pci, displays);

static struct pci_driver driver = {
	.name = "amdgpu",
	.id_table = displays,
	.probe = probe,
	.remove = remove,
};

static int __init load(void)
{
	int error = shown_read();

	if (error)
		return error;
	error = hwmon_open();
	if (error)
		goto no_hwmon;
	error = drm_open();
	if (error)
		goto no_drm;
	error = kfd_open();
	if (error)
		goto no_kfd;
	error = pci_register_driver(&driver);
	if (!error)
		return 0;

	kfd_close();
no_kfd:
	drm_close();
no_drm:
	hwmon_close();
no_hwmon:
	shown_forget();
	return error;
}

static void __exit unload(void)
{
	pci_unregister_driver(&driver);
	kfd_close();
	drm_close();
	hwmon_close();
	shown_forget();
}

module_init(load);
module_exit(unload);
MODULE_DESCRIPTION("regraft lab: stand-in for amdgpu; shows what a card would and computes nothing");
MODULE_VERSION(STANDIN_VERSION);
MODULE_LICENSE("GPL");
