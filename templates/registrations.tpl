{{%AUTOESCAPE context="HTML"}}<h1 class="govuk-heading-l">Your registrations</h1>
{{#DIRECTORY_DOWN}}<div class="govuk-inset-text">The directory could not be asked just now. Registrations of accounts that
you own, but whose registration does not list you, may be missing below.</div>{{/DIRECTORY_DOWN}}
<a href="/registrations/new" role="button" draggable="false" class="govuk-button">Create Registration</a>
{{#EMPTY}}<p class="govuk-body">You have no registrations yet.</p>{{/EMPTY}}
{{#TABLE}}<table class="govuk-table app-cards">
  <caption class="govuk-table__caption govuk-visually-hidden">Your registrations</caption>
  <thead class="govuk-table__head"><tr class="govuk-table__row">
    <th scope="col" class="govuk-table__header">Sending address</th>
    <th scope="col" class="govuk-table__header">Application</th>
    <th scope="col" class="govuk-table__header">State</th>
  </tr></thead>
  <tbody class="govuk-table__body">
    {{#ROW}}<tr class="govuk-table__row">
      <td class="govuk-table__cell"><a class="govuk-link" href="/registrations/{{ID}}">{{ADDRESS}}</a></td>
      <td class="govuk-table__cell">{{APPLICATION_NAME}}</td>
      <td class="govuk-table__cell">{{STATE}}</td>
    </tr>
    {{/ROW}}
  </tbody>
</table>{{/TABLE}}
