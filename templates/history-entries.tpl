{{%AUTOESCAPE context="HTML"}}{{#ENTRY}}<section class="app-entry">
  <h2 class="govuk-heading-s">{{ACTION}} by {{LOGIN}}</h2>
  <p class="govuk-body-s">{{AT}} UTC{{#FROM}}, from {{CLIENT}}{{/FROM}}{{#WHY}}. Reason: {{REASON}}{{/WHY}}</p>
  <dl class="govuk-summary-list govuk-summary-list--no-border">
    {{#VALUE}}<div class="govuk-summary-list__row"><dt class="govuk-summary-list__key">{{NAME}}</dt>
      <dd class="govuk-summary-list__value app-break">{{#WAS}}before: {{BEFORE}}<br>after: {{/WAS}}{{AFTER}}</dd></div>
    {{/VALUE}}
  </dl>
</section>{{/ENTRY}}
