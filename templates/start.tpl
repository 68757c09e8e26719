{{%AUTOESCAPE context="HTML"}}<h1 class="govuk-heading-l">Register an application that sends mail</h1>
<p class="govuk-body-l">Applications, scanners and devices of {{SITE}} may send mail through the relay
AppSMTP ({{RELAY}}) once their sending address is registered here.</p>
<a href="/registrations/new" role="button" draggable="false" class="govuk-button govuk-button--start">Create Registration</a>
<p class="govuk-body"><a href="/registrations" class="govuk-link">Your registrations</a></p>
<h2 class="govuk-heading-m">Before you start</h2>
<p class="govuk-body">You need:</p>
<ul class="govuk-list govuk-list--bullet">
  <li><strong>A sending address</strong> that belongs to an Exchange Group Account (EGA) of which you are an
    owner or administrator. Its primary address and its aliases can each be registered, once.</li>
  <li><strong>The kind of application</strong>: {{#TYPE}}{{SEPARATOR}}{{NAME}}{{/TYPE}}.</li>
  <li><strong>Where it runs</strong>: {{#LOCATION}}{{SEPARATOR}}{{NAME}}{{/LOCATION}}. The relay can be reached
    only from the university's networks there.</li>
  <li><strong>How the relay recognises it</strong>, one of:
    <ul class="govuk-list govuk-list--bullet">
      <li>a TLS certificate signed by a common certificate authority. This is the preferred way, because it does
        not depend on the network. Self-signed certificates are refused.</li>
      <li>the DNS hostname of the server that it runs on</li>
      <li>its IP addresses, as one network or several</li>
    </ul>
    For hostnames and IP addresses it is the address that the relay sees that counts. Behind NAT or a load
    balancer that is not the computer's own: run <code>curl {{BASE_URL}}/my-address</code> on the
    application's host to see it.</li>
</ul>
<h2 class="govuk-heading-m">What happens then</h2>
<p class="govuk-body">The relay accepts mail from a registered source only with the address registered for it, and
a registered address only from its own sources. A new registration is on the relay within {{MINUTES}} minutes.</p>
