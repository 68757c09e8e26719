noinst_LIBRARIES += libmilteradapter.a
libmilteradapter_a_SOURCES = %D%/milter.c %D%/milter.h
libmilteradapter_a_LIBADD =
