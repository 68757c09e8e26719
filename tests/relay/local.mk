EXTRA_PROGRAMS += relay-generate
relay_generate_SOURCES = %D%/generate.c
relay_generate_LDADD = $(appsmtp_export_LDADD)
CLEANFILES += relay-generate
