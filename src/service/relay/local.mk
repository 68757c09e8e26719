# What stands on the relay: the export, the policy daemon and the milter. No directory, no templates.
noinst_LIBRARIES += librelay.a
librelay_a_SOURCES = \
    %D%/cidr.c %D%/cidr.h \
    %D%/classes.c %D%/classes.h \
    %D%/exim.c %D%/exim.h \
    %D%/export.c %D%/export.h \
    %D%/export-report.c %D%/export-report.h \
    %D%/format.c %D%/format.h \
    %D%/files.c %D%/files.h \
    %D%/gather.c %D%/gather.h \
    %D%/generation.c %D%/generation.h \
    %D%/hostnames.c %D%/hostnames.h \
    %D%/listen.c %D%/listen.h \
    %D%/listing.c %D%/listing.h \
    %D%/live.c %D%/live.h \
    %D%/manifest.c %D%/manifest.h \
    %D%/map-file.c %D%/map-file.h \
    %D%/metrics.c %D%/metrics.h \
    %D%/milter-session.c %D%/milter-session.h \
    %D%/opensmtpd.c %D%/opensmtpd.h \
    %D%/pairs.c %D%/pairs.h \
    %D%/plan.c %D%/plan.h \
    %D%/policy-counts.c %D%/policy-counts.h \
    %D%/policy-request.c %D%/policy-request.h \
    %D%/policy-server.c %D%/policy-server.h \
    %D%/postfix.c %D%/postfix.h \
    %D%/postmap.c %D%/postmap.h \
    %D%/rates.c %D%/rates.h \
    %D%/rates-file.c %D%/rates-file.h \
    %D%/rates-report.c %D%/rates-report.h \
    %D%/reload.c %D%/reload.h \
    %D%/rollback.c %D%/rollback.h \
    %D%/sendmail.c %D%/sendmail.h \
    %D%/slots.c %D%/slots.h \
    %D%/uses.c %D%/uses.h \
    %D%/uses-report.c %D%/uses-report.h
librelay_a_LIBADD =
