{{%AUTOESCAPE context="HTML"}}<a href="/help" class="govuk-back-link">Help</a>
<h1 class="govuk-heading-l">{{HEADING}}</h1>
<p class="govuk-body">The relay accepts mail from a registered address only when it comes from one of the sources of that registration. There are three ways to say what a source is. A registration can hold as many sources as it needs, of all three kinds.</p>
<table class="govuk-table app-cards">
  <caption class="govuk-table__caption govuk-table__caption--m">The three ways</caption>
  <thead class="govuk-table__head"><tr class="govuk-table__row">
    <th scope="col" class="govuk-table__header">Way</th>
    <th scope="col" class="govuk-table__header">Choose it when</th>
    <th scope="col" class="govuk-table__header">Mind</th>
  </tr></thead>
  <tbody class="govuk-table__body">
    <tr class="govuk-table__row">
      <th scope="row" class="govuk-table__header">TLS certificate (recommended)</th>
      <td data-label="Choose it when" class="govuk-table__cell">the application can present a client certificate: most mail servers and libraries can</td>
      <td data-label="Mind" class="govuk-table__cell">It has to be signed by a common certificate authority; a self-signed one is refused. It does not depend on the network: it works from every location and behind NAT, and the server may move.</td>
    </tr>
    <tr class="govuk-table__row">
      <th scope="row" class="govuk-table__header">DNS hostname</th>
      <td data-label="Choose it when" class="govuk-table__cell">the server has a name of its own that always points to the address it sends from</td>
      <td data-label="Mind" class="govuk-table__cell">The name of a load balancer or of a web site often points elsewhere. The relay looks the name up at each export, so a new address is known within minutes.</td>
    </tr>
    <tr class="govuk-table__row">
      <th scope="row" class="govuk-table__header">IP addresses</th>
      <td data-label="Choose it when" class="govuk-table__cell">devices that can do neither, or a range of many devices</td>
      <td data-label="Mind" class="govuk-table__cell">Every computer with such an address can send as your address. Register no more than you need.</td>
    </tr>
  </tbody>
</table>
<h2 class="govuk-heading-m">In one sentence</h2>
<ul class="govuk-list govuk-list--bullet">
  <li>Your own server, and you can edit its mail settings: <strong>certificate</strong>.</li>
  <li>A server that others run for you: <strong>hostname</strong>.</li>
  <li>Printers, scanners, sensors: <strong>IP addresses</strong>, as a network. See <a class="govuk-link" href="/help/printers">Printers by the hundred</a>.</li>
</ul>
<h2 class="govuk-heading-m">Encryption</h2>
<p class="govuk-body">The relay takes TLS 1.0 or newer by STARTTLS on port {{RELAY_PORT}}; there is no port that begins with SSL. A certificate can be presented only over TLS. For hostnames and IP addresses TLS is optional, so old devices without it can send too; switch it on wherever you can.</p>
<h2 class="govuk-heading-m">Locations</h2>
<p class="govuk-body">Hostnames and addresses have to be in the networks of the locations that you select, because the relay can be reached only from there. These are the locations, and the largest network that can be registered in each:</p>
<table class="govuk-table app-cards">
  <caption class="govuk-table__caption govuk-table__caption--m">Service locations</caption>
  <thead class="govuk-table__head"><tr class="govuk-table__row">
    <th scope="col" class="govuk-table__header">Location</th>
    <th scope="col" class="govuk-table__header">Largest IPv4 network</th>
    <th scope="col" class="govuk-table__header">Largest IPv6 network</th>
  </tr></thead>
  <tbody class="govuk-table__body">
    {{#LOCATION}}<tr class="govuk-table__row">
      <th scope="row" class="govuk-table__header">{{NAME}}</th>
      <td data-label="Largest IPv4 network" class="govuk-table__cell">/{{LARGEST_IPV4}}</td>
      <td data-label="Largest IPv6 network" class="govuk-table__cell">/{{LARGEST_IPV6}}</td>
    </tr>
    {{/LOCATION}}
  </tbody>
</table>
