dnl SPDX-License-Identifier: MIT
dnl The relay on sendmail (8.17). In this order: set <export format="sendmail"/> and a reload
dnl command that restarts the daemon, and run appsmtp-export: without its maps sendmail puts
dnl everything off. Put these lines at the end of sendmail.mc, which must have neither
dnl FEATURE(relay_mail_from), FEATURE(delay_checks) nor names in /etc/mail/relay-domains, and
dnl no second daemon without them; with a certificate and key of the relay's own (confSERVER_CERT,
dnl confSERVER_KEY) it asks for those of clients. Make sendmail.cf, restart, and send as a
dnl registered sender from its source, and from another one. The words of the ruleset's
dnl two sides are separated by tabs.
dnl
dnl What it cannot: public keys (a renewed certificate passes when it is registered, too), rates
dnl (the "ratecontrol" features count connections of an address, not messages of a sender),
dnl From: and Sender: (appsmtp-milter does, as INPUT_MAIL_FILTER), the empty sender even where
dnl it is allowed, and a text of its own for each refusal.
define(`confCERT_FINGERPRINT_ALGORITHM', `sha256')dnl
define(`confDONT_PROBE_INTERFACES', `True')dnl
LOCAL_CONFIG
Kappsmtp hash -T<TMPF> /var/lib/appsmtp/export/current/appsmtp
Kappsmtpplaces hash -T<TMPF> /var/lib/appsmtp/export/current/locations
LOCAL_RULESETS
# Whether the client's address, or a network that ends where a part of it does, is a place.
# Here and below: OK, NO, or LATER where the map cannot be asked.
SAppsmtpPlace
R$*			$: < $(appsmtpplaces $1 $: ? $) > $1
R< OK > $*		$@ OK
R< $* <TMPF> > $*	$@ LATER
R< ? > $+ . $-		$@ $>AppsmtpPlace $1
R< ? > $+ : $-		$@ $>AppsmtpPlace $1
R$*			$@ NO

# What the export knows of "left/right". One part after the other
# is taken off the end of the address. No sender can hold what stands between the two here.
SAppsmtpFind
R$* $| $*		$: < $(appsmtp $1 / $2 $: ? $) > $1 $| $2
R< OK > $*		$@ OK
R< $* <TMPF> > $*	$@ LATER
R< ? > $+ . $- $| $*	$@ $>AppsmtpFind $1 $| $3
R< ? > $+ : $- $| $*	$@ $>AppsmtpFind $1 $| $3
R$*			$@ NO

# Sender and source have to belong to the same registration; from where is $1.
SAppsmtpSender
R$* $| < $+ >		$@ $>AppsmtpFind $1 $| $2
R$* $| $+		$@ $>AppsmtpFind $1 $| $2
R$*			$@ NO

# A certificate counts by its whole fingerprint: part of one may read like a network.
SAppsmtpCertificate
R$* $| < $+ >		$: $1 $| $2
R$* $| $+		$: < $(appsmtp $1 / $2 $: ? $) >
R< OK >			$@ OK
R< $* <TMPF> >		$@ LATER
R$*			$@ NO

SLocal_check_rcpt
R$*			$: $>AppsmtpPlace $&{client_addr}
RLATER			$#error $@ 4.3.0 $: "451 It cannot be looked up who may send. Try again later"
RNO			$#error $@ 5.7.1 $: "550 This relay serves the university's networks only"
R$*			$: $>AppsmtpSender $&{client_addr} $| $&f
RLATER			$#error $@ 4.3.0 $: "451 It cannot be looked up who may send. Try again later"
ROK			$#OK
R$*			$: $>AppsmtpCertificate $&{cert_fp} $| $&f
RLATER			$#error $@ 4.3.0 $: "451 It cannot be looked up who may send. Try again later"
ROK			$#OK
R$*			$#error $@ 5.7.1 $: "550 This sender is not registered for this source, see https://appsmtp.example.edu/registrations"
