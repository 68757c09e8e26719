UNIT_CFLAGS = $(AM_CFLAGS)

include tests/unit/local.mk
include tests/fuzz/local.mk
include tests/relay/local.mk
include tests/directories/local.mk

EXTRA_DIST += tests/run tests/bare tests/browser tests/directory tests/notify tests/pages tests/relay
EXTRA_DIST += tests/rules tests/snippets tests/style
