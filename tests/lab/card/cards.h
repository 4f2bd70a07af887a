/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reads what is in the box from /lib/firmware/regraft-lab/cards, for both modules.
 *
 * A text of lines. "[slot]" and "[driver]" begin a module's part; '#' begins a comment line. Any
 * other line is a kind and its words. What they mean is with the handlers in slot.c and shown.c.
 * A line that is not understood stops the module with one message that names the line.
 */
#ifndef REGRAFT_CARDS_H
#define REGRAFT_CARDS_H

#include <linux/firmware.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>

#define CARDS_FILE "regraft-lab/cards"
#define CARDS_MOST_BYTES (1 << 20)

/* Returns NULL, or in a few words what is wrong with the line. The words are its to cut up. */
typedef const char *(*cards_take)(char *words);

struct cards_kind {
	const char *name;
	cards_take take;
};

/* The next word of a line, or NULL. */
static inline char *cards_word(char **words)
{
	char *word;

	do {
		word = strsep(words, " ");
	} while (word && !*word);
	return word;
}

static inline const char *cards_line(const struct cards_kind *kinds, char *line)
{
	char *kind = cards_word(&line);

	for (; kinds->name; kinds++)
		if (!strcmp(kinds->name, kind))
			return kinds->take(line ?: kind + strlen(kind));
	return "no such kind of line";
}

static inline int cards_lines(const char *section, const struct cards_kind *kinds, char *text)
{
	const char *wrong = NULL;
	bool ours = false, seen = false;
	unsigned int number;
	char *line;

	for (number = 1; !wrong && (line = strsep(&text, "\n")); number++) {
		line = skip_spaces(line);
		if (!*line || *line == '#')
			continue;
		if (*line != '[') {
			if (ours)
				wrong = cards_line(kinds, line);
			continue;
		}
		if (strcmp(line, "[slot]") && strcmp(line, "[driver]"))
			wrong = "no such section";
		ours = !strcmp(line, section);
		seen |= ours;
	}
	if (wrong) {
		pr_err(CARDS_FILE " line %u: %s\n", number - 1, wrong);
		return -EINVAL;
	}
	if (!seen) {
		pr_err(CARDS_FILE " has no section %s\n", section);
		return -EINVAL;
	}
	return 0;
}

static inline int cards_read(const char *section, const struct cards_kind *kinds)
{
	const struct firmware *file;
	char *text;
	int error = request_firmware_direct(&file, CARDS_FILE, NULL);

	if (error) {
		pr_err("cannot read /lib/firmware/" CARDS_FILE " (%d)\n", error);
		return error;
	}
	if (file->size > CARDS_MOST_BYTES || memchr(file->data, 0, file->size)) {
		pr_err(CARDS_FILE " is too long or not text\n");
		release_firmware(file);
		return -EINVAL;
	}
	text = kvmalloc(file->size + 1, GFP_KERNEL);
	if (text) {
		memcpy(text, file->data, file->size);
		text[file->size] = 0;
	}
	release_firmware(file);
	if (!text)
		return -ENOMEM;
	error = cards_lines(section, kinds, text);
	kvfree(text);
	return error;
}

#endif
