noinst_LIBRARIES += librules.a
librules_a_SOURCES = \
    %D%/messages.def \
    %D%/certificate.c %D%/certificate.h \
    %D%/finding.c %D%/finding.h \
    %D%/network.c %D%/network.h \
    %D%/location.c %D%/location.h
librules_a_CFLAGS = $(AM_CFLAGS) $(IDN_CFLAGS)
librules_a_LIBADD =
