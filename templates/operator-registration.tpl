{{%AUTOESCAPE context="HTML"}}<a href="/operator/registrations" class="govuk-back-link">All registrations</a>
{{>SUMMARY}}
<span class="govuk-caption-l">{{APPLICATION_NAME}}</span>
<h1 class="govuk-heading-l" id="change" tabindex="-1">{{ADDRESS}}</h1>
<p class="govuk-body-l"><span class="app-state app-state--{{CONDITION}}">{{STATE}}</span></p>
{{>FACTS}}
{{#CHANGE_RATE}}<p class="govuk-body"><a class="govuk-link" href="/operator/registrations/{{ID}}/rate">Give it another rate</a></p>
{{/CHANGE_RATE}}{{#FORM}}{{>REASON_FORM}}{{/FORM}}
<h2 class="govuk-heading-m">Sources</h2>
{{>SOURCES}}
<h2 class="govuk-heading-m">History</h2>
<p class="govuk-body"><a class="govuk-link" href="/operator/registrations/{{ID}}/history?format=csv">The history as a file (CSV)</a></p>
{{>HISTORY}}
