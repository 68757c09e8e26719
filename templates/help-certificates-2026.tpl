{{%AUTOESCAPE context="HTML"}}<a href="/help" class="govuk-back-link">Help</a>
<h1 class="govuk-heading-l">{{HEADING}}</h1>
<p class="govuk-body">Certificate authorities and browsers changed their rules. For this service only one thing follows: renewals come more often. Nothing here asks for what public authorities do not issue any more.</p>
<table class="govuk-table app-cards">
  <caption class="govuk-table__caption govuk-table__caption--m">What changed, and when</caption>
  <thead class="govuk-table__head"><tr class="govuk-table__row">
    <th scope="col" class="govuk-table__header">Date</th>
    <th scope="col" class="govuk-table__header">What</th>
    <th scope="col" class="govuk-table__header">What it means here</th>
  </tr></thead>
  <tbody class="govuk-table__body">
    <tr class="govuk-table__row">
      <th scope="row" class="govuk-table__header">October 2025</th>
      <td data-label="What" class="govuk-table__cell">Public authorities begin to leave the purpose "TLS client" out of their certificates</td>
      <td data-label="What it means here" class="govuk-table__cell">A certificate for servers only is fine: the relay does not ask for the client purpose.</td>
    </tr>
    <tr class="govuk-table__row">
      <th scope="row" class="govuk-table__header">15 March 2026</th>
      <td data-label="What" class="govuk-table__cell">New public certificates live for at most 200 days</td>
      <td data-label="What it means here" class="govuk-table__cell">Plan two renewals a year, or let a program renew.</td>
    </tr>
    <tr class="govuk-table__row">
      <th scope="row" class="govuk-table__header">8 July 2026</th>
      <td data-label="What" class="govuk-table__cell">Let's Encrypt no longer issues certificates with the client purpose</td>
      <td data-label="What it means here" class="govuk-table__cell">As above: fine.</td>
    </tr>
    <tr class="govuk-table__row">
      <th scope="row" class="govuk-table__header">15 March 2027</th>
      <td data-label="What" class="govuk-table__cell">At most 100 days; Chrome's programme wants server-only certificates</td>
      <td data-label="What it means here" class="govuk-table__cell">Renew by a program that keeps the key.</td>
    </tr>
    <tr class="govuk-table__row">
      <th scope="row" class="govuk-table__header">15 March 2029</th>
      <td data-label="What" class="govuk-table__cell">At most 47 days</td>
      <td data-label="What it means here" class="govuk-table__cell">The same.</td>
    </tr>
  </tbody>
</table>
<h2 class="govuk-heading-m">What is accepted</h2>
<ul class="govuk-list govuk-list--bullet">
  <li>signed by a common certificate authority, with its intermediate certificates in the file</li>
  <li>made for TLS servers, TLS clients, or both</li>
  <li>key: RSA with at least 2048 bits, EC P-256, P-384 or P-521, or Ed25519</li>
  <li>at least one hostname, IP address or mail address as subject alternative name</li>
</ul>
<h2 class="govuk-heading-m">What is refused</h2>
<ul class="govuk-list govuk-list--bullet">
  <li>self-signed certificates</li>
  <li>anything with the private key in it: it never leaves your server</li>
  <li>signatures with SHA-1 or MD5</li>
  <li>what an authority issued after it lost the trust of Mozilla's programme, such as Entrust after November 2024</li>
</ul>
<p class="govuk-body">A certificate that lives longer than the table allows is accepted with advice: other services may refuse it.</p>
<p class="govuk-body">If mail reminders of your authority have stopped: Let's Encrypt sends none since June 2025. <a class="govuk-link" href="/help/renewal">What renewing a certificate means</a></p>
