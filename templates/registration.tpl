{{%AUTOESCAPE context="HTML"}}<a href="/registrations" class="govuk-back-link">Your registrations</a>
{{#REGISTERED}}<div class="govuk-notification-banner govuk-notification-banner--success" role="status" aria-labelledby="registered-title">
  <div class="govuk-notification-banner__header"><h2 class="govuk-notification-banner__title" id="registered-title">Registered</h2></div>
  <div class="govuk-notification-banner__content">
    <p class="govuk-notification-banner__heading">{{ADDRESS}} is registered.</p>
    <p class="govuk-body">The relay accepts its mail after the next export, at most {{WAIT}} from now. Reload
    this page to see when it does, and set up your application as shown below.</p>
    {{#ADVICE}}<p class="govuk-body"><strong>Advice:</strong> {{TEXT}}</p>{{/ADVICE}}
  </div>
</div>{{/REGISTERED}}
{{#DONE}}<div class="govuk-notification-banner govuk-notification-banner--success" role="status" aria-labelledby="done-title">
  <div class="govuk-notification-banner__header"><h2 class="govuk-notification-banner__title" id="done-title">Done</h2></div>
  <div class="govuk-notification-banner__content">
    {{#ADVICE}}<p class="govuk-body">{{TEXT}}</p>{{/ADVICE}}
  </div>
</div>{{/DONE}}
<span class="govuk-caption-l">{{APPLICATION_NAME}}</span>
<h1 class="govuk-heading-l">{{ADDRESS}}</h1>
<p class="govuk-body-l"><span class="app-state app-state--{{CONDITION}}">{{STATE}}</span></p>
{{#RENEW}}<p class="govuk-body">Get the next certificate and add it below before the present one ends.
<a class="govuk-link" href="/help/renewal">What renewing a certificate means</a></p>{{/RENEW}}
{{#RENEW_IN_GRACE}}<p class="govuk-body">The certificate expired on {{ENDED}}. The relay still recognises its key until {{UNTIL}}.
Add the renewed certificate now. <a class="govuk-link" href="/help/renewal">What renewing a certificate means</a></p>{{/RENEW_IN_GRACE}}
{{#RENEW_OVER}}<p class="govuk-body">The relay no longer accepts this certificate: it expired on {{ENDED}}. Add the renewed one; it
is in force with the next export. <a class="govuk-link" href="/help/renewal">What renewing a certificate means</a></p>{{/RENEW_OVER}}
{{#ON_RELAY_ROW}}<p class="govuk-body">{{ON_RELAY}}</p>{{/ON_RELAY_ROW}}
{{#JOIN}}<div class="govuk-inset-text">
  <p>You see this registration because you are an owner or administrator of its Exchange Group Account. It does not list
  you among its owners, who get the notices about it.</p>
  <form action="/registrations/{{ID}}/join" method="post" novalidate>
    <input type="hidden" name="csrf_token" value="{{CSRF_TOKEN}}">
    <button type="submit" class="govuk-button app-last">Become an owner</button>
  </form>
</div>{{/JOIN}}
{{#CONFIRM}}<div class="govuk-inset-text">
  <p>Once a year somebody says that a registration is still needed.{{#OR_ELSE}} Without that the relay stops accepting its
  messages on {{END}}.{{/OR_ELSE}}</p>
  <form action="/registrations/{{ID}}/confirm" method="post" novalidate>
    <input type="hidden" name="csrf_token" value="{{CSRF_TOKEN}}">
    <button type="submit" class="govuk-button app-last">It is still needed</button>
  </form>
</div>{{/CONFIRM}}
{{>FACTS}}
<p class="govuk-body">{{#CHANGES}}<a class="govuk-link" href="/registrations/{{ID}}/edit">Change name, type, locations or note</a> ·
  <a class="govuk-link" href="/registrations/{{ID}}/retire">Retire this registration</a> ·
  {{/CHANGES}}<a class="govuk-link" href="/registrations/{{ID}}/history">History of this registration</a></p>
<h2 class="govuk-heading-m">Sources</h2>
<p class="govuk-body">The relay accepts mail from {{ADDRESS}} when it comes from one of these, and from nowhere else.</p>
{{>SOURCES}}
{{#MANAGE}}<a href="/registrations/{{ID}}/sources" class="govuk-button govuk-button--secondary">Add a source</a>
<h2 class="govuk-heading-m">Owners</h2>
<p class="govuk-body">They can change this registration, and get the notices about it.</p>
{{>OWNER_TABLE}}
<a href="/registrations/{{ID}}/owners" class="govuk-button govuk-button--secondary">Add an owner</a>{{/MANAGE}}
{{>SETUP}}