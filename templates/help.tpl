{{%AUTOESCAPE context="HTML"}}<h1 class="govuk-heading-l">{{HEADING}}</h1>
<ul class="govuk-list app-topics">
  <li><a class="govuk-link app-topics__link" href="/help/sources">Certificate, hostname or network?</a><br>How the relay recognises your application, and which way to choose</li>
  <li><a class="govuk-link app-topics__link" href="/help/address">What is my address?</a><br>The address that the relay sees, and how to find it out</li>
  <li><a class="govuk-link app-topics__link" href="/help/nat">NAT and load balancers</a><br>When messages come from another address than the computer's own</li>
  <li><a class="govuk-link app-topics__link" href="/help/printers">Printers by the hundred</a><br>One registration for many devices</li>
  <li><a class="govuk-link app-topics__link" href="/help/rates">How much an application may send</a><br>Recipients an hour, and what happens when they are used up</li>
  <li><a class="govuk-link app-topics__link" href="/help/sending-addresses">Which addresses can be registered</a><br>And how to get one</li>
  <li><a class="govuk-link app-topics__link" href="/help/renewal">Renewing a certificate</a><br>What stays, what changes, and when to do it</li>
  <li><a class="govuk-link app-topics__link" href="/help/stolen-keys">When a key is stolen or lost</a><br>What stops it, and why revoking the certificate does not</li>
  <li><a class="govuk-link app-topics__link" href="/help/certificates-2026">What changed for certificates in 2026</a><br>Shorter lives, and certificates for servers only</li>
  <li><a class="govuk-link app-topics__link" href="/check">Would this message be accepted?</a><br>Ask the relay's rules, without sending anything</li>
</ul>
<h2 class="govuk-heading-m">Ask a person</h2>
<p class="govuk-body">The help desk: {{>HELP_CONTACT}}</p>
