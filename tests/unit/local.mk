check_PROGRAMS += test-network
test_network_SOURCES = %D%/test-network.c
test_network_LDADD = librules.a libbase.a $(IDN_LIBS) $(GLIB_LIBS)

check_PROGRAMS += test-config
test_config_SOURCES = %D%/test-config.c
test_config_LDADD = libconfig.a librules.a libbase.a $(LIBXML_LIBS) $(GLIB_LIBS)

check_PROGRAMS += test-decision
test_decision_SOURCES = %D%/test-decision.c
test_decision_LDADD = librules.a libbase.a $(IDN_LIBS) $(GLIB_LIBS)
EXTRA_DIST += tests/rules/decision.tsv tests/rules/rate.tsv

check_PROGRAMS += test-rate
test_rate_SOURCES = %D%/test-rate.c
test_rate_LDADD = librules.a libbase.a $(IDN_LIBS) $(GLIB_LIBS)

check_PROGRAMS += test-rules
test_rules_SOURCES = %D%/test-rules.c
test_rules_LDADD = librules.a libbase.a $(IDN_LIBS) $(GLIB_LIBS)
EXTRA_DIST += \
    tests/rules/address.tsv \
    tests/rules/network.tsv \
    tests/rules/hostname.tsv \
    tests/rules/dns.tsv \
    tests/rules/form.tsv \
    tests/rules/change.tsv

check_PROGRAMS += test-secret
test_secret_SOURCES = %D%/test-secret.c
test_secret_LDADD = librules.a libbase.a $(IDN_LIBS) $(GLIB_LIBS)
EXTRA_DIST += tests/certificates/wrappings.py tests/rules/secret.tsv

check_PROGRAMS += test-resolver
test_resolver_SOURCES = %D%/test-resolver.c %D%/stall.c %D%/stall.h
test_resolver_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=ares_timeout
test_resolver_LDADD = libresolver.a librules.a libbase.a $(CARES_LIBS) $(IDN_LIBS) $(GLIB_LIBS)

check_PROGRAMS += test-recognition
test_recognition_SOURCES = %D%/test-recognition.c
test_recognition_LDADD = $(appsmtp_notify_LDADD)

check_PROGRAMS += test-browser
test_browser_SOURCES = %D%/test-browser.c
test_browser_LDADD = librules.a $(GLIB_LIBS)

check_PROGRAMS += test-ownership
test_ownership_SOURCES = %D%/test-ownership.c
test_ownership_LDADD = libservice.a librules.a libbase.a $(IDN_LIBS) $(GLIB_LIBS)

check_PROGRAMS += test-snapshot
test_snapshot_SOURCES = %D%/test-snapshot.c
test_snapshot_LDADD = libsnapshot.a librules.a libbase.a $(LMDB_LIBS) $(IDN_LIBS) $(GLIB_LIBS)

check_PROGRAMS += test-policyd
test_policyd_SOURCES = %D%/test-policyd.c
test_policyd_LDADD = $(appsmtp_policyd_LDADD)
EXTRA_test_policyd_DEPENDENCIES = appsmtp-policyd

check_PROGRAMS += test-uses
test_uses_SOURCES = %D%/test-uses.c
test_uses_LDADD = $(appsmtp_policyd_LDADD)

check_PROGRAMS += test-rates
test_rates_SOURCES = %D%/test-rates.c
test_rates_LDADD = $(appsmtp_policyd_LDADD)

check_PROGRAMS += test-milter
test_milter_SOURCES = %D%/test-milter.c
test_milter_LDADD = $(appsmtp_milter_LDADD)
EXTRA_test_milter_DEPENDENCIES = appsmtp-milter

check_PROGRAMS += test-directory
test_directory_SOURCES = %D%/test-directory.c %D%/slapd.c %D%/slapd.h
test_directory_CFLAGS = $(UNIT_CFLAGS) $(LDAP_CFLAGS)
test_directory_LDADD = libdirectory.a libconfig.a librules.a libbase.a \
    $(LDAP_LIBS) $(LIBXML_LIBS) $(IDN_LIBS) $(GLIB_LIBS)

check_PROGRAMS += test-people
test_people_SOURCES = %D%/test-people.c %D%/slapd.c %D%/slapd.h %D%/meddler.c %D%/meddler.h
test_people_CFLAGS = $(UNIT_CFLAGS) $(LDAP_CFLAGS)
test_people_LDADD = $(test_directory_LDADD)

check_PROGRAMS += test-certificate
test_certificate_SOURCES = %D%/test-certificate.c
test_certificate_LDADD = librules.a libbase.a $(IDN_LIBS) $(GLIB_LIBS)

