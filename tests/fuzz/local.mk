if FUZZERS
noinst_PROGRAMS += fuzz-certificate
fuzz_certificate_SOURCES = %D%/fuzz-certificate.c
fuzz_certificate_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
fuzz_certificate_LDADD = libcertificate.a librules.a libbase.a $(OPENSSL_LIBS) $(GLIB_LIBS)
endif
