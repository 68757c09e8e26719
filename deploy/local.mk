EXTRA_DIST += %D%/appsmtp.xml %D%/packages %D%/roots
EXTRA_DIST += %D%/directory/389-ds.xml %D%/directory/active-directory.xml %D%/directory/openldap.xml
EXTRA_DIST += %D%/directory/make-ldif %D%/directory/sample.schema %D%/directory/slapd.conf.in
EXTRA_DIST += \
    %D%/nginx/common.conf %D%/nginx/fastcgi-params %D%/nginx/http.conf \
    %D%/nginx/portal.conf %D%/nginx/single-sign-on.conf
EXTRA_DIST += %D%/exim/acl.conf %D%/opensmtpd/smtpd.conf %D%/sendmail/appsmtp.m4
EXTRA_DIST += %D%/cron/appsmtp-export %D%/prometheus/appsmtp.rules.yml
EXTRA_DIST += %D%/postfix/main.cf %D%/postfix/master.cf %D%/postfix/classes
EXTRA_DIST += \
    %D%/systemd/appsmtp-export.service %D%/systemd/appsmtp-export.timer \
    %D%/systemd/appsmtp-milter.service \
    %D%/systemd/appsmtp-notify.service %D%/systemd/appsmtp-notify.timer \
    %D%/systemd/appsmtp-policyd.service \
    %D%/systemd/appsmtp-reload.path %D%/systemd/appsmtp-reload.service \
    %D%/systemd/appsmtp-portal.service %D%/systemd/appsmtp-portal.socket
EXTRA_DIST += %D%/demo \
    %D%/demo.d/appsmtp.xml.in %D%/demo.d/dnsmasq.conf.in %D%/demo.d/main.cf.in %D%/demo.d/nginx.conf.in \
    %D%/demo.d/answers %D%/demo.d/build.sh %D%/demo.d/common.sh %D%/demo.d/config.sh %D%/demo.d/database.sh \
    %D%/demo.d/directory.sh %D%/demo.d/dns.sh %D%/demo.d/export.sh %D%/demo.d/notify.sh %D%/demo.d/packages.sh \
    %D%/demo.d/pki.sh %D%/demo.d/pooler.sh %D%/demo.d/postfix.sh %D%/demo.d/relay.sh %D%/demo.d/web.sh
