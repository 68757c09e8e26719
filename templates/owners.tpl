{{%AUTOESCAPE context="HTML"}}<a href="/registrations/{{ID}}" class="govuk-back-link">{{ADDRESS}}</a>
{{>SUMMARY}}
<span class="govuk-caption-l">{{ADDRESS}}</span>
<h1 class="govuk-heading-l" id="change" tabindex="-1">Owners</h1>
{{>OWNER_TABLE}}
<form action="/registrations/{{ID}}/owners" method="post" novalidate>
  <input type="hidden" name="csrf_token" value="{{CSRF_TOKEN}}">
  <div class="govuk-form-group{{#LOGIN_BAD}} govuk-form-group--error{{/LOGIN_BAD}}">
    <label class="govuk-label govuk-label--m" for="login">Add an owner</label>
    <div id="login-hint" class="govuk-hint">Login name of a colleague, like ab12, or name of a group in the directory, like
      mail-team: then each of its members is an owner, whoever joins or leaves it. Owners can change this registration,
      and get the notices about it.</div>
    {{>LOGIN_ERRORS}}
    <input class="govuk-input govuk-input--width-20{{#LOGIN_BAD}} govuk-input--error{{/LOGIN_BAD}}" id="login" name="login" type="text" value="{{LOGIN}}"
      autocomplete="off" autocapitalize="none" spellcheck="false"
      {{#LOGIN_BAD}}aria-invalid="true" {{/LOGIN_BAD}}aria-describedby="login-hint{{#LOGIN_BAD_ID}} login-error{{/LOGIN_BAD_ID}}">
  </div>
  <button type="submit" class="govuk-button">Add owner</button>
</form>
