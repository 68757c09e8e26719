dnl SPDX-License-Identifier: MIT
dnl The relay on sendmail (8.17): these lines belong at the end of sendmail.mc, which must
dnl have neither FEATURE(relay_mail_from) nor names in /etc/mail/relay-domains. Map:
dnl appsmtp-export --format sendmail; the reload command restarts the daemon. The words
dnl of the ruleset's two sides are separated by tabs.
define(`confCERT_FINGERPRINT_ALGORITHM', `sha256')dnl
define(`confDONT_PROBE_INTERFACES', `True')dnl
LOCAL_CONFIG
Kappsmtp hash /var/lib/appsmtp/export/current/appsmtp
LOCAL_RULESETS
# What the export knows of "left/right": OK, or anything else. One part after the other
# is taken off the end of an address.
SAppsmtpFind
R$* / $*		$: < $(appsmtp $1 / $2 $: ? $) > $1 / $2
R< OK > $*		$@ OK
R< ? > $+ . $- / $*	$@ $>AppsmtpFind $1 / $3
R< ? > $+ : $- / $*	$@ $>AppsmtpFind $1 / $3
R$*			$@ NO

# Sender and source have to belong to the same registration; from where is $1.
SAppsmtpSender
R$* / < $+ >		$@ $>AppsmtpFind $1 / $2
R$* / $+		$@ $>AppsmtpFind $1 / $2
R$*			$@ NO

SLocal_check_rcpt
R$*			$: $>AppsmtpFind $&{client_addr} / location
RNO			$#error $@ 5.7.1 $: "550 This relay serves the university's networks only"
R$*			$: $>AppsmtpSender $&{client_addr} / $&f
ROK			$#OK
R$*			$: $>AppsmtpSender $&{cert_fp} / $&f
ROK			$#OK
R$*			$#error $@ 5.7.1 $: "550 This sender is not registered for this source, see https://appsmtp.example.edu/registrations"
