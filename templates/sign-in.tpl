{{%AUTOESCAPE context="HTML"}}{{>SUMMARY}}
<h1 class="govuk-heading-l">Sign in</h1>
{{#ENDED}}<div class="govuk-inset-text" role="status">You were signed out: the university's directory does not have your account
any more, or it is switched off. The help desk can look into it.</div>{{/ENDED}}
{{#KEPT}}<div class="govuk-inset-text" role="status">You were signed out. What you typed is kept, and is there again
after you sign in.</div>{{/KEPT}}
<form action="/sign-in" method="post" novalidate>
  <input type="hidden" name="next" value="{{NEXT}}">
  <div class="govuk-form-group{{#LOGIN_BAD}} govuk-form-group--error{{/LOGIN_BAD}}">
    <label class="govuk-label" for="login">Login name</label>
    <div id="login-hint" class="govuk-hint">Of your university account, like ab12</div>
    {{>LOGIN_ERRORS}}
    <input class="govuk-input govuk-input--width-20{{#LOGIN_BAD}} govuk-input--error{{/LOGIN_BAD}}" id="login" name="login" type="text" value="{{LOGIN}}"
      autocomplete="username" autocapitalize="none" spellcheck="false"
      {{#LOGIN_BAD}}aria-invalid="true" {{/LOGIN_BAD}}aria-describedby="login-hint{{#LOGIN_BAD_ID}} login-error{{/LOGIN_BAD_ID}}">
  </div>
  <div class="govuk-form-group{{#PASSWORD_BAD}} govuk-form-group--error{{/PASSWORD_BAD}}">
    <label class="govuk-label" for="password">Password</label>
    {{>PASSWORD_ERRORS}}
    <input class="govuk-input govuk-input--width-20{{#PASSWORD_BAD}} govuk-input--error{{/PASSWORD_BAD}}" id="password" name="password" type="password"
      autocomplete="current-password"{{#PASSWORD_BAD}} aria-invalid="true"{{/PASSWORD_BAD}}{{#PASSWORD_BAD_ID}} aria-describedby="password-error"{{/PASSWORD_BAD_ID}}>
  </div>
  <button type="submit" class="govuk-button">Sign in</button>
</form>
