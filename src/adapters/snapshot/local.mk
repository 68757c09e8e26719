noinst_LIBRARIES += libsnapshot.a
libsnapshot_a_SOURCES = \
    %D%/format.c %D%/format.h \
    %D%/snapshot.c %D%/snapshot.h \
    %D%/writer.c
libsnapshot_a_CFLAGS = $(AM_CFLAGS) $(LMDB_CFLAGS)
libsnapshot_a_LIBADD =
