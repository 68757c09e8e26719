# What stands on the relay: the export and the policy daemon. No directory, no templates.
noinst_LIBRARIES += librelay.a
librelay_a_SOURCES = \
    %D%/listen.c %D%/listen.h \
    %D%/policy-request.c %D%/policy-request.h \
    %D%/policy-server.c %D%/policy-server.h
librelay_a_LIBADD =
