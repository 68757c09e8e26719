if FUZZERS
noinst_PROGRAMS += fuzz-author
fuzz_author_SOURCES = %D%/fuzz-author.c
fuzz_author_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
fuzz_author_LDADD = libmail.a librules.a libbase.a $(GMIME_LIBS) $(IDN_LIBS) $(GLIB_LIBS)

noinst_PROGRAMS += fuzz-certificate
fuzz_certificate_SOURCES = %D%/fuzz-certificate.c
fuzz_certificate_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
fuzz_certificate_LDADD = libcertificate.a librules.a libbase.a $(OPENSSL_LIBS) $(GLIB_LIBS)

noinst_PROGRAMS += fuzz-export-files
fuzz_export_files_SOURCES = %D%/fuzz-export-files.c
fuzz_export_files_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
fuzz_export_files_LDADD = $(appsmtp_policyd_LDADD)

noinst_PROGRAMS += fuzz-form
fuzz_form_SOURCES = %D%/fuzz-form.c
fuzz_form_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
fuzz_form_LDADD = libweb.a libbase.a $(GMIME_LIBS) $(GLIB_LIBS)

noinst_PROGRAMS += fuzz-rules
fuzz_rules_SOURCES = %D%/fuzz-rules.c
fuzz_rules_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
fuzz_rules_LDADD = librules.a libbase.a $(IDN_LIBS) $(GLIB_LIBS)

noinst_PROGRAMS += fuzz-secret
fuzz_secret_SOURCES = %D%/fuzz-secret.c
fuzz_secret_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
fuzz_secret_LDADD = librules.a libbase.a $(IDN_LIBS) $(GLIB_LIBS)
endif
