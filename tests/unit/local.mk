check_PROGRAMS += test-network
test_network_SOURCES = %D%/test-network.c
test_network_LDADD = librules.a libbase.a $(GLIB_LIBS)
