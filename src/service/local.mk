noinst_LIBRARIES += libservice.a
libservice_a_SOURCES = %D%/ownership.c %D%/ownership.h
libservice_a_LIBADD =
