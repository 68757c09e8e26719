{{%AUTOESCAPE context="HTML"}}{{#DONE}}<div class="govuk-notification-banner govuk-notification-banner--success" role="status" aria-labelledby="done-title">
  <div class="govuk-notification-banner__header"><h2 class="govuk-notification-banner__title" id="done-title">Done</h2></div>
  <div class="govuk-notification-banner__content">
    {{#ADVICE}}<p class="govuk-body">{{TEXT}}</p>{{/ADVICE}}
  </div>
</div>{{/DONE}}
<h1 class="govuk-heading-l">Where you are signed in</h1>
<p class="govuk-body">Each row is a browser that is signed in as you. You may be signed in with several at a time. End what
you do not know or do not use any more; if somebody else was signed in as you, change your password as well.</p>
<table class="govuk-table app-cards">
  <caption class="govuk-table__caption govuk-visually-hidden">Your sign-ins; times are in UTC</caption>
  <thead class="govuk-table__head"><tr class="govuk-table__row">
    <th scope="col" class="govuk-table__header">Browser</th>
    <th scope="col" class="govuk-table__header">From</th>
    <th scope="col" class="govuk-table__header">Signed in (UTC)</th>
    <th scope="col" class="govuk-table__header">Last used (UTC)</th>
    <th scope="col" class="govuk-table__header"><span class="govuk-visually-hidden">Change</span></th>
  </tr></thead>
  <tbody class="govuk-table__body">
    {{#ROW}}<tr class="govuk-table__row">
      <td class="govuk-table__cell">{{BROWSER}}</td>
      <td class="govuk-table__cell app-break" data-label="From">{{FROM}}</td>
      <td class="govuk-table__cell" data-label="Signed in (UTC)">{{STARTED}}</td>
      <td class="govuk-table__cell" data-label="Last used (UTC)">{{USED}}</td>
      <td class="govuk-table__cell app-buttons">{{#THIS}}This browser{{/THIS}}{{#END}}<form action="/sessions/{{SESSION}}/end" method="post" novalidate>
          <input type="hidden" name="csrf_token" value="{{CSRF_TOKEN}}">
          <button type="submit" class="govuk-button govuk-button--secondary app-last">End<span class="govuk-visually-hidden"> the sign-in with {{BROWSER}} of {{STARTED}}</span></button>
        </form>{{/END}}</td>
    </tr>
    {{/ROW}}
  </tbody>
</table>
{{#OTHERS}}<form action="/sessions/end" method="post" novalidate>
  <input type="hidden" name="csrf_token" value="{{CSRF_TOKEN}}">
  <button type="submit" class="govuk-button govuk-button--warning">End all but this one</button>
</form>
{{/OTHERS}}<p class="govuk-body">A sign-in ends by itself {{IDLE}} minutes after it was last used, and {{ABSOLUTE}} hours after it
began; and when your account is switched off.</p>
