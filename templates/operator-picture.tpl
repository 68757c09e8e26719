{{%AUTOESCAPE context="HTML"}}<h2 class="govuk-heading-m">The last 30 days</h2>
{{#CHART}}<figure class="app-chart">
  <figcaption class="govuk-body app-chart__caption"><strong>{{TITLE}}.</strong> Today:
    {{#SERIES_ENTRY}}<span class="app-chart__entry"><svg class="app-chart__key" viewBox="0 0 10 10" aria-hidden="true" focusable="false"><rect class="app-chart__{{SERIES}}" width="10" height="10"></rect></svg> {{TODAY}} {{WORDS}}</span>
    {{/SERIES_ENTRY}}</figcaption>
  <svg class="app-chart__drawing" viewBox="0 0 {{ALL_WIDE}} {{ALL_TALL}}" preserveAspectRatio="none" role="img" aria-label="{{TITLE}}, from {{FIRST}} to {{LAST}}; the highest bar is {{HIGHEST}}">
    {{#BAR}}<rect class="app-chart__{{SERIES}}" x="{{LEFT}}" y="{{TOP}}" width="{{WIDE}}" height="{{TALL}}"></rect>
    {{/BAR}}
  </svg>
  <p class="govuk-hint app-chart__ends"><span>{{FIRST}}</span> <span>highest: {{HIGHEST}}</span> <span>{{LAST}}</span></p>
</figure>
{{/CHART}}
<details class="govuk-details">
  <summary class="govuk-details__summary"><span class="govuk-details__summary-text">The same as a table</span></summary>
  <section class="govuk-details__text app-wide" aria-label="The last 30 days, as a table" tabindex="0">
    <table class="govuk-table govuk-table--small-text-until-tablet">
      <caption class="govuk-table__caption govuk-visually-hidden">The last 30 days, in UTC</caption>
      <thead class="govuk-table__head"><tr class="govuk-table__row">
        <th scope="col" class="govuk-table__header">Day</th>
        <th scope="col" class="govuk-table__header govuk-table__header--numeric">Live</th>
        <th scope="col" class="govuk-table__header govuk-table__header--numeric">Suspended</th>
        <th scope="col" class="govuk-table__header govuk-table__header--numeric">Retired</th>
        <th scope="col" class="govuk-table__header govuk-table__header--numeric">Exports with changes</th>
        <th scope="col" class="govuk-table__header govuk-table__header--numeric">Without</th>
        <th scope="col" class="govuk-table__header govuk-table__header--numeric">Permitted</th>
        <th scope="col" class="govuk-table__header govuk-table__header--numeric">Refused</th>
        <th scope="col" class="govuk-table__header govuk-table__header--numeric">Put off</th>
      </tr></thead>
      <tbody class="govuk-table__body">
        {{#DAY}}<tr class="govuk-table__row"><th scope="row" class="govuk-table__header">{{DATE}}</th>{{#NUMBER}}<td class="govuk-table__cell govuk-table__cell--numeric">{{VALUE}}</td>{{/NUMBER}}</tr>
        {{/DAY}}
      </tbody>
    </table>
  </section>
</details>
