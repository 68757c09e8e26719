noinst_LIBRARIES += libmail.a
libmail_a_SOURCES = \
    %D%/author.c %D%/author.h \
    %D%/mail.c %D%/mail.h \
    %D%/smtp.c %D%/smtp.h
libmail_a_CFLAGS = $(AM_CFLAGS) $(GMIME_CFLAGS) $(CURL_CFLAGS)
libmail_a_LIBADD =
