check_PROGRAMS += test-network
test_network_SOURCES = %D%/test-network.c
test_network_LDADD = librules.a libbase.a $(GLIB_LIBS)

check_PROGRAMS += test-config
test_config_SOURCES = %D%/test-config.c
test_config_LDADD = libconfig.a librules.a libbase.a $(LIBXML_LIBS) $(GLIB_LIBS)

check_PROGRAMS += test-certificate
test_certificate_SOURCES = %D%/test-certificate.c
test_certificate_LDADD = librules.a libbase.a $(GLIB_LIBS)

check_PROGRAMS += test-certificate-cases
test_certificate_cases_SOURCES = %D%/test-certificate-cases.c
test_certificate_cases_LDADD = libcertificate.a librules.a libbase.a $(OPENSSL_LIBS) $(GLIB_LIBS)
EXTRA_DIST += tests/certificates/make tests/certificates/cases.tsv
