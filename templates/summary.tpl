{{%AUTOESCAPE context="HTML"}}<div class="govuk-error-summary" aria-labelledby="error-summary-title" role="alert" tabindex="-1" autofocus>
  <h2 class="govuk-error-summary__title" id="error-summary-title">There is a problem</h2>
  <div class="govuk-error-summary__body">
    {{#PARAGRAPH}}<p>{{TEXT}}</p>{{/PARAGRAPH}}
    <ul class="govuk-list govuk-error-summary__list">
      {{#ERROR}}<li><a href="#{{FIELD}}">{{TEXT}}</a></li>
      {{/ERROR}}
    </ul>
    {{#REGISTRATION_LINK}}<p><a href="/registrations/{{ID}}">Open the registration of this address</a></p>{{/REGISTRATION_LINK}}
  </div>
</div>
