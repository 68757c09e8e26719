noinst_LIBRARIES += libdirectory.a
libdirectory_a_SOURCES = \
    %D%/directory.c %D%/directory.h \
    %D%/connection.c %D%/connection.h \
    %D%/transport.c %D%/transport.h \
    %D%/filter.c %D%/filter.h \
    %D%/search.c %D%/search.h \
    %D%/membership.c %D%/membership.h \
    %D%/lookup.h %D%/login.c %D%/person.c %D%/sign-in.c %D%/groups.c %D%/account.c %D%/holders.c %D%/offered.c \
    %D%/standing.c %D%/named-group.c \
    %D%/explain.h %D%/explain.c %D%/schema.c %D%/survey.c %D%/inspect.c
libdirectory_a_CFLAGS = $(AM_CFLAGS) $(LDAP_CFLAGS)
libdirectory_a_LIBADD =
