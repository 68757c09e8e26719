{{%AUTOESCAPE context="HTML"}}<a href="/operator" class="govuk-back-link">Overview</a>
{{>SUMMARY}}
{{#DONE}}<div class="govuk-notification-banner govuk-notification-banner--success" role="status" aria-labelledby="done-title">
  <div class="govuk-notification-banner__header"><h2 class="govuk-notification-banner__title" id="done-title">Done</h2></div>
  <div class="govuk-notification-banner__content">
    {{#ADVICE}}<p class="govuk-body">{{TEXT}}</p>{{/ADVICE}}
  </div>
</div>{{/DONE}}
<h1 class="govuk-heading-l">Who is signed in</h1>
<form action="/operator/sessions" method="get" class="app-filter" role="search" aria-label="Sign-ins">
  <div class="govuk-form-group{{#LOGIN_BAD}} govuk-form-group--error{{/LOGIN_BAD}}">
    <label class="govuk-label" for="login">Login name</label>
    {{>LOGIN_ERRORS}}
    <input class="govuk-input govuk-input--width-20{{#LOGIN_BAD}} govuk-input--error{{/LOGIN_BAD}}" id="login" name="login" type="search" value="{{SEARCHED}}" autocomplete="off" autocapitalize="none" spellcheck="false"{{#LOGIN_BAD}} aria-invalid="true"{{/LOGIN_BAD}}{{#LOGIN_BAD_ID}} aria-describedby="login-error"{{/LOGIN_BAD_ID}}>
  </div>
  <button type="submit" class="govuk-button govuk-button--secondary">Search</button>
</form>
{{#NONE_FOUND}}<p class="govuk-body" role="status">Nobody with that login name is signed in.</p>{{/NONE_FOUND}}
{{#TABLE}}<table class="govuk-table app-cards">
  <caption class="govuk-table__caption govuk-visually-hidden">Sign-ins; times are in UTC</caption>
  <thead class="govuk-table__head"><tr class="govuk-table__row">
    <th scope="col" class="govuk-table__header">Login name</th>
    <th scope="col" class="govuk-table__header">Browser</th>
    <th scope="col" class="govuk-table__header">From</th>
    <th scope="col" class="govuk-table__header">Signed in (UTC)</th>
    <th scope="col" class="govuk-table__header">Last used (UTC)</th>
  </tr></thead>
  <tbody class="govuk-table__body">
    {{#ROW}}<tr class="govuk-table__row">
      <td class="govuk-table__cell app-break">{{LOGIN}}</td>
      <td class="govuk-table__cell">{{BROWSER}}</td>
      <td class="govuk-table__cell app-break" data-label="From">{{FROM}}</td>
      <td class="govuk-table__cell" data-label="Signed in (UTC)">{{STARTED}}</td>
      <td class="govuk-table__cell" data-label="Last used (UTC)">{{USED}}</td>
    </tr>
    {{/ROW}}
  </tbody>
</table>
{{#END}}<form action="/operator/sessions/end" method="post" novalidate>
  <input type="hidden" name="csrf_token" value="{{CSRF_TOKEN}}">
  <input type="hidden" name="login" value="{{LOGIN}}">
  <button type="submit" class="govuk-button govuk-button--warning">End all sign-ins of {{LOGIN}}</button>
</form>{{/END}}
{{/TABLE}}
