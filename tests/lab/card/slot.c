// SPDX-License-Identifier: GPL-2.0-only
/*
 * regraft lab: cards in their slots, as PCI functions that answer configuration cycles.
 *
 * A root bus in a domain of its own; every function on it is 4 KB of configuration space and a mask
 * of the bits that a write may change. Sizing a BAR needs no more than that: its low bits are not
 * writable. The kernel's own code then finds bridges, places BARs in our windows and reads links.
 * The windows are in no resource tree of the machine, and nothing is ever mapped there.
 *
 *     bus <domain> <last bus>                     the root bus is number 0 of the domain
 *     window memory|prefetch <first> <last>       addresses the root bus hands out
 *     config <address> <offset> <bytes in hex>    from this offset of the function's space
 *     writable <address> <offset> <mask in hex>   bits there that a write changes
 *
 * Numbers are hex; <address> is as lspci -D prints it. No window above 4 GB is a box without
 * "Above 4G decoding": large BARs then find no space, as in reality.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/list.h>
#include <linux/module.h>
#include <linux/pci.h>

#include "cards.h"

#define SPACE 4096

struct function {
	struct list_head list;
	u8 bus, devfn;
	u8 config[SPACE];
	u8 writable[SPACE];
};

struct window {
	struct list_head list;
	struct resource resource;
};

static LIST_HEAD(functions);
static LIST_HEAD(windows);
static struct pci_sysdata sysdata = { .domain = -1, .node = NUMA_NO_NODE };
static struct resource buses = { .name = "regraft lab", .flags = IORESOURCE_BUS };
static struct pci_bus *root;

static struct function *find(unsigned int bus, unsigned int devfn)
{
	struct function *function;

	list_for_each_entry(function, &functions, list)
		if (function->bus == bus && function->devfn == devfn)
			return function;
	return NULL;
}

static int answer_read(struct pci_bus *bus, unsigned int devfn, int where, int size, u32 *value)
{
	struct function *function = find(bus->number, devfn);

	*value = ~0;
	if (!function || where + size > SPACE)
		return PCIBIOS_DEVICE_NOT_FOUND;
	*value = 0;
	memcpy(value, function->config + where, size);
	return PCIBIOS_SUCCESSFUL;
}

static int answer_write(struct pci_bus *bus, unsigned int devfn, int where, int size, u32 value)
{
	struct function *function = find(bus->number, devfn);
	int i;

	if (!function || where + size > SPACE)
		return PCIBIOS_DEVICE_NOT_FOUND;
	for (i = where; i < where + size; i++, value >>= 8) {
		u8 mask = function->writable[i];

		function->config[i] = (function->config[i] & ~mask) | (value & mask);
	}
	return PCIBIOS_SUCCESSFUL;
}

static struct pci_ops answers = { .read = answer_read, .write = answer_write };

static const char *take_bus(char *words)
{
	unsigned int domain, last;
	char more;

	if (sysdata.domain >= 0)
		return "a second bus";
	if (sscanf(words, "%x %x %c", &domain, &last, &more) != 2 || domain > 0xffff || last > 0xff)
		return "want: bus DOMAIN LAST";
	if (pci_find_bus(domain, 0))
		return "this domain is taken";
	sysdata.domain = domain;
	buses.end = last;
	return NULL;
}

static const char *take_window(char *words)
{
	struct window *window;
	char kind[9], more;
	u64 first, last;

	if (sscanf(words, "%8s %llx %llx %c", kind, &first, &last, &more) != 3 || first > last)
		return "want: window memory|prefetch FIRST LAST";
	if (strcmp(kind, "memory") && strcmp(kind, "prefetch"))
		return "a window is memory or prefetch";
	window = kzalloc(sizeof(*window), GFP_KERNEL);
	if (!window)
		return "out of memory";
	window->resource.name = "regraft lab";
	window->resource.start = first;
	window->resource.end = last;
	window->resource.flags = IORESOURCE_MEM;
	if (!strcmp(kind, "prefetch"))
		window->resource.flags |= IORESOURCE_PREFETCH | IORESOURCE_MEM_64;
	list_add_tail(&window->list, &windows);
	return NULL;
}

/* The function at this address, made on its first mention. */
static struct function *function_at(const char *address)
{
	unsigned int domain, bus, device, number;
	struct function *function;

	if (sscanf(address, "%x:%x:%x.%x", &domain, &bus, &device, &number) != 4 ||
	    sysdata.domain < 0 || domain != sysdata.domain || bus > buses.end || device > 31 ||
	    number > 7)
		return NULL;
	function = find(bus, PCI_DEVFN(device, number));
	if (function)
		return function;
	function = kzalloc(sizeof(*function), GFP_KERNEL);
	if (!function)
		return NULL;
	function->bus = bus;
	function->devfn = PCI_DEVFN(device, number);
	list_add_tail(&function->list, &functions);
	return function;
}

static const char *take_bytes(char *words, bool mask)
{
	char *address = cards_word(&words), *offset = cards_word(&words), *hex = cards_word(&words);
	struct function *function;
	unsigned int at;
	size_t count;

	if (!hex || cards_word(&words) || kstrtouint(offset, 16, &at))
		return "want: ADDRESS OFFSET BYTES";
	function = function_at(address);
	if (!function)
		return "no such address on the bus";
	count = strlen(hex) / 2;
	if (at > SPACE || count > SPACE - at)
		return "past the end of configuration space";
	if (strlen(hex) % 2 || hex2bin((mask ? function->writable : function->config) + at, hex, count))
		return "bytes are pairs of hex digits";
	return NULL;
}

static const char *take_config(char *words)
{
	return take_bytes(words, false);
}

static const char *take_writable(char *words)
{
	return take_bytes(words, true);
}

static const struct cards_kind kinds[] = {
	{ "bus", take_bus },
	{ "window", take_window },
	{ "config", take_config },
	{ "writable", take_writable },
	{}
};

static void forget(void)
{
	struct function *function, *next_function;
	struct window *window, *next_window;

	list_for_each_entry_safe(function, next_function, &functions, list)
		kfree(function);
	list_for_each_entry_safe(window, next_window, &windows, list)
		kfree(window);
	INIT_LIST_HEAD(&functions);
	INIT_LIST_HEAD(&windows);
}

static int __init plug_in(void)
{
	struct window *window;
	LIST_HEAD(resources);
	int error = cards_read("[slot]", kinds);

	if (error || sysdata.domain < 0) { /* no bus line: a box without cards */
		forget();
		return error;
	}
	pci_add_resource(&resources, &buses);
	list_for_each_entry(window, &windows, list)
		pci_add_resource(&resources, &window->resource);

	pci_lock_rescan_remove();
	root = pci_create_root_bus(NULL, 0, &answers, &sysdata, &resources);
	if (root) {
		pci_scan_child_bus(root);
		pci_assign_unassigned_bus_resources(root);
		pci_bus_add_devices(root);
	}
	pci_unlock_rescan_remove();
	if (!root) {
		pr_err("the kernel refused the bus\n");
		pci_free_resource_list(&resources);
		forget();
		return -ENODEV;
	}
	return 0;
}

static void __exit pull_out(void)
{
	if (root) {
		pci_lock_rescan_remove();
		pci_stop_root_bus(root);
		pci_remove_root_bus(root);
		pci_unlock_rescan_remove();
	}
	forget();
}

module_init(plug_in);
module_exit(pull_out);
MODULE_DESCRIPTION("regraft lab: stand-in PCI cards; answers configuration cycles, no more");
MODULE_VERSION(STANDIN_VERSION);
MODULE_LICENSE("GPL");
