{{%AUTOESCAPE context="HTML"}}<a href="/registrations" class="govuk-back-link">Your registrations</a>
<h1 class="govuk-heading-l">Your sending addresses</h1>
<p class="govuk-body">The addresses of the Exchange Group Accounts that you own or administer, as the directory has them.
<a class="govuk-link" href="/help/sending-addresses">Why an address can be missing here</a></p>
{{#MORE}}<div class="govuk-inset-text">You have more addresses than are listed here. The others can be typed into the
form.</div>{{/MORE}}
{{#UNJUDGED}}<div class="govuk-inset-text">You have many addresses. Whether somebody else has one of them as well, which is
then nobody's, is found out when you register it.</div>{{/UNJUDGED}}
{{#EMPTY}}<p class="govuk-body">The directory lists none for you. Ask an owner of the account to register its address, or to
make you an owner or administrator.</p>{{/EMPTY}}
{{#FILTER}}<form action="/addresses" method="get" class="app-filter" role="search" aria-label="Addresses">
  <div class="govuk-form-group">
    <label class="govuk-label" for="q">Search by address or account</label>
    <input class="govuk-input" id="q" name="q" type="search" value="{{SEARCHED}}" autocomplete="off" autocapitalize="none" spellcheck="false">
  </div>
  <button type="submit" class="govuk-button govuk-button--secondary">Search</button>
</form>{{/FILTER}}
{{#NONE_FOUND}}<p class="govuk-body" role="status">None of your addresses fits your search. <a class="govuk-link" href="/addresses">Show
all</a></p>{{/NONE_FOUND}}
{{#TABLE}}<table class="govuk-table app-cards">
  <caption class="govuk-table__caption govuk-visually-hidden">Your sending addresses</caption>
  <thead class="govuk-table__head"><tr class="govuk-table__row">
    <th scope="col" class="govuk-table__header">Sending address</th>
    <th scope="col" class="govuk-table__header">Account</th>
    <th scope="col" class="govuk-table__header">Registration</th>
  </tr></thead>
  <tbody class="govuk-table__body">
    {{#ROW}}<tr class="govuk-table__row">
      <td class="govuk-table__cell app-break">{{ADDRESS}}</td>
      <td class="govuk-table__cell app-break">{{LABEL}}</td>
      <td class="govuk-table__cell">{{#TAKEN}}<a class="govuk-link app-cards__link" href="/registrations/{{ID}}">Open<span class="govuk-visually-hidden"> the registration of {{ADDRESS}}</span></a>{{/TAKEN}}{{#FREE}}<a class="govuk-link app-cards__link" href="/registrations/new?address={{ADDRESS:u}}">Register<span class="govuk-visually-hidden"> {{ADDRESS}}</span></a>{{/FREE}}</td>
    </tr>
    {{/ROW}}
  </tbody>
</table>{{/TABLE}}
{{#PAGES}}<nav class="app-pages" aria-label="Pages of the list">
  <p class="govuk-body">{{FIRST}} to {{LAST}} of {{COUNT}}</p>
  {{#PREVIOUS}}<a class="govuk-link app-pages__link" rel="prev" href="/addresses?q={{SEARCHED:u}}&amp;page={{PAGE:u}}">Previous page</a>{{/PREVIOUS}}
  {{#NEXT}}<a class="govuk-link app-pages__link" rel="next" href="/addresses?q={{SEARCHED:u}}&amp;page={{PAGE:u}}">Next page</a>{{/NEXT}}
</nav>{{/PAGES}}
