EXTRA_PROGRAMS += directories-ask
directories_ask_SOURCES = %D%/ask.c
directories_ask_LDADD = libdirectory.a libconfig.a librules.a libbase.a \
    $(LDAP_LIBS) $(LIBXML_LIBS) $(IDN_LIBS) $(GLIB_LIBS)
CLEANFILES += directories-ask
# By name: the folder itself would bring along what is built in it.
EXTRA_DIST += \
    %D%/inside %D%/matrix.tsv %D%/expected.tsv %D%/matrix.py %D%/servers.py %D%/portal.py %D%/conftest.py \
    %D%/active_directory.py %D%/load_samba.py %D%/ds389.py %D%/openldap.py \
    %D%/test_matrix.py %D%/test_failover.py
