EXTRA_PROGRAMS += appsmtp-check
appsmtp_check_SOURCES = %D%/check.c %D%/check-commands.c %D%/check-commands.h
appsmtp_check_CFLAGS = $(AM_CFLAGS) $(JSON_CFLAGS)
appsmtp_check_LDADD = \
    libservice.a libdirectory.a libcertificate.a libsnapshot.a libresolver.a libconfig.a \
    librules.a libbase.a $(LDAP_LIBS) $(OPENSSL_LIBS) $(LMDB_LIBS) $(CARES_LIBS) \
    $(LIBXML_LIBS) $(IDN_LIBS) $(JSON_LIBS) $(GLIB_LIBS)
man_MANS += %D%/appsmtp-check.1
EXTRA_DIST += %D%/appsmtp-check.1
