noinst_LIBRARIES += libcdbfile.a
libcdbfile_a_SOURCES = %D%/cdb.c %D%/cdb.h
libcdbfile_a_CFLAGS = $(AM_CFLAGS) $(CDB_CFLAGS)
