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
<span class="govuk-caption-l">{{APPLICATION_NAME}}</span>
<h1 class="govuk-heading-l">{{ADDRESS}}</h1>
<p class="govuk-body-l"><span class="app-state app-state--{{CONDITION}}">{{STATE}}</span></p>
{{#RENEW}}<p class="govuk-body">Get the next certificate and add it below before the present one ends.
<a class="govuk-link" href="/help/renewal">What renewing a certificate means</a></p>{{/RENEW}}
<dl class="govuk-summary-list">
  {{#ON_RELAY_ROW}}<div class="govuk-summary-list__row"><dt class="govuk-summary-list__key">Relay</dt>
    <dd class="govuk-summary-list__value">{{ON_RELAY}}</dd></div>{{/ON_RELAY_ROW}}
  <div class="govuk-summary-list__row"><dt class="govuk-summary-list__key">Type</dt>
    <dd class="govuk-summary-list__value">{{TYPE}}</dd></div>
  <div class="govuk-summary-list__row"><dt class="govuk-summary-list__key">Locations</dt>
    <dd class="govuk-summary-list__value">{{LOCATIONS}}</dd></div>
  <div class="govuk-summary-list__row"><dt class="govuk-summary-list__key">Owners</dt>
    <dd class="govuk-summary-list__value">{{OWNERS}}</dd></div>
  <div class="govuk-summary-list__row"><dt class="govuk-summary-list__key">Exchange Group Account</dt>
    <dd class="govuk-summary-list__value">{{ACCOUNT}}</dd></div>
  {{#NOTE_ROW}}<div class="govuk-summary-list__row"><dt class="govuk-summary-list__key">Note</dt>
    <dd class="govuk-summary-list__value app-note">{{NOTE}}</dd></div>{{/NOTE_ROW}}
  <div class="govuk-summary-list__row"><dt class="govuk-summary-list__key">Registered</dt>
    <dd class="govuk-summary-list__value">{{CREATED}}. <a class="govuk-link" href="/registrations/{{ID}}/history">History
      of this registration</a></dd></div>
</dl>
<h2 class="govuk-heading-m">Sources</h2>
<p class="govuk-body">The relay accepts mail from {{ADDRESS}} when it comes from one of these, and from nowhere else.</p>
<table class="govuk-table app-cards">
  <caption class="govuk-table__caption govuk-visually-hidden">Sources of this registration</caption>
  <thead class="govuk-table__head"><tr class="govuk-table__row">
    <th scope="col" class="govuk-table__header">Kind</th>
    <th scope="col" class="govuk-table__header">Source</th>
    <th scope="col" class="govuk-table__header">What the relay looks for</th>
  </tr></thead>
  <tbody class="govuk-table__body">
    {{#SOURCE}}<tr class="govuk-table__row">
      <td class="govuk-table__cell">{{KIND}}</td>
      <td class="govuk-table__cell app-break">{{VALUE}}</td>
      <td class="govuk-table__cell app-break">{{LOOKED_FOR}}</td>
    </tr>
    {{/SOURCE}}
  </tbody>
</table>
{{>SETUP}}