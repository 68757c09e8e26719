{{%AUTOESCAPE context="HTML"}}<a href="/registrations/{{ID}}" class="govuk-back-link">{{ADDRESS}}</a>
{{>SUMMARY}}
<span class="govuk-caption-l">{{ADDRESS}}</span>
<h1 class="govuk-heading-l" id="change" tabindex="-1">Add a source</h1>
{{#RESTORED}}<div class="govuk-inset-text" role="status">You are signed in again. What you typed is still here: look it
over and send it.</div>{{/RESTORED}}
<h2 class="govuk-heading-m">What is registered now</h2>
{{>SOURCES}}
<form action="/registrations/{{ID}}/sources" method="post" enctype="multipart/form-data" novalidate>
  <input type="hidden" name="csrf_token" value="{{CSRF_TOKEN}}">
{{>SOURCE_FIELDS}}
  <button type="submit" class="govuk-button">Add</button>
</form>
