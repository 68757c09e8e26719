bin_PROGRAMS += appsmtp-export
appsmtp_export_SOURCES = %D%/export.c
appsmtp_export_LDADD = librelay.a libsnapshot.a libdatabase.a libresolver.a libconfig.a \
    librules.a libbase.a $(LMDB_LIBS) $(LIBPQ_LIBS) $(CARES_LIBS) $(LIBXML_LIBS) $(IDN_LIBS) \
    $(GLIB_LIBS)
dist_man1_MANS += %D%/appsmtp-export.1

bin_PROGRAMS += appsmtp-policyd
appsmtp_policyd_SOURCES = %D%/policyd.c
appsmtp_policyd_LDADD = librelay.a libsnapshot.a librules.a libbase.a \
    $(LMDB_LIBS) $(IDN_LIBS) $(GLIB_LIBS)
dist_man1_MANS += %D%/appsmtp-policyd.1
