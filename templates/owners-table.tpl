{{%AUTOESCAPE context="HTML"}}<table class="govuk-table app-cards">
  <caption class="govuk-table__caption govuk-visually-hidden">Owners of this registration</caption>
  <thead class="govuk-table__head"><tr class="govuk-table__row">
    <th scope="col" class="govuk-table__header">Login name or group</th>
    <th scope="col" class="govuk-table__header"><span class="govuk-visually-hidden">Change</span></th>
  </tr></thead>
  <tbody class="govuk-table__body">
    {{#OWNER}}<tr class="govuk-table__row">
      <td class="govuk-table__cell">{{LOGIN}}{{#YOU}} (you){{/YOU}}{{#GROUP}} (group: each of its members){{/GROUP}}</td>
      <td class="govuk-table__cell app-buttons">{{#REMOVE}}<form action="/registrations/{{ID}}/owners/{{LOGIN}}/remove" method="post" novalidate>
          <input type="hidden" name="csrf_token" value="{{CSRF_TOKEN}}">
          <button type="submit" class="govuk-button govuk-button--secondary app-last">Remove<span class="govuk-visually-hidden"> {{LOGIN}}</span></button>
        </form>{{/REMOVE}}</td>
    </tr>
    {{/OWNER}}
  </tbody>
</table>
