// The one entry of libFuzzer (part of LLVM) that a program with its own main needs. The library comes with Swift and is
// linked by -sanitize=fuzzer.
// malloc.h says how much memory is given away; Swift's own module of the C library leaves it out.
#include <malloc.h>
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*callback)(const uint8_t *data, size_t size));
