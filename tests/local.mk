UNIT_CFLAGS = $(AM_CFLAGS)

include tests/unit/local.mk

EXTRA_DIST += tests/directory/expected.tsv
include tests/fuzz/local.mk

EXTRA_DIST += tests/run tests/style tests/pages tests/directory tests/browser
EXTRA_DIST += tests/run tests/style tests/pages tests/directory
include tests/relay/local.mk
EXTRA_DIST += tests/run tests/style tests/pages tests/notify tests/directory
