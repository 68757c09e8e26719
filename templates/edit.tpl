{{%AUTOESCAPE context="HTML"}}<a href="/registrations/{{ID}}" class="govuk-back-link">{{ADDRESS}}</a>
{{>SUMMARY}}
<span class="govuk-caption-l">{{ADDRESS}}</span>
<h1 class="govuk-heading-l" id="change" tabindex="-1">Change this registration</h1>
{{#RESTORED}}<div class="govuk-inset-text" role="status">You are signed in again. What you typed is still here: look it
over and send it.</div>{{/RESTORED}}
{{#OLDER}}<table class="govuk-table app-cards">
  <caption class="govuk-table__caption govuk-table__caption--m">Both versions</caption>
  <thead class="govuk-table__head"><tr class="govuk-table__row">
    <th scope="col" class="govuk-table__header">Field</th>
    <th scope="col" class="govuk-table__header">Stored now</th>
    <th scope="col" class="govuk-table__header">What you typed</th>
  </tr></thead>
  <tbody class="govuk-table__body">
    {{#DIFFERENCE}}<tr class="govuk-table__row">
      <td class="govuk-table__cell">{{NAME}}</td>
      <td class="govuk-table__cell app-break app-note" data-label="Stored now">{{STORED}}</td>
      <td class="govuk-table__cell app-break app-note" data-label="What you typed">{{TYPED}}</td>
    </tr>
    {{/DIFFERENCE}}
  </tbody>
</table>{{/OLDER}}
<form action="/registrations/{{ID}}/edit" method="post" novalidate>
  <input type="hidden" name="csrf_token" value="{{CSRF_TOKEN}}">
  <input type="hidden" name="version" value="{{VERSION}}">
{{>APPLICATION_FIELDS}}
  <div class="govuk-form-group{{#NOTE_BAD}} govuk-form-group--error{{/NOTE_BAD}}">
    <label class="govuk-label govuk-label--m" for="note">Note (optional)</label>
    <div id="note-hint" class="govuk-hint">For you, your co-owners and the relay team</div>
    {{>NOTE_ERRORS}}
    <textarea class="govuk-textarea{{#NOTE_BAD}} govuk-textarea--error{{/NOTE_BAD}}" id="note" name="note" rows="3"
      {{#NOTE_BAD}}aria-invalid="true" {{/NOTE_BAD}}aria-describedby="note-hint{{#NOTE_BAD_ID}} note-error{{/NOTE_BAD_ID}}">
{{NOTE:p}}</textarea>
  </div>
  <button type="submit" class="govuk-button">Save changes</button>
</form>
<p class="govuk-body">The address cannot change: retire this registration and register the other address.</p>
