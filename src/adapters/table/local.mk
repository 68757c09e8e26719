noinst_LIBRARIES += libtable.a
libtable_a_SOURCES = %D%/table.c %D%/table.h
libtable_a_LIBADD =
