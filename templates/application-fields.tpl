{{%AUTOESCAPE context="HTML"}}  <div class="govuk-form-group{{#APPLICATION_NAME_BAD}} govuk-form-group--error{{/APPLICATION_NAME_BAD}}">
    <label class="govuk-label govuk-label--m" for="application_name">Name of the application</label>
    <div id="application_name-hint" class="govuk-hint">So that you and your colleagues know it again, like Course
      evaluation or Printers of Baker Hall</div>
    {{>APPLICATION_NAME_ERRORS}}
    <input class="govuk-input{{#APPLICATION_NAME_BAD}} govuk-input--error{{/APPLICATION_NAME_BAD}}" id="application_name" name="application_name" type="text"
      value="{{APPLICATION_NAME}}"
      {{#APPLICATION_NAME_BAD}}aria-invalid="true" {{/APPLICATION_NAME_BAD}}aria-describedby="application_name-hint{{#APPLICATION_NAME_BAD_ID}} application_name-error{{/APPLICATION_NAME_BAD_ID}}">
  </div>

  <div class="govuk-form-group{{#APPLICATION_TYPE_BAD}} govuk-form-group--error{{/APPLICATION_TYPE_BAD}}">
    <fieldset class="govuk-fieldset" aria-describedby="application_type-unit{{#APPLICATION_TYPE_BAD_ID}} application_type-error{{/APPLICATION_TYPE_BAD_ID}}">
      <legend class="govuk-fieldset__legend govuk-fieldset__legend--m">What kind of application is it?</legend>
      <div id="application_type-unit" class="govuk-hint">The type sets a rate. A message to 50 people is 50 recipients.</div>
      {{>APPLICATION_TYPE_ERRORS}}
      <div class="govuk-radios">
        {{#TYPE}}<div class="govuk-radios__item">
          <input class="govuk-radios__input" id="{{FIELD_ID}}" name="application_type" type="radio" value="{{ID}}"
            aria-describedby="{{FIELD_ID}}-hint"{{#CHECKED}} checked{{/CHECKED}}>
          <label class="govuk-label govuk-radios__label" for="{{FIELD_ID}}">{{NAME}}</label>
          <div id="{{FIELD_ID}}-hint" class="govuk-hint govuk-radios__hint">{{TEXT}} {{RATE}}.</div>
        </div>
        {{/TYPE}}
      </div>
    </fieldset>
  </div>

  <div class="govuk-form-group{{#LOCATION_BAD}} govuk-form-group--error{{/LOCATION_BAD}}">
    <fieldset class="govuk-fieldset" aria-describedby="location-hint{{#LOCATION_BAD_ID}} location-error{{/LOCATION_BAD_ID}}">
      <legend class="govuk-fieldset__legend govuk-fieldset__legend--m">Where does it run?</legend>
      <div id="location-hint" class="govuk-hint">Select all that apply</div>
      {{>LOCATION_ERRORS}}
      <div class="govuk-checkboxes">
        {{#LOCATION}}<div class="govuk-checkboxes__item">
          <input class="govuk-checkboxes__input" id="{{FIELD_ID}}" name="location" type="checkbox" value="{{ID}}"{{#CHECKED}} checked{{/CHECKED}}>
          <label class="govuk-label govuk-checkboxes__label" for="{{FIELD_ID}}">{{NAME}}</label>
        </div>
        {{/LOCATION}}
      </div>
    </fieldset>
  </div>
