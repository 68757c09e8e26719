{{%AUTOESCAPE context="HTML"}}<h1 class="govuk-heading-l">{{HEADING}}</h1>
{{#PARAGRAPH}}<p class="govuk-body">{{TEXT}}</p>
{{/PARAGRAPH}}
{{#REFERENCE}}<p class="govuk-body">If you ask the help desk, give them this reference: <strong>{{NUMBER}}</strong></p>
{{/REFERENCE}}{{#AGAIN}}<p class="govuk-body"><a class="govuk-link" href="{{PATH}}">Open the form again, as you filled it in</a></p>
{{/AGAIN}}<p class="govuk-body"><a class="govuk-link" href="/">Go to the start page</a></p>
