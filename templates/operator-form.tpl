{{%AUTOESCAPE context="HTML"}}<form action="/operator/registrations/{{ID}}/{{ACT}}" method="post" novalidate>
  <input type="hidden" name="csrf_token" value="{{CSRF_TOKEN}}">
  <div class="govuk-form-group{{#REASON_BAD}} govuk-form-group--error{{/REASON_BAD}}">
    <label class="govuk-label govuk-label--m" for="reason">Reason</label>
    <div id="reason-hint" class="govuk-hint">The owners read it, and it stays in the history. In force with the next export.</div>
    {{>REASON_ERRORS}}
    <input class="govuk-input{{#REASON_BAD}} govuk-input--error{{/REASON_BAD}}" id="reason" name="reason" type="text" value="{{REASON}}"
      autocomplete="off" {{#REASON_BAD}}aria-invalid="true" {{/REASON_BAD}}aria-describedby="reason-hint{{#REASON_BAD_ID}} reason-error{{/REASON_BAD_ID}}">
  </div>
  <button type="submit" class="govuk-button govuk-button--warning">{{ACT_WORDS}}</button>
  {{#ALSO_SUSPEND}}<button type="submit" class="govuk-button govuk-button--secondary" formaction="/operator/registrations/{{ID}}/suspend">Keep suspended by the relay team</button>{{/ALSO_SUSPEND}}
</form>
