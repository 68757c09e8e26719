bin_PROGRAMS += appsmtp-policyd
appsmtp_policyd_SOURCES = %D%/policyd.c
appsmtp_policyd_LDADD = librelay.a libsnapshot.a librules.a libbase.a \
    $(LMDB_LIBS) $(IDN_LIBS) $(GLIB_LIBS)
dist_man1_MANS += %D%/appsmtp-policyd.1
