{{%AUTOESCAPE context="HTML"}}<div class="govuk-inset-text app-read" id="certificate-read">
  <p class="govuk-body"><strong>The certificate, as it was read</strong></p>
  <dl class="app-facts">
    <div><dt>For</dt><dd class="app-break">{{#NAME}}{{TEXT}}{{#NAME_separator}}, {{/NAME_separator}}{{/NAME}}</dd></div>
    <div><dt>Issued by</dt><dd class="app-break">{{ISSUER}}</dd></div>
    <div><dt>Good for</dt><dd>{{LEFT}} more, until {{UNTIL}}</dd></div>
  </dl>
</div>
