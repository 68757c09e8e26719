EXTRA_DIST += %D%/appsmtp.xml
