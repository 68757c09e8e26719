{{%AUTOESCAPE context="HTML"}}<a href="/operator" class="govuk-back-link">Overview</a>
<h1 class="govuk-heading-l">All registrations</h1>
<form action="/operator/registrations" method="get" class="app-filter" role="search" aria-label="All registrations">
  <div class="govuk-form-group">
    <label class="govuk-label" for="q">Search for an address, name, owner, host, fingerprint or IP address</label>
    <input class="govuk-input" id="q" name="q" type="search" value="{{SEARCHED}}" autocomplete="off" autocapitalize="none" spellcheck="false">
  </div>
  <div class="govuk-form-group">
    <label class="govuk-label" for="list">Which</label>
    <select class="govuk-select" id="list" name="list">
      <option value="">All</option>
      {{#LIST}}<option value="{{NAME}}"{{#CHOSEN}} selected{{/CHOSEN}}>{{WORDS}}</option>
      {{/LIST}}
    </select>
  </div>
  <button type="submit" class="govuk-button govuk-button--secondary">Search</button>
</form>
{{#NONE_FOUND}}<p class="govuk-body" role="status">No registration fits your search.</p>{{/NONE_FOUND}}
{{#TABLE}}<table class="govuk-table app-cards">
  <caption class="govuk-table__caption govuk-visually-hidden">Registrations</caption>
  <thead class="govuk-table__head"><tr class="govuk-table__row">
    <th scope="col" class="govuk-table__header">Sending address</th>
    <th scope="col" class="govuk-table__header">Application</th>
    <th scope="col" class="govuk-table__header">State</th>
    <th scope="col" class="govuk-table__header">Owners</th>
    <th scope="col" class="govuk-table__header">Sources</th>
  </tr></thead>
  <tbody class="govuk-table__body">
    {{#ROW}}<tr class="govuk-table__row">
      <td class="govuk-table__cell app-break"><a class="govuk-link app-cards__link" href="/operator/registrations/{{ID}}">{{ADDRESS}}</a></td>
      <td class="govuk-table__cell app-break">{{APPLICATION_NAME}}</td>
      <td class="govuk-table__cell">{{STATE}}</td>
      <td class="govuk-table__cell app-break">{{OWNERS}}</td>
      <td class="govuk-table__cell app-break">{{SOURCE_LIST}}</td>
    </tr>
    {{/ROW}}
  </tbody>
</table>{{/TABLE}}
{{#PAGES}}<nav class="app-pages" aria-label="Pages of the list">
  <p class="govuk-body">{{FIRST}} to {{LAST}} of {{COUNT}}</p>
  {{#PREVIOUS}}<a class="govuk-link app-pages__link" rel="prev" href="/operator/registrations?q={{SEARCHED:u}}&amp;list={{CHOSEN_LIST:u}}&amp;page={{PAGE:u}}">Previous page</a>{{/PREVIOUS}}
  {{#NEXT}}<a class="govuk-link app-pages__link" rel="next" href="/operator/registrations?q={{SEARCHED:u}}&amp;list={{CHOSEN_LIST:u}}&amp;page={{PAGE:u}}">Next page</a>{{/NEXT}}
</nav>{{/PAGES}}
<p class="govuk-body"><a class="govuk-link" href="/operator/registrations?q={{SEARCHED:u}}&amp;list={{CHOSEN_LIST:u}}&amp;format=csv">These registrations as a file (CSV)</a></p>
