{{%AUTOESCAPE context="HTML"}}<a href="/registrations/{{ID}}" class="govuk-back-link">{{ADDRESS}}</a>
{{>SUMMARY}}
<span class="govuk-caption-l">{{APPLICATION_NAME}}</span>
<h1 class="govuk-heading-l" id="change" tabindex="-1">Retire {{ADDRESS}}</h1>
<p class="govuk-body">With the next export, at most {{WAIT}} from now, the relay stops to accept messages from
{{ADDRESS}}, whatever they come from:</p>
{{>SOURCES}}
<ul class="govuk-list govuk-list--bullet">
  <li>Every owner gets a notice.</li>
  <li>The address is free: whoever is an owner or administrator of its Exchange Group Account can register it anew.</li>
  <li>The history remains. For {{DAYS}} days the relay team can bring the registration back, while nobody has registered the
    address anew.</li>
</ul>
<form action="/registrations/{{ID}}/retire" method="post" novalidate>
  <input type="hidden" name="csrf_token" value="{{CSRF_TOKEN}}">
  <div class="govuk-form-group{{#REASON_BAD}} govuk-form-group--error{{/REASON_BAD}}">
    <label class="govuk-label govuk-label--m" for="reason">Why is it no longer needed? (optional)</label>
    {{>REASON_ERRORS}}
    <input class="govuk-input{{#REASON_BAD}} govuk-input--error{{/REASON_BAD}}" id="reason" name="reason" type="text" value="{{REASON}}"
      autocomplete="off"{{#REASON_BAD}} aria-invalid="true"{{/REASON_BAD}}{{#REASON_BAD_ID}} aria-describedby="reason-error"{{/REASON_BAD_ID}}>
  </div>
  <button type="submit" class="govuk-button govuk-button--warning">Retire this registration</button>
</form>
