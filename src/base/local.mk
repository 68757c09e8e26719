noinst_LIBRARIES += libbase.a
libbase_a_SOURCES = \
    %D%/banned.h %D%/cleanup.h %D%/limits.h \
    %D%/error.c %D%/error.h \
    %D%/deadline.c %D%/deadline.h \
    %D%/random.c %D%/random.h
libbase_a_LIBADD =
