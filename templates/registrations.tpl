{{%AUTOESCAPE context="HTML"}}{{#DONE}}<div class="govuk-notification-banner govuk-notification-banner--success" role="status" aria-labelledby="done-title">
  <div class="govuk-notification-banner__header"><h2 class="govuk-notification-banner__title" id="done-title">Done</h2></div>
  <div class="govuk-notification-banner__content">
    {{#ADVICE}}<p class="govuk-body">{{TEXT}}</p>{{/ADVICE}}
  </div>
</div>{{/DONE}}
<h1 class="govuk-heading-l">Your registrations</h1>
{{#DIRECTORY_DOWN}}<div class="govuk-inset-text">The directory could not be asked just now. Registrations of accounts that
you own, but whose registration does not list you, may be missing below.</div>{{/DIRECTORY_DOWN}}
<a href="/registrations/new" class="govuk-button">Create Registration</a>
{{#EMPTY}}<p class="govuk-body">You have no registrations yet. <a class="govuk-link" href="/addresses">See which sending
addresses you can register</a>.</p>{{/EMPTY}}
{{#FILTER}}<form action="/registrations" method="get" class="app-filter" role="search" aria-label="Registrations">
  <div class="govuk-form-group">
    <label class="govuk-label" for="q">Search by address or application</label>
    <input class="govuk-input" id="q" name="q" type="search" value="{{SEARCHED}}" autocomplete="off" autocapitalize="none" spellcheck="false">
  </div>
  <div class="govuk-form-group">
    <label class="govuk-label" for="state">State</label>
    <select class="govuk-select" id="state" name="state">
      {{#STATE_OPTION}}<option value="{{ID}}"{{#CHOSEN}} selected{{/CHOSEN}}>{{WORDS}}</option>
      {{/STATE_OPTION}}
    </select>
  </div>
  <div class="govuk-form-group">
    <label class="govuk-label" for="sort">Sort by</label>
    <select class="govuk-select" id="sort" name="sort">
      {{#ORDER_OPTION}}<option value="{{ID}}"{{#CHOSEN}} selected{{/CHOSEN}}>{{WORDS}}</option>
      {{/ORDER_OPTION}}
    </select>
  </div>
  <button type="submit" class="govuk-button govuk-button--secondary">Show</button>
</form>{{/FILTER}}
{{#NONE_FOUND}}<p class="govuk-body" role="status">No registration fits your search. <a class="govuk-link" href="/registrations">Show
all</a></p>{{/NONE_FOUND}}
{{#TABLE}}<table class="govuk-table app-cards">
  <caption class="govuk-table__caption govuk-visually-hidden">Your registrations</caption>
  <thead class="govuk-table__head"><tr class="govuk-table__row">
    <th scope="col" class="govuk-table__header">Sending address</th>
    <th scope="col" class="govuk-table__header">Application</th>
    <th scope="col" class="govuk-table__header">State</th>
  </tr></thead>
  <tbody class="govuk-table__body">
    {{#ROW}}<tr class="govuk-table__row">
      <td class="govuk-table__cell app-break"><a class="govuk-link app-cards__link" href="/registrations/{{ID}}">{{ADDRESS}}</a></td>
      <td class="govuk-table__cell app-break">{{APPLICATION_NAME}}</td>
      <td class="govuk-table__cell"><span class="app-state app-state--{{CONDITION}}">{{STATE}}</span></td>
    </tr>
    {{/ROW}}
  </tbody>
</table>{{/TABLE}}
{{#PAGES}}<nav class="app-pages" aria-label="Pages of the list">
  <p class="govuk-body">{{FIRST}} to {{LAST}} of {{COUNT}}</p>
  {{#PREVIOUS}}<a class="govuk-link app-pages__link" rel="prev" href="/registrations?q={{SEARCHED:u}}&amp;state={{WANTED_STATE:u}}&amp;sort={{WANTED_ORDER:u}}&amp;page={{PAGE:u}}">Previous page</a>{{/PREVIOUS}}
  {{#NEXT}}<a class="govuk-link app-pages__link" rel="next" href="/registrations?q={{SEARCHED:u}}&amp;state={{WANTED_STATE:u}}&amp;sort={{WANTED_ORDER:u}}&amp;page={{PAGE:u}}">Next page</a>{{/NEXT}}
</nav>{{/PAGES}}
