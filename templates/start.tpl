{{%AUTOESCAPE context="HTML"}}<h1 class="govuk-heading-l">Register an application that sends mail</h1>
<p class="govuk-body-l">Applications, scanners and devices of {{SITE}} may send mail through the relay
AppSMTP (<span class="app-break">{{RELAY}}</span>) once their sending address is registered here.</p>
<a href="/registrations/new" class="govuk-button app-button--large">Create Registration</a>
<p class="govuk-body"><a href="/registrations" class="govuk-link">Your registrations</a></p>
<h2 class="govuk-heading-m">Before you start</h2>
<p class="govuk-body">Registering takes a few minutes, on one page. You need:</p>
<dl class="govuk-summary-list app-needs">
  <div class="govuk-summary-list__row"><dt class="govuk-summary-list__key">A sending address</dt>
    <dd class="govuk-summary-list__value">An address of an Exchange Group Account (EGA) of which you are an owner or
      administrator: its primary address or an alias. Each can be registered once.
      <a class="govuk-link" href="/help/sending-addresses">Which addresses can be registered, and how to get one</a></dd></div>
  <div class="govuk-summary-list__row"><dt class="govuk-summary-list__key">The type of application</dt>
    <dd class="govuk-summary-list__value">{{#TYPE}}{{SEPARATOR}}{{NAME}}{{/TYPE}}. It states the traffic to expect.</dd></div>
  <div class="govuk-summary-list__row"><dt class="govuk-summary-list__key">Its service locations</dt>
    <dd class="govuk-summary-list__value">{{#LOCATION}}{{SEPARATOR}}{{NAME}}{{/LOCATION}}. The relay can be reached only
      from the university's networks there.</dd></div>
  <div class="govuk-summary-list__row"><dt class="govuk-summary-list__key">How its messages are recognised</dt>
    <dd class="govuk-summary-list__value">One of:
    <ul class="govuk-list govuk-list--bullet app-last">
      <li><strong>Security certificate (TLS)</strong>, the preferred way: signed by a common certificate authority.
        Self-signed ones are refused. It does not depend on the network.</li>
      <li><strong>DNS hostname</strong> of the server that the application runs on</li>
      <li><strong>IP address</strong> in CIDR notation, like 10.1.2.0/24</li>
    </ul>
    <a class="govuk-link" href="/help/sources">Which one to choose</a></dd></div>
</dl>
<p class="govuk-body">For hostnames and IP addresses it is the address <strong>as the relay sees it</strong> that counts.
Behind NAT or a load balancer that is not the computer's own. To see it, run this on the application's host:</p>
<pre class="app-snippet" tabindex="0"><code>curl {{BASE_URL}}/my-address</code></pre>
<p class="govuk-body">Mail on port 25 may leave by another address than that:
<a class="govuk-link" href="/help/address">What is my address?</a></p>
<h2 class="govuk-heading-m">What happens then</h2>
<ol class="govuk-list govuk-list--number">
  <li>Your registration is on the relay within {{WAIT}}. Its page says when, and has the settings for your
    application ready to copy.</li>
  <li>The pair counts: a registered source may send only with the addresses registered for it, and a registered address
    may be used only by its own sources.</li>
  <li>You and your co-owners can change it at any time, and are told before a certificate ends.</li>
</ol>
<h2 class="govuk-heading-m">More help</h2>
<ul class="govuk-list">
  <li><a class="govuk-link" href="/check">Would this message be accepted?</a></li>
  <li><a class="govuk-link" href="/help/printers">Printers by the hundred</a></li>
  <li><a class="govuk-link" href="/help/certificates-2026">What changed for certificates in 2026</a></li>
  <li><a class="govuk-link" href="/help">All help pages</a></li>
</ul>
