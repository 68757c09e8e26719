noinst_LIBRARIES += libbase.a
libbase_a_SOURCES = \
    %D%/banned.h %D%/cleanup.h %D%/limits.h \
    %D%/base64.c %D%/base64.h \
    %D%/dated.c %D%/dated.h \
    %D%/error.c %D%/error.h \
    %D%/file.c %D%/file.h \
    %D%/deadline.c %D%/deadline.h \
    %D%/lookup.c %D%/lookup.h \
    %D%/random.c %D%/random.h \
    %D%/watchdog.c %D%/watchdog.h \
    %D%/wiped.c %D%/wiped.h
libbase_a_LIBADD =
