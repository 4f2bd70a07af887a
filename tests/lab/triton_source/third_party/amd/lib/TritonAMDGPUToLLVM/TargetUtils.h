#pragma once

enum class ISAFamily { Unknown, VEGA20, CDNA1, CDNA2, CDNA3, RDNA2, RDNA3 };

struct Arch {
  char const *name;
  ISAFamily family;
};

extern Arch const archs[];
extern int const arch_count;

ISAFamily family_of(char const *arch);
bool is_cdna(ISAFamily family);
int warp_size(ISAFamily family);
bool has_dot(ISAFamily family);
unsigned long table_size();
char const *llvm_hash();
