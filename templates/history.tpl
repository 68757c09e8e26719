{{%AUTOESCAPE context="HTML"}}<a href="{{PATH}}" class="govuk-back-link">{{ADDRESS}}</a>
<h1 class="govuk-heading-l">History of {{ADDRESS}}</h1>
<p class="govuk-body"><a class="govuk-link" href="{{PATH}}/history?format=csv">The history as a file (CSV)</a></p>
{{>HISTORY}}
