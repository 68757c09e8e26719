{{%AUTOESCAPE context="HTML"}}<a href="/operator/registrations/{{ID}}" class="govuk-back-link">{{ADDRESS}}</a>
{{>SUMMARY}}
<span class="govuk-caption-l">{{ADDRESS}}</span>
<h1 class="govuk-heading-l" id="change" tabindex="-1">Recipients an hour</h1>
<dl class="govuk-summary-list">
  <div class="govuk-summary-list__row"><dt class="govuk-summary-list__key">In force</dt>
    <dd class="govuk-summary-list__value app-break">{{RATE}}<br>{{ORIGIN}}</dd></div>
  <div class="govuk-summary-list__row"><dt class="govuk-summary-list__key">Used in the last hour</dt>
    <dd class="govuk-summary-list__value">{{USED}}</dd></div>
  {{#OF_TYPE}}<div class="govuk-summary-list__row"><dt class="govuk-summary-list__key">Rate of its type</dt>
    <dd class="govuk-summary-list__value">{{TYPE}}: {{RATE}}</dd></div>{{/OF_TYPE}}
</dl>
<form action="/operator/registrations/{{ID}}/rate" method="post" novalidate>
  <input type="hidden" name="csrf_token" value="{{CSRF_TOKEN}}">
  <div class="govuk-form-group{{#RECIPIENTS_PER_HOUR_BAD}} govuk-form-group--error{{/RECIPIENTS_PER_HOUR_BAD}}">
    <label class="govuk-label govuk-label--m" for="recipients_per_hour">Recipients an hour</label>
    <div id="recipients_per_hour-hint" class="govuk-hint">A number from 1 to {{MOST}}; a message to 50 people is 50
      recipients. Leave it empty for the rate of the type.</div>
    {{>RECIPIENTS_PER_HOUR_ERRORS}}
    <input class="govuk-input govuk-input--width-10{{#RECIPIENTS_PER_HOUR_BAD}} govuk-input--error{{/RECIPIENTS_PER_HOUR_BAD}}" id="recipients_per_hour"
      name="recipients_per_hour" type="text" inputmode="numeric" value="{{RECIPIENTS_PER_HOUR}}" autocomplete="off" spellcheck="false"
      {{#RECIPIENTS_PER_HOUR_BAD}}aria-invalid="true" {{/RECIPIENTS_PER_HOUR_BAD}}aria-describedby="recipients_per_hour-hint{{#RECIPIENTS_PER_HOUR_BAD_ID}} recipients_per_hour-error{{/RECIPIENTS_PER_HOUR_BAD_ID}}">
  </div>
  <div class="govuk-form-group{{#REASON_BAD}} govuk-form-group--error{{/REASON_BAD}}">
    <label class="govuk-label govuk-label--m" for="reason">Reason</label>
    <div id="reason-hint" class="govuk-hint">The owners read it, and it stays in the history. In force with the next export.</div>
    {{>REASON_ERRORS}}
    <input class="govuk-input{{#REASON_BAD}} govuk-input--error{{/REASON_BAD}}" id="reason" name="reason" type="text" value="{{REASON}}"
      autocomplete="off" {{#REASON_BAD}}aria-invalid="true" {{/REASON_BAD}}aria-describedby="reason-hint{{#REASON_BAD_ID}} reason-error{{/REASON_BAD_ID}}">
  </div>
  <button type="submit" class="govuk-button">Set the rate</button>
</form>
