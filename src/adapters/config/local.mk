noinst_LIBRARIES += libconfig.a
libconfig_a_SOURCES = \
    %D%/config.c %D%/config.h \
    %D%/directory-settings.c %D%/parse.h \
    %D%/secret.c \
    %D%/xml-check.c %D%/xml-check.h \
    %D%/xml.c %D%/xml.h
libconfig_a_CFLAGS = $(AM_CFLAGS) $(LIBXML_CFLAGS)
libconfig_a_LIBADD =
