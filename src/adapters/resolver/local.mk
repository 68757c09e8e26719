noinst_LIBRARIES += libresolver.a
libresolver_a_SOURCES = %D%/resolver.c %D%/resolver.h
libresolver_a_CFLAGS = $(AM_CFLAGS) $(CARES_CFLAGS)
libresolver_a_LIBADD =
