noinst_LIBRARIES += libcertificate.a
libcertificate_a_SOURCES = \
    %D%/absent.c %D%/absent.h \
    %D%/certificate.c %D%/certificate.h \
    %D%/constraints.c %D%/constraints.h \
    %D%/container.c %D%/container.h \
    %D%/der.c %D%/der.h \
    %D%/facts.c %D%/facts.h \
    %D%/key.c %D%/key.h \
    %D%/leaf.c %D%/leaf.h \
    %D%/memory.c %D%/memory.h \
    %D%/names.c %D%/names.h \
    %D%/openssl.h \
    %D%/path.c %D%/path.h \
    %D%/pem.c %D%/pem.h \
    %D%/roots.c %D%/roots.h %D%/roots.def \
    %D%/signature.c %D%/signature.h \
    %D%/trust.c %D%/trust.h \
    %D%/verify.c %D%/verify.h
libcertificate_a_CFLAGS = $(AM_CFLAGS) $(OPENSSL_CFLAGS)
libcertificate_a_LIBADD =
