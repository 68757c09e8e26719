{{%AUTOESCAPE context="HTML"}}{{>SUMMARY}}
<h1 class="govuk-heading-l">Would this message be accepted?</h1>
{{#ANSWER}}<section class="app-answer" role="status" aria-labelledby="answer">
  {{#ACCEPTED}}<h2 class="app-answer__title app-answer__title--yes" id="answer">Yes: the relay accepts it</h2>{{/ACCEPTED}}
  {{#REFUSED}}<h2 class="app-answer__title app-answer__title--no" id="answer">No: the relay refuses it</h2>{{/REFUSED}}
  {{#MIXED}}<h2 class="app-answer__title app-answer__title--no" id="answer">It depends: not from every address of this name</h2>{{/MIXED}}
  {{#UNKNOWN}}<h2 class="app-answer__title app-answer__title--no" id="answer">It could not be found out just now</h2>{{/UNKNOWN}}
  <dl class="govuk-summary-list">
    {{#VERDICT}}<div class="govuk-summary-list__row"><dt class="govuk-summary-list__key app-break">From {{CLIENT}}</dt>
      <dd class="govuk-summary-list__value app-break">
      {{#BY_CERTIFICATE}}The certificate is a source of this address; the network address does not matter.{{/BY_CERTIFICATE}}
      {{#BY_ADDRESS}}{{CLIENT}} is a source of this address.{{/BY_ADDRESS}}
      {{#NOT_BY_CERTIFICATE}}The certificate is not a source of this address.{{/NOT_BY_CERTIFICATE}}
      {{#NOT_WITHOUT_SENDER}}The empty sender &lt;&gt; is not accepted.{{/NOT_WITHOUT_SENDER}}
      {{#NAME_ONLY}}The addresses that DNS has for this name are shown to people who are signed in.{{/NAME_ONLY}}
      {{#SAID}}{{TEXT}}{{/SAID}}</dd></div>
    {{/VERDICT}}
    <div class="govuk-summary-list__row"><dt class="govuk-summary-list__key">The rule that decided</dt>
      <dd class="govuk-summary-list__value">
      {{#RULE_PERMITTED}}Sender and source belong to the same registration.{{/RULE_PERMITTED}}
      {{#RULE_OUTSIDE}}The relay can be reached only from the networks of the service locations. This comes before
        everything else: a certificate does not help.{{/RULE_OUTSIDE}}
      {{#RULE_NULL_SENDER}}Every message needs a sending address that is registered; the empty sender &lt;&gt; is none.{{/RULE_NULL_SENDER}}
      {{#RULE_NO_SENDER}}A sending address has to be registered before it is used.{{/RULE_NO_SENDER}}
      {{#RULE_NEVER}}Only addresses of Exchange Group Accounts can be registered.{{/RULE_NEVER}}
      {{#RULE_NO_SOURCE}}The pair counts: a registered address may be used only by its own sources. Neither alone is
        enough.{{/RULE_NO_SOURCE}}
      {{#RULE_NO_CERTIFICATE}}The pair counts: the public key of this certificate is not a source of this sending
        address{{#NOR_ADDRESS}}, nor is the network address{{/NOR_ADDRESS}}.{{/RULE_NO_CERTIFICATE}}
      {{#RULE_UNAVAILABLE}}None yet: what the relay has could not be read here. The relay itself asks to try again later in
        such a case.{{/RULE_UNAVAILABLE}}
      <span class="govuk-hint app-code app-rule">{{CODE}}</span></dd></div>
    <div class="govuk-summary-list__row"><dt class="govuk-summary-list__key">How to change it</dt>
      <dd class="govuk-summary-list__value">
      {{#HOW_WAIT}}Nothing has to be changed: wait for the next export, then ask again.{{/HOW_WAIT}}
      {{#HOW_LEFT_OUT}}The relay leaves out a part of the registration: {{WHY}}.{{/HOW_LEFT_OUT}}
      {{#HOW_SUSPENDED}}The registration is suspended. <a class="govuk-link" href="/registrations/{{ID}}">Its page</a> says why
        and what to do.{{/HOW_SUSPENDED}}
      {{#HOW_OVER}}This certificate is a source, but it expired on {{ENDED}}: add the renewed one.
        <a class="govuk-link" href="/help/renewal">Renewing a certificate</a>{{/HOW_OVER}}
      {{#HOW_PERMITTED}}Nothing has to be changed. If the application still cannot send, compare the address that the relay
        sees: <a class="govuk-link" href="/help/address">What is my address?</a>{{/HOW_PERMITTED}}
      {{#HOW_OUTSIDE}}Send from a network of the service locations. Behind NAT the relay sees the address of the gateway:
        <a class="govuk-link" href="/help/nat">NAT and load balancers</a>{{/HOW_OUTSIDE}}
      {{#HOW_NULL_SENDER}}Set the sending address (envelope from) in the application to the registered one.{{/HOW_NULL_SENDER}}
      {{#HOW_NO_SENDER}}An owner or administrator of the Exchange Group Account can
        <a class="govuk-link" href="/registrations/new?address={{SENDER:u}}">register this address</a>. Check also how it is
        spelled. A person's own address cannot be registered: set the sender of the device or program to a registered one.{{/HOW_NO_SENDER}}
      {{#HOW_NEVER}}Set the sender of the device or program to an address that is registered for this source:
        <a class="govuk-link" href="/help/sending-addresses">Which addresses can be registered</a>{{/HOW_NEVER}}
      {{#HOW_NO_SOURCE}}An owner adds this source to the registration, or the application presents its certificate:
        <a class="govuk-link" href="/help/sources">Certificate, hostname or network?</a>{{/HOW_NO_SOURCE}}
      {{#HOW_NO_CERTIFICATE}}An owner adds this certificate to the registration. One that was renewed with the same key
        is recognised without that: <a class="govuk-link" href="/help/renewal">Renewing a certificate</a>{{/HOW_NO_CERTIFICATE}}
      {{#HOW_UNAVAILABLE}}Try again in a minute.{{/HOW_UNAVAILABLE}}</dd></div>
    {{#OWN}}<div class="govuk-summary-list__row"><dt class="govuk-summary-list__key">Your registration</dt>
      <dd class="govuk-summary-list__value app-break"><a class="govuk-link" href="/registrations/{{ID}}">{{ADDRESS}}</a>: {{STATE}}{{#NOT_EXPORTED}}<p class="govuk-body app-last">The relay
        does not have it yet as it is now, so the answer can be another one after the next export.</p>{{/NOT_EXPORTED}}</dd></div>{{/OWN}}
  </dl>
</section>{{/ANSWER}}
<p class="govuk-body">Ask the relay's own rules, without sending anything. The answer is the one that an application gets
over SMTP at this moment.</p>
<form action="/check" method="post" enctype="multipart/form-data" novalidate>
  <input type="hidden" name="csrf_token" value="{{CSRF_TOKEN}}">
  <div class="govuk-form-group{{#SENDER_BAD}} govuk-form-group--error{{/SENDER_BAD}}">
    <label class="govuk-label govuk-label--m" for="sender">Sending address</label>
    <div id="sender-hint" class="govuk-hint">The envelope sender, like your-service@example.edu</div>
    {{>SENDER_ERRORS}}
    <input class="govuk-input{{#SENDER_BAD}} govuk-input--error{{/SENDER_BAD}}" id="sender" name="sender" type="text" inputmode="email" value="{{SENDER}}"
      autocomplete="off" autocapitalize="none" spellcheck="false"{{#SENDER_BAD}} aria-invalid="true"{{/SENDER_BAD}}
      aria-describedby="sender-hint{{#SENDER_BAD_ID}} sender-error{{/SENDER_BAD_ID}}">
  </div>
  <div class="govuk-form-group{{#CLIENT_BAD}} govuk-form-group--error{{/CLIENT_BAD}}">
    <label class="govuk-label govuk-label--m" for="client">Where it comes from</label>
    <div id="client-hint" class="govuk-hint">The IP address that the relay sees, or the hostname of the server, like
      10.1.2.3 or web1.example.edu. A certificate can be asked about without it. This browser comes from <span class="app-break">{{OWN_ADDRESS}}</span>.</div>
    {{>CLIENT_ERRORS}}
    <input class="govuk-input govuk-input--width-20{{#CLIENT_BAD}} govuk-input--error{{/CLIENT_BAD}}" id="client" name="client" type="text" value="{{CLIENT}}"
      autocomplete="off" autocapitalize="none" spellcheck="false"{{#CLIENT_BAD}} aria-invalid="true"{{/CLIENT_BAD}}
      aria-describedby="client-hint{{#CLIENT_BAD_ID}} client-error{{/CLIENT_BAD_ID}}">
  </div>
  <fieldset class="govuk-fieldset">
    <legend class="govuk-fieldset__legend govuk-fieldset__legend--m">Certificate (if the application presents one)</legend>
    <div class="govuk-form-group{{#CERTIFICATE_BAD}} govuk-form-group--error{{/CERTIFICATE_BAD}}">
      <label class="govuk-label" for="certificate">Upload the certificate that the application presents</label>
      <div id="certificate-hint" class="govuk-hint">A PEM, DER or PKCS#7 file. Never the private key.</div>
      {{>CERTIFICATE_ERRORS}}
      <input class="govuk-file-upload" id="certificate" name="certificate" type="file"{{#CERTIFICATE_BAD}} aria-invalid="true"{{/CERTIFICATE_BAD}}
        aria-describedby="certificate-hint{{#CERTIFICATE_BAD_ID}} certificate-error{{/CERTIFICATE_BAD_ID}}">
    </div>
    {{>CERTIFICATE_READ}}
    <div class="govuk-form-group">
      <label class="govuk-label" for="certificate_text">Or paste it</label>
      <div id="certificate_text-hint" class="govuk-hint">{{#UPLOAD_KEPT}}This is the file that you uploaded: it is
        kept, there is no need to choose it again.{{/UPLOAD_KEPT}}{{#NO_UPLOAD_KEPT}}Text that begins with
        -----BEGIN CERTIFICATE-----{{/NO_UPLOAD_KEPT}}</div>
      <textarea class="govuk-textarea app-code" id="certificate_text" name="certificate_text" rows="4"
        spellcheck="false" aria-describedby="certificate_text-hint">
{{CERTIFICATE_TEXT:p}}</textarea>
    </div>
  </fieldset>
  <button type="submit" class="govuk-button">Check</button>
</form>
