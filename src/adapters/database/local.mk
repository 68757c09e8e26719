noinst_LIBRARIES += libdatabase.a
libdatabase_a_SOURCES = \
    %D%/change.c %D%/change.h \
    %D%/database.c %D%/database.h \
    %D%/exported.c %D%/exported.h \
    %D%/record.c %D%/record.h \
    %D%/registry.c %D%/registry.h \
    %D%/schema.c %D%/schema.h \
    %D%/sessions.c %D%/sessions.h
libdatabase_a_CFLAGS = $(AM_CFLAGS) $(LIBPQ_CFLAGS)
libdatabase_a_LIBADD =
