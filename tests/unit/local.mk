check_PROGRAMS += test-network
test_network_SOURCES = %D%/test-network.c
test_network_LDADD = librules.a libbase.a $(GLIB_LIBS)

check_PROGRAMS += test-config
test_config_SOURCES = %D%/test-config.c
test_config_LDADD = libconfig.a librules.a libbase.a $(LIBXML_LIBS) $(GLIB_LIBS)

check_PROGRAMS += test-rules
test_rules_SOURCES = %D%/test-rules.c
test_rules_LDADD = librules.a libbase.a $(IDN_LIBS) $(GLIB_LIBS)
EXTRA_DIST += \
    tests/rules/address.tsv \
    tests/rules/network.tsv \
    tests/rules/hostname.tsv \
    tests/rules/dns.tsv

check_PROGRAMS += test-resolver
test_resolver_SOURCES = %D%/test-resolver.c
test_resolver_LDADD = libresolver.a librules.a libbase.a $(CARES_LIBS) $(IDN_LIBS) $(GLIB_LIBS)

check_PROGRAMS += test-directory
test_directory_SOURCES = %D%/test-directory.c %D%/slapd.c %D%/slapd.h
test_directory_CFLAGS = $(UNIT_CFLAGS) $(LDAP_CFLAGS)
test_directory_LDADD = libdirectory.a libconfig.a librules.a libbase.a \
    $(LDAP_LIBS) $(LIBXML_LIBS) $(IDN_LIBS) $(GLIB_LIBS)
