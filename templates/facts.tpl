{{%AUTOESCAPE context="HTML"}}<dl class="govuk-summary-list">
  <div class="govuk-summary-list__row"><dt class="govuk-summary-list__key">Type</dt>
    <dd class="govuk-summary-list__value">{{TYPE}}</dd></div>
  <div class="govuk-summary-list__row"><dt class="govuk-summary-list__key">Rate</dt>
    <dd class="govuk-summary-list__value app-break">{{RATE}} (<a class="govuk-link" href="/help/rates">how this is counted</a>){{#OWN_RATE}}<br>{{ORIGIN}}{{/OWN_RATE}}</dd></div>
  {{#USE_ROW}}<div class="govuk-summary-list__row"><dt class="govuk-summary-list__key">Used in the last hour</dt>
    <dd class="govuk-summary-list__value">{{USED}}</dd></div>
  {{/USE_ROW}}<div class="govuk-summary-list__row"><dt class="govuk-summary-list__key">Locations</dt>
    <dd class="govuk-summary-list__value">{{LOCATIONS}}</dd></div>
  <div class="govuk-summary-list__row"><dt class="govuk-summary-list__key">Owners</dt>
    <dd class="govuk-summary-list__value">{{OWNERS}}</dd></div>
  <div class="govuk-summary-list__row"><dt class="govuk-summary-list__key">Exchange Group Account</dt>
    <dd class="govuk-summary-list__value">{{ACCOUNT}}</dd></div>
  {{#NOTE_ROW}}<div class="govuk-summary-list__row"><dt class="govuk-summary-list__key">Note</dt>
    <dd class="govuk-summary-list__value app-note">{{NOTE}}</dd></div>{{/NOTE_ROW}}
  <div class="govuk-summary-list__row"><dt class="govuk-summary-list__key">Registered</dt>
    <dd class="govuk-summary-list__value">{{CREATED}}</dd></div>
  {{#CONFIRMED_ROW}}<div class="govuk-summary-list__row"><dt class="govuk-summary-list__key">Confirmed</dt>
    <dd class="govuk-summary-list__value">{{CONFIRMED}}</dd></div>{{/CONFIRMED_ROW}}
</dl>
