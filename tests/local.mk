UNIT_CFLAGS = $(AM_CFLAGS)

include tests/unit/local.mk
include tests/fuzz/local.mk