check_PROGRAMS += test-certificate-cases
test_certificate_cases_SOURCES = %D%/test-certificate-cases.c
test_certificate_cases_CFLAGS = $(UNIT_CFLAGS) $(OPENSSL_CFLAGS)
test_certificate_cases_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=malloc -Wl,--wrap=realloc
test_certificate_cases_LDADD = libcertificate.a librules.a libbase.a $(OPENSSL_LIBS) $(IDN_LIBS) $(GLIB_LIBS)
EXTRA_DIST += tests/certificates/make tests/certificates/cases.tsv

check_PROGRAMS += test-paths
test_paths_SOURCES = %D%/test-paths.c
test_paths_CFLAGS = $(UNIT_CFLAGS) $(OPENSSL_CFLAGS)
test_paths_LDADD = libcertificate.a librules.a libbase.a $(OPENSSL_LIBS) $(IDN_LIBS) $(GLIB_LIBS)

check_PROGRAMS += test-check
test_check_SOURCES = %D%/test-check.c %D%/slapd.c %D%/slapd.h
test_check_CFLAGS = $(AM_CFLAGS) $(JSON_CFLAGS)
test_check_LDADD = libsnapshot.a librules.a libbase.a \
    $(LMDB_LIBS) $(IDN_LIBS) $(JSON_LIBS) $(GLIB_LIBS)
EXTRA_test_check_DEPENDENCIES = appsmtp-check

check_PROGRAMS += test-export
test_export_SOURCES = %D%/test-export.c
test_export_LDADD = $(appsmtp_export_LDADD)

TESTS += tests/unit/test-needed
EXTRA_DIST += tests/unit/test-needed

check_PROGRAMS += test-reminder
test_reminder_SOURCES = %D%/test-reminder.c
test_reminder_LDADD = libservice.a libmail.a librules.a libbase.a $(GMIME_LIBS) $(IDN_LIBS) $(GLIB_LIBS)

check_PROGRAMS += test-stall
test_stall_SOURCES = %D%/test-stall.c %D%/stall.c %D%/stall.h
test_stall_LDADD = libbase.a $(GLIB_LIBS)

check_PROGRAMS += test-database
test_database_SOURCES = %D%/test-database.c %D%/postgres.c %D%/postgres.h %D%/stall.c %D%/stall.h
test_database_LDADD = libdatabase.a libconfig.a librules.a libbase.a \
    $(LIBPQ_LIBS) $(LIBXML_LIBS) $(IDN_LIBS) $(GLIB_LIBS)

check_PROGRAMS += test-schema
test_schema_SOURCES = %D%/test-schema.c %D%/postgres.c %D%/postgres.h
test_schema_LDADD = $(test_database_LDADD)

check_PROGRAMS += test-smtp
test_smtp_SOURCES = %D%/test-smtp.c %D%/stall.c %D%/stall.h
test_smtp_LDADD = libmail.a libconfig.a librules.a libbase.a $(CURL_LIBS) $(GMIME_LIBS) $(LIBXML_LIBS) $(IDN_LIBS) \
    $(GLIB_LIBS)
EXTRA_DIST += tests/unit/smtp-server

check_PROGRAMS += test-directory-stall
test_directory_stall_SOURCES = %D%/test-directory-stall.c %D%/slapd.c %D%/slapd.h \
    %D%/stall.c %D%/stall.h %D%/sample.c %D%/sample.h %D%/crew.c %D%/crew.h
test_directory_stall_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=g_resolver_lookup_by_name_async
test_directory_stall_LDADD = $(test_directory_LDADD)

check_PROGRAMS += test-dated
test_dated_SOURCES = %D%/test-dated.c
test_dated_LDADD = libbase.a $(GLIB_LIBS)

check_PROGRAMS += test-watchdog
test_watchdog_SOURCES = %D%/test-watchdog.c
test_watchdog_LDADD = libbase.a $(GLIB_LIBS)

check_PROGRAMS += test-directory-faults
test_directory_faults_SOURCES = %D%/test-directory-faults.c %D%/slapd.c %D%/slapd.h \
    %D%/meddler.c %D%/meddler.h %D%/sample.c %D%/sample.h %D%/crew.c %D%/crew.h
test_directory_faults_CFLAGS = $(AM_CFLAGS) $(LDAP_CFLAGS)
test_directory_faults_LDADD = $(test_directory_LDADD)

check_PROGRAMS += test-directory-groups
test_directory_groups_SOURCES = %D%/test-directory-groups.c %D%/slapd.c %D%/slapd.h \
    %D%/meddler.c %D%/meddler.h %D%/sample.c %D%/sample.h
test_directory_groups_LDADD = $(test_directory_LDADD)
