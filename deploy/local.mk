EXTRA_DIST += %D%/appsmtp.xml
EXTRA_DIST += %D%/directory/make-ldif %D%/directory/sample.schema %D%/directory/slapd.conf.in
