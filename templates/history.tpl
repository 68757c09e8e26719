{{%AUTOESCAPE context="HTML"}}<a href="/registrations/{{ID}}" class="govuk-back-link">{{ADDRESS}}</a>
<h1 class="govuk-heading-l">History of {{ADDRESS}}</h1>
<p class="govuk-body"><a class="govuk-link" href="/registrations/{{ID}}/history?format=csv">The history as a file (CSV)</a></p>
{{>HISTORY}}
