{{%AUTOESCAPE context="HTML"}}<h2 class="govuk-heading-m" id="setup">Set up your application</h2>
<dl class="govuk-summary-list">
  <div class="govuk-summary-list__row"><dt class="govuk-summary-list__key">Mail server (SMTP host)</dt>
    <dd class="govuk-summary-list__value app-break">{{RELAY_HOST}}</dd></div>
  <div class="govuk-summary-list__row"><dt class="govuk-summary-list__key">Port</dt>
    <dd class="govuk-summary-list__value">{{RELAY_PORT}}</dd></div>
  <div class="govuk-summary-list__row"><dt class="govuk-summary-list__key">Encryption</dt>
    <dd class="govuk-summary-list__value">STARTTLS{{#WITH_CERTIFICATE}}, with the certificate and its key as client
      certificate{{/WITH_CERTIFICATE}}</dd></div>
  <div class="govuk-summary-list__row"><dt class="govuk-summary-list__key">Login and password</dt>
    <dd class="govuk-summary-list__value">None</dd></div>
  <div class="govuk-summary-list__row"><dt class="govuk-summary-list__key">Sender (envelope from)</dt>
    <dd class="govuk-summary-list__value app-break">{{ADDRESS}}</dd></div>
  <div class="govuk-summary-list__row"><dt class="govuk-summary-list__key">From: header</dt>
    <dd class="govuk-summary-list__value">The same address, or another one that is registered for the same source</dd></div>
  <div class="govuk-summary-list__row"><dt class="govuk-summary-list__key">Largest message</dt>
    <dd class="govuk-summary-list__value">{{MEGABYTES}} MB, about {{FILE_MEGABYTES}} MB of files, as attachments grow by a third</dd></div>
</dl>
{{#WITH_CERTIFICATE}}<p class="govuk-body">In what follows <code>certificate.pem</code> is the certificate with its intermediate
certificates, and <code>key.pem</code> its private key, which never leaves your server. <code>certificate.pfx</code> holds both.</p>{{/WITH_CERTIFICATE}}
<div class="app-snippets">
<details class="govuk-details">
  <summary class="govuk-details__summary"><span class="govuk-details__summary-text">Postfix</span></summary>
  <div class="govuk-details__text"><p class="govuk-body">All mail of the application's server then leaves with this address. In <code>/etc/postfix/main.cf</code>:</p>
<pre class="app-snippet" tabindex="0"><code>relayhost = [{{RELAY_HOST}}]:{{RELAY_PORT}}
smtp_tls_security_level = encrypt
{{#WITH_CERTIFICATE}}smtp_tls_chain_files = /etc/postfix/key.pem, /etc/postfix/certificate.pem
{{/WITH_CERTIFICATE}}sender_canonical_classes = envelope_sender
sender_canonical_maps = regexp:/etc/postfix/appsmtp-sender
smtp_header_checks = regexp:/etc/postfix/appsmtp-from</code></pre>
<p class="govuk-body">In <code>/etc/postfix/appsmtp-sender</code>, which leaves the senders of bounces and of Postfix's own notices as they are:</p>
<pre class="app-snippet" tabindex="0"><code>/^(double-bounce@.*)$/ $1
/@/ {{ADDRESS_REGEXP}}</code></pre>
<p class="govuk-body">In <code>/etc/postfix/appsmtp-from</code>, which keeps the name beside the address; then <code>postfix reload</code>:</p>
<pre class="app-snippet" tabindex="0"><code>/^(From|Sender):(.*)&lt;[^&lt;&gt;]*&gt;/ REPLACE $1:$2&lt;{{ADDRESS_REGEXP}}&gt;
/^(From|Sender):[^(]*(\(.*\))?.*$/ REPLACE $1: {{ADDRESS_REGEXP}} $2</code></pre></div>
</details>
<details class="govuk-details">
  <summary class="govuk-details__summary"><span class="govuk-details__summary-text">Exim</span></summary>
  <div class="govuk-details__text"><p class="govuk-body">All mail of the application's server then leaves with this address. A router, before the others:</p>
<pre class="app-snippet" tabindex="0"><code>appsmtp:
  driver = manualroute
  domains = ! +local_domains
  transport = appsmtp
  route_list = * {{RELAY_HOST}}::{{RELAY_PORT}} byname</code></pre>
<p class="govuk-body">And a transport, which leaves the empty sender of a bounce as it is:</p>
<pre class="app-snippet" tabindex="0"><code>appsmtp:
  driver = smtp
  hosts_require_tls = *
{{#WITH_CERTIFICATE}}  tls_certificate = /etc/exim4/certificate.pem
  tls_privatekey = /etc/exim4/key.pem
{{/WITH_CERTIFICATE}}  return_path = {{RETURN_PATH_EXIM}}
  headers_rewrite = *@* {{ADDRESS_EXIM}} fs</code></pre></div>
</details>
<details class="govuk-details">
  <summary class="govuk-details__summary"><span class="govuk-details__summary-text">sendmail and msmtp</span></summary>
  <div class="govuk-details__text"><p class="govuk-body">msmtp, in <code>/etc/msmtprc</code>{{#WITH_CERTIFICATE}}; the account that sends has to be able to read both files{{/WITH_CERTIFICATE}}:</p>
<pre class="app-snippet" tabindex="0"><code>account default
host {{RELAY_HOST}}
port {{RELAY_PORT}}
auth off
tls on
tls_starttls on
{{#WITH_CERTIFICATE}}tls_cert_file /etc/msmtp/certificate.pem
tls_key_file /etc/msmtp/key.pem
{{/WITH_CERTIFICATE}}from {{ADDRESS}}
set_from_header on</code></pre>
<p class="govuk-body">sendmail, at the end of <code>sendmail.mc</code>; a tab separates the two sides of each line that begins with
<code>R</code>. In From: the addresses of other servers stay:</p>
<pre class="app-snippet" tabindex="0"><code>define(`SMART_HOST', `appsmtp:[{{RELAY_HOST}}]')dnl
{{#WITH_CERTIFICATE}}define(`confCLIENT_CERT', `/etc/mail/certificate.pem')dnl
define(`confCLIENT_KEY', `/etc/mail/key.pem')dnl
{{/WITH_CERTIFICATE}}LOCAL_CONFIG
Kappsmtp text -v1 /etc/mail/appsmtp-sender
MAILER_DEFINITIONS
Mappsmtp, P=[IPC], F=mDFMuXa8, S=AppsmtpEnv/AppsmtpFrom, R=MasqSMTP,
	E=\r\n, L=2040, T=DNS/RFC822/SMTP, A=TCP $h {{RELAY_PORT}}
LOCAL_RULESETS
SAppsmtpEnv
R$* &lt; @ &gt;	$@ &lt; @ &gt;
R$+	$@ $&gt;canonify $(appsmtp sender $)
SAppsmtpFrom
R$*	$: $&gt;MasqSMTP $1
R$+ &lt; @ *LOCAL* &gt;	$@ $&gt;canonify $(appsmtp sender $)
R$+ &lt; @ $=w . &gt;	$@ $&gt;canonify $(appsmtp sender $)</code></pre>
<p class="govuk-body">In <code>/etc/mail/appsmtp-sender</code>; then rebuild <code>sendmail.cf</code> and restart it:</p>
<pre class="app-snippet" tabindex="0"><code>sender {{ADDRESS}}</code></pre>
<p class="govuk-body">A program that calls either of them names the sender:</p>
<pre class="app-snippet" tabindex="0"><code>sendmail -f {{ADDRESS_SHELL}} {{RECIPIENT}}</code></pre></div>
</details>
<details class="govuk-details">
  <summary class="govuk-details__summary"><span class="govuk-details__summary-text">Python</span></summary>
  <div class="govuk-details__text">
<pre class="app-snippet" tabindex="0"><code>import smtplib, ssl
from email.message import EmailMessage

message = EmailMessage()
message["From"] = "{{ADDRESS}}"
message["To"] = "{{RECIPIENT}}"
message["Subject"] = "Test"
message.set_content("It works.")

tls = ssl.create_default_context()
{{#WITH_CERTIFICATE}}tls.load_cert_chain("certificate.pem", "key.pem")
{{/WITH_CERTIFICATE}}with smtplib.SMTP("{{RELAY_HOST}}", {{RELAY_PORT}}) as relay:
    relay.starttls(context=tls)
    relay.send_message(message, from_addr="{{ADDRESS}}")</code></pre></div>
</details>
<details class="govuk-details">
  <summary class="govuk-details__summary"><span class="govuk-details__summary-text">PHP</span></summary>
  <div class="govuk-details__text"><p class="govuk-body">With PHPMailer:</p>
<pre class="app-snippet" tabindex="0"><code>$mail = new PHPMailer\PHPMailer\PHPMailer(true);
$mail-&gt;isSMTP();
$mail-&gt;Host = '{{RELAY_HOST}}';
$mail-&gt;Port = {{RELAY_PORT}};
$mail-&gt;SMTPAuth = false;
$mail-&gt;SMTPSecure = 'tls';
{{#WITH_CERTIFICATE}}$mail-&gt;SMTPOptions = ['ssl' =&gt; [
    'local_cert' =&gt; 'certificate.pem',
    'local_pk' =&gt; 'key.pem',
]];
{{/WITH_CERTIFICATE}}$mail-&gt;setFrom('{{ADDRESS_PHP}}');
$mail-&gt;Sender = '{{ADDRESS_PHP}}';
$mail-&gt;addAddress('{{RECIPIENT}}');
$mail-&gt;Subject = 'Test';
$mail-&gt;Body = 'It works.';
$mail-&gt;send();</code></pre></div>
</details>
<details class="govuk-details">
  <summary class="govuk-details__summary"><span class="govuk-details__summary-text">.NET</span></summary>
  <div class="govuk-details__text"><p class="govuk-body">With MailKit:</p>
<pre class="app-snippet" tabindex="0"><code>using MailKit.Security;
using MimeKit;
{{#WITH_CERTIFICATE}}using System.Security.Cryptography.X509Certificates;
{{/WITH_CERTIFICATE}}
var message = new MimeMessage();
message.From.Add(MailboxAddress.Parse("{{ADDRESS}}"));
message.To.Add(MailboxAddress.Parse("{{RECIPIENT}}"));
message.Subject = "Test";
message.Body = new TextPart("plain") { Text = "It works." };

using var relay = new MailKit.Net.Smtp.SmtpClient();
{{#WITH_CERTIFICATE}}relay.ClientCertificates = new X509CertificateCollection {
    new X509Certificate2("certificate.pfx", Environment.GetEnvironmentVariable("PFX_PASSWORD"))
};
{{/WITH_CERTIFICATE}}relay.Connect("{{RELAY_HOST}}", {{RELAY_PORT}}, SecureSocketOptions.StartTls);
relay.Send(message);
relay.Disconnect(true);</code></pre></div>
</details>
<details class="govuk-details">
  <summary class="govuk-details__summary"><span class="govuk-details__summary-text">Java</span></summary>
  <div class="govuk-details__text"><p class="govuk-body">With Jakarta Mail:</p>
<pre class="app-snippet" tabindex="0"><code>{{#WITH_CERTIFICATE}}// java -Djavax.net.ssl.keyStore=certificate.pfx -Djavax.net.ssl.keyStorePassword=...
{{/WITH_CERTIFICATE}}import jakarta.mail.*;
import jakarta.mail.internet.MimeMessage;
import java.util.Properties;

Properties settings = new Properties();
settings.put("mail.smtp.host", "{{RELAY_HOST}}");
settings.put("mail.smtp.port", "{{RELAY_PORT}}");
settings.put("mail.smtp.starttls.enable", "true");
settings.put("mail.smtp.starttls.required", "true");
settings.put("mail.smtp.from", "{{ADDRESS}}");

MimeMessage message = new MimeMessage(Session.getInstance(settings));
message.setFrom("{{ADDRESS}}");
message.setRecipients(Message.RecipientType.TO, "{{RECIPIENT}}");
message.setSubject("Test");
message.setText("It works.");
Transport.send(message);</code></pre></div>
</details>
<details class="govuk-details">
  <summary class="govuk-details__summary"><span class="govuk-details__summary-text">PowerShell</span></summary>
  <div class="govuk-details__text">
<pre class="app-snippet" tabindex="0"><code>$relay = [System.Net.Mail.SmtpClient]::new('{{RELAY_HOST}}', {{RELAY_PORT}})
$relay.EnableSsl = $true
{{#WITH_CERTIFICATE}}$relay.ClientCertificates.Add([System.Security.Cryptography.X509Certificates.X509Certificate2]::new(
    (Resolve-Path certificate.pfx).Path, $Env:PFX_PASSWORD)) &gt; $null
{{/WITH_CERTIFICATE}}$relay.Send('{{ADDRESS_POWERSHELL}}', '{{RECIPIENT}}', 'Test', 'It works.')</code></pre></div>
</details>
<details class="govuk-details">
  <summary class="govuk-details__summary"><span class="govuk-details__summary-text">Scanner or printer</span></summary>
  <div class="govuk-details__text"><p class="govuk-body">The fields of its mail settings, whatever they are called there:</p>
  <dl class="govuk-summary-list">
    <div class="govuk-summary-list__row"><dt class="govuk-summary-list__key">SMTP server</dt>
      <dd class="govuk-summary-list__value app-break">{{RELAY_HOST}}</dd></div>
    <div class="govuk-summary-list__row"><dt class="govuk-summary-list__key">Port</dt>
      <dd class="govuk-summary-list__value">{{RELAY_PORT}}</dd></div>
    <div class="govuk-summary-list__row"><dt class="govuk-summary-list__key">Security</dt>
      <dd class="govuk-summary-list__value">STARTTLS (not SSL), TLS 1.0 or newer{{#WITHOUT_CERTIFICATE}}; optional for a
        device that has none{{/WITHOUT_CERTIFICATE}}</dd></div>
    <div class="govuk-summary-list__row"><dt class="govuk-summary-list__key">Authentication</dt>
      <dd class="govuk-summary-list__value">Off</dd></div>
    <div class="govuk-summary-list__row"><dt class="govuk-summary-list__key">Sender or device e-mail address</dt>
      <dd class="govuk-summary-list__value app-break">{{ADDRESS}}</dd></div>
    <div class="govuk-summary-list__row"><dt class="govuk-summary-list__key">User's address as sender or From:</dt>
      <dd class="govuk-summary-list__value">Off; it may be the reply address</dd></div>
  </dl>
  <p class="govuk-body">A device without DNS needs the relay's IP address: <a class="govuk-link" href="/help/address#relay">how to find it</a>.</p>
  {{#WITH_CERTIFICATE}}<p class="govuk-body">The certificate and its key go into the device's list of own certificates, often as a PFX file.</p>{{/WITH_CERTIFICATE}}
  </div>
</details>
</div>
<h3 class="govuk-heading-s">Try it</h3>
<p class="govuk-body">On the application's server. The first line sends a message, the second shows whether the relay answers and offers
TLS:</p>
<pre class="app-snippet" tabindex="0"><code>swaks --server {{RELAY_HOST}}:{{RELAY_PORT}} --tls{{#WITH_CERTIFICATE}} --tls-cert certificate.pem --tls-key key.pem{{/WITH_CERTIFICATE}} \
    --from {{ADDRESS_SHELL}} --to {{RECIPIENT}}
openssl s_client -brief -starttls smtp -connect {{RELAY_HOST}}:{{RELAY_PORT}}{{#WITH_CERTIFICATE}} \
    -cert certificate.pem -key key.pem{{/WITH_CERTIFICATE}}</code></pre>
<p class="govuk-body">{{#WITHOUT_CERTIFICATE}}The relay recognises the application by the address that it comes from:
<a class="govuk-link" href="/help/address">What is my address?</a> {{/WITHOUT_CERTIFICATE}}If a message is refused, ask why:
<a class="govuk-link" href="/check?sender={{ADDRESS:u}}">Would this message be accepted?</a></p>
