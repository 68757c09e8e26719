{{%AUTOESCAPE context="HTML"}}<table class="govuk-table app-cards" id="sources" tabindex="-1">
  <caption class="govuk-table__caption govuk-visually-hidden">Sources of this registration</caption>
  <thead class="govuk-table__head"><tr class="govuk-table__row">
    <th scope="col" class="govuk-table__header">Kind</th>
    <th scope="col" class="govuk-table__header">Source</th>
    <th scope="col" class="govuk-table__header">What the relay looks for</th>
    {{#BUTTON_COLUMN}}<th scope="col" class="govuk-table__header"><span class="govuk-visually-hidden">Change</span></th>{{/BUTTON_COLUMN}}
  </tr></thead>
  <tbody class="govuk-table__body">
    {{#SOURCE}}<tr class="govuk-table__row">
      <td class="govuk-table__cell">{{KIND}}</td>
      <td class="govuk-table__cell app-break">{{VALUE}}<br><span class="govuk-hint">Added on {{ADDED}}{{#USE}}. {{USED}}{{/USE}}</span>{{#LEFT_OUT}}<br><strong>The relay leaves it out: it {{WHY}}.</strong>{{/LEFT_OUT}}{{#SHARED_WITH}}<br><span class="govuk-hint">Also of <a class="govuk-link" href="/operator/registrations/{{OTHER_ID}}">{{OTHER_ADDRESS}}</a> ({{OTHER_SOURCE}})</span>{{/SHARED_WITH}}{{#SHARED}}<br><span class="govuk-hint">Other registrations use this source too.</span>{{/SHARED}}</td>
      <td class="govuk-table__cell app-break">{{LOOKED_FOR}}</td>
      {{#BUTTONS}}<td class="govuk-table__cell app-buttons">{{#RENEW}}<a class="govuk-link app-cards__link" href="/registrations/{{ID}}/sources/{{SOURCE_ID}}">Renew<span class="govuk-visually-hidden"> {{DESCRIBED}}</span></a>{{/RENEW}}
        {{#REMOVE}}<form action="/registrations/{{ID}}/sources/{{SOURCE_ID}}/remove" method="post" novalidate>
          <input type="hidden" name="csrf_token" value="{{CSRF_TOKEN}}">
          <button type="submit" class="govuk-button govuk-button--secondary app-last">Remove<span class="govuk-visually-hidden"> {{DESCRIBED}}</span></button>
        </form>{{/REMOVE}}</td>{{/BUTTONS}}
    </tr>
    {{/SOURCE}}
  </tbody>
</table>
{{#STOLEN}}<p class="govuk-body">Does somebody else have the private key of a certificate? Removing the certificate here is what stops them{{#ONLY}}: it is the only source, so add the new one first, or retire the registration{{/ONLY}}. Revoking it is not enough. <a class="govuk-link" href="/help/stolen-keys">When a key is stolen or lost</a></p>{{/STOLEN}}
