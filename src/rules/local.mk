noinst_LIBRARIES += librules.a
librules_a_SOURCES = \
    %D%/messages.def \
    %D%/finding.c %D%/finding.h \
    %D%/network.c %D%/network.h \
    %D%/location.c %D%/location.h \
    %D%/typed.c %D%/typed.h \
    %D%/address.c %D%/address.h \
    %D%/spelling.c %D%/spelling.h \
    %D%/source.c %D%/source.h \
    %D%/hostname.c %D%/hostname.h
librules_a_CFLAGS = $(AM_CFLAGS) $(IDN_CFLAGS)
librules_a_LIBADD =
