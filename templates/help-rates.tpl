{{%AUTOESCAPE context="HTML"}}<a href="/help" class="govuk-back-link">Help</a>
<h1 class="govuk-heading-l">{{HEADING}}</h1>
<p class="govuk-body">How many recipients an application may have in an hour depends on its type:</p>
<table class="govuk-table app-cards">
  <caption class="govuk-table__caption govuk-visually-hidden">Rates of the types</caption>
  <thead class="govuk-table__head"><tr class="govuk-table__row">
    <th scope="col" class="govuk-table__header">Type</th>
    <th scope="col" class="govuk-table__header">Rate</th>
  </tr></thead>
  <tbody class="govuk-table__body">
    {{#TYPE}}<tr class="govuk-table__row">
      <td class="govuk-table__cell">{{NAME}}</td>
      <td class="govuk-table__cell">{{RATE}}</td>
    </tr>
    {{/TYPE}}
  </tbody>
</table>
<p class="govuk-body"><strong>Recipients count, not messages:</strong> a message to 50 people is 50 recipients. An address that is in To: and again in Bcc: counts as often as the application gives it to the relay.</p>
{{#EACH_SOURCE}}<p class="govuk-body"><strong>For each device or server</strong> means that each IP address from which messages come has the whole rate for itself, however many of them share one sending address.</p>{{/EACH_SOURCE}}
<p class="govuk-body">The page of a registration shows its rate and what was used of it in the last hour.</p>
<h2 class="govuk-heading-m">When it is used up</h2>
<p class="govuk-body">The relay puts off what goes beyond: it then answers with a code that begins with 4 and says in how many minutes to send the message again. A mail server and most web applications do that by themselves. A device without a queue shows an error instead: send the scan again later. What was used comes back evenly, so of 600 an hour 10 each minute.</p>
<p class="govuk-body">The owners get a notice when 80 % of an hour's recipients are used, and when all are: at most one of each a day.</p>
<p class="govuk-body">A message that alone has more recipients than a whole hour's rate can never pass, and is refused: send it in parts over several hours.{{#PARTS}} Each of the {{RELAYS}} relays has its part of the rate, and a message must fit into one part.{{/PARTS}}</p>
<h2 class="govuk-heading-m">When it is too little</h2>
<p class="govuk-body">Spread the messages over a longer time, or let a mailing list reach many people with one recipient. Where that does not help, the relay team can give a registration another rate. Say which application it is, how many recipients it has and when: {{>HELP_CONTACT}}</p>
