noinst_LIBRARIES += libprogram.a
libprogram_a_SOURCES = %D%/program.c %D%/program.h

bin_PROGRAMS += appsmtp-portal
appsmtp_portal_SOURCES = %D%/portal.c
appsmtp_portal_LDADD = \
    libweb.a libservice.a libdatabase.a libdirectory.a libresolver.a libcertificate.a \
    libsnapshot.a libconfig.a librules.a libbase.a \
    $(FCGI_LIBS) $(CTEMPLATE_LIBS) $(GMIME_LIBS) $(JSON_LIBS) $(LIBPQ_LIBS) $(LDAP_LIBS) \
    $(CARES_LIBS) $(OPENSSL_LIBS) $(LMDB_LIBS) $(LIBXML_LIBS) $(IDN_LIBS) $(GLIB_LIBS)
# The C++ linker, for ctemplate.
nodist_EXTRA_appsmtp_portal_SOURCES = dummy.cc
man_MANS += %D%/appsmtp-portal.1
EXTRA_DIST += %D%/appsmtp-portal.1

bin_PROGRAMS += appsmtp-admin
appsmtp_admin_SOURCES = \
    %D%/admin.c %D%/admin.h %D%/admin-registration.c %D%/admin-setup.c %D%/admin-directory.c %D%/admin-import.c \
    %D%/admin-search.c %D%/admin-show.c %D%/admin-history.c %D%/admin-overview.c \
    %D%/admin-standing.c %D%/admin-rate.c %D%/admin-roots.c %D%/admin-left-out.c \
    %D%/admin-people.c %D%/admin-sessions.c \
    %D%/output.c %D%/output.h %D%/export-task.c %D%/export-task.h
appsmtp_admin_LDADD = \
    libprogram.a librelay.a libservice.a libtable.a libsnapshot.a libcdbfile.a libdatabase.a libdirectory.a libresolver.a libcertificate.a \
    libconfig.a librules.a libbase.a \
    $(LMDB_LIBS) $(CDB_LIBS) $(CSV_LIBS) $(JSON_LIBS) $(LIBPQ_LIBS) $(LDAP_LIBS) $(CARES_LIBS) $(OPENSSL_LIBS) $(LIBXML_LIBS) \
    $(IDN_LIBS) $(GLIB_LIBS)
man_MANS += %D%/appsmtp-admin.1
EXTRA_DIST += %D%/appsmtp-admin.1

bin_PROGRAMS += appsmtp-check
appsmtp_check_SOURCES = %D%/check.c %D%/check-commands.c %D%/check-commands.h
appsmtp_check_CFLAGS = $(AM_CFLAGS) $(JSON_CFLAGS)
appsmtp_check_LDADD = \
    libprogram.a librelay.a libservice.a libdirectory.a libcertificate.a libsnapshot.a libresolver.a libconfig.a \
    librules.a libbase.a $(LDAP_LIBS) $(OPENSSL_LIBS) $(LMDB_LIBS) $(CARES_LIBS) \
    $(LIBXML_LIBS) $(IDN_LIBS) $(JSON_LIBS) $(GLIB_LIBS)
man_MANS += %D%/appsmtp-check.1
EXTRA_DIST += %D%/appsmtp-check.1

bin_PROGRAMS += appsmtp-policyd
appsmtp_policyd_SOURCES = %D%/policyd.c
appsmtp_policyd_LDADD = libprogram.a librelay.a libsnapshot.a libconfig.a librules.a libbase.a \
    $(LMDB_LIBS) $(LIBXML_LIBS) $(IDN_LIBS) $(GLIB_LIBS)
man_MANS += %D%/appsmtp-policyd.1
EXTRA_DIST += %D%/appsmtp-policyd.1

bin_PROGRAMS += appsmtp-milter
appsmtp_milter_SOURCES = %D%/milter.c
appsmtp_milter_LDADD = libprogram.a librelay.a libmilteradapter.a libmail.a libsnapshot.a libconfig.a librules.a \
    libbase.a $(MILTER_LIBS) $(GMIME_LIBS) $(LMDB_LIBS) $(LIBXML_LIBS) $(IDN_LIBS) $(GLIB_LIBS)
man_MANS += %D%/appsmtp-milter.1
EXTRA_DIST += %D%/appsmtp-milter.1

bin_PROGRAMS += appsmtp-export
appsmtp_export_SOURCES = %D%/export.c %D%/export-task.c %D%/export-task.h
appsmtp_export_LDADD = libprogram.a librelay.a libsnapshot.a libcdbfile.a libdatabase.a libresolver.a libconfig.a \
    librules.a libbase.a $(LMDB_LIBS) $(CDB_LIBS) $(LIBPQ_LIBS) $(CARES_LIBS) $(LIBXML_LIBS) $(IDN_LIBS) \
    $(GLIB_LIBS)
man_MANS += %D%/appsmtp-export.1
EXTRA_DIST += %D%/appsmtp-export.1

bin_PROGRAMS += appsmtp-notify
appsmtp_notify_SOURCES = %D%/notify.c
appsmtp_notify_LDADD = libprogram.a libservice.a librelay.a libmail.a libdatabase.a libdirectory.a libconfig.a librules.a \
    libbase.a $(GMIME_LIBS) $(CURL_LIBS) $(LIBPQ_LIBS) $(LDAP_LIBS) $(LIBXML_LIBS) $(IDN_LIBS) \
    $(GLIB_LIBS)
man_MANS += %D%/appsmtp-notify.1
EXTRA_DIST += %D%/appsmtp-notify.1
