{{%AUTOESCAPE context="HTML"}}<a href="/help" class="govuk-back-link">Help</a>
<h1 class="govuk-heading-l">{{HEADING}}</h1>
<p class="govuk-body">One registration can hold as many sources as it needs, so 250 printers are one registration, not 250.</p>
<ol class="govuk-list govuk-list--number">
  <li>Choose one sending address for all of them, for example that of the team that runs them. The sender tells recipients who to ask, not which printer it was.</li>
  <li>Ask your network administrator for the networks in which the printers are, and enter them as <strong>IP addresses</strong>, one network on each line, like 10.1.2.0/24.</li>
  <li>Select {{#SCANNER_EACH}}<strong>{{NAME}}</strong> as the type. Its rate is for each device ({{RATE}}), so printers that share an address do not share it.{{/SCANNER_EACH}}{{#SCANNER_TOGETHER}}<strong>{{NAME}}</strong> as the type. All the printers share its rate ({{RATE}}): ask the relay team for a higher one before you set them up. {{>HELP_CONTACT}}{{/SCANNER_TOGETHER}} <a class="govuk-link" href="/help/rates">How much an application may send</a></li>
  <li>Enter the same four values in each device, by its fleet management: server {{RELAY_HOST}}, port {{RELAY_PORT}}, security STARTTLS, the sending address. Authentication is off.</li>
</ol>
<h2 class="govuk-heading-m">A network of their own</h2>
<p class="govuk-body">Whatever has an address in a registered network can send as your address. Printers in the same network as visitors' laptops should get a network of their own first, or a certificate each: a certificate with many names, or several certificates, fit into one registration too.</p>
<h2 class="govuk-heading-m">How large a network can be</h2>
<p class="govuk-body">The largest network that can be registered is set for each location: <a class="govuk-link" href="/help/sources">see the table</a>. Several networks in a row are several lines; a network that lies inside another one is merged into it.</p>
<h2 class="govuk-heading-m">How large a scan can be</h2>
<p class="govuk-body">The relay takes messages of {{MEGABYTES}} MB. That is about {{FILE_MEGABYTES}} MB of files, as attachments grow by a third in a message. To a larger one it answers <code>552 5.3.4 Message size exceeds fixed limit</code>: set the device to a lower resolution or to black and white, or to split large scans.</p>
