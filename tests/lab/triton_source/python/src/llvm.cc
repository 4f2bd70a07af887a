#include <lab/llvm.h>

#include "TargetUtils.h"

char const *llvm_hash() { return LAB_LLVM_HASH; }
