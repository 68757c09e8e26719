{{%AUTOESCAPE context="HTML"}}{{>SUMMARY}}
<h1 class="govuk-heading-l">Create Registration</h1>
{{#RESTORED}}<div class="govuk-inset-text" role="status">Here is what you had typed.
Nothing is registered yet.</div>{{/RESTORED}}
<form action="/registrations" method="post" enctype="multipart/form-data" novalidate>
  <input type="hidden" name="csrf_token" value="{{CSRF_TOKEN}}">

  <div class="govuk-form-group{{#ADDRESS_BAD}} govuk-form-group--error{{/ADDRESS_BAD}}">
    <label class="govuk-label govuk-label--m" for="address">Sending address</label>
    <div id="address-hint" class="govuk-hint">An address of an Exchange Group Account that you own or administer{{#EXAMPLE}},
      like {{ADDRESS}}{{/EXAMPLE}}. {{#NONE_OFFERED}}The directory lists none for you: ask an owner of the account to
      register it, or to make you an administrator.{{/NONE_OFFERED}}</div>
    {{#SEVERAL}}<p class="govuk-body app-under-hint"><a class="govuk-link" href="/addresses">Choose from your {{OFFERED_COUNT}} addresses</a></p>{{/SEVERAL}}
    {{>ADDRESS_ERRORS}}
    <input class="govuk-input{{#ADDRESS_BAD}} govuk-input--error{{/ADDRESS_BAD}}" id="address" name="address" type="text" inputmode="email" value="{{ADDRESS}}"
      list="addresses" autocomplete="off" autocapitalize="none" spellcheck="false"
      {{#ADDRESS_BAD}}aria-invalid="true" {{/ADDRESS_BAD}}aria-describedby="address-hint{{#ADDRESS_BAD_ID}} address-error{{/ADDRESS_BAD_ID}}">
    <datalist id="addresses">{{#OFFERED}}<option value="{{ADDRESS}}">{{LABEL}}</option>
{{/OFFERED}}</datalist>
  </div>

  <div class="govuk-form-group{{#APPLICATION_NAME_BAD}} govuk-form-group--error{{/APPLICATION_NAME_BAD}}">
    <label class="govuk-label govuk-label--m" for="application_name">Name of the application</label>
    <div id="application_name-hint" class="govuk-hint">So that you and your colleagues know it again, like Course
      evaluation or Printers of Baker Hall</div>
    {{>APPLICATION_NAME_ERRORS}}
    <input class="govuk-input{{#APPLICATION_NAME_BAD}} govuk-input--error{{/APPLICATION_NAME_BAD}}" id="application_name" name="application_name" type="text"
      value="{{APPLICATION_NAME}}" autocomplete="off"
      {{#APPLICATION_NAME_BAD}}aria-invalid="true" {{/APPLICATION_NAME_BAD}}aria-describedby="application_name-hint{{#APPLICATION_NAME_BAD_ID}} application_name-error{{/APPLICATION_NAME_BAD_ID}}">
  </div>

  <div class="govuk-form-group{{#APPLICATION_TYPE_BAD}} govuk-form-group--error{{/APPLICATION_TYPE_BAD}}">
    <fieldset class="govuk-fieldset"{{#APPLICATION_TYPE_BAD_ID}} aria-describedby="application_type-error"{{/APPLICATION_TYPE_BAD_ID}}>
      <legend class="govuk-fieldset__legend govuk-fieldset__legend--m">What kind of application is it?</legend>
      {{>APPLICATION_TYPE_ERRORS}}
      <div class="govuk-radios">
        {{#TYPE}}<div class="govuk-radios__item">
          <input class="govuk-radios__input" id="{{FIELD_ID}}" name="application_type" type="radio" value="{{ID}}"
            aria-describedby="{{FIELD_ID}}-hint"{{#CHECKED}} checked{{/CHECKED}}>
          <label class="govuk-label govuk-radios__label" for="{{FIELD_ID}}">{{NAME}}</label>
          <div id="{{FIELD_ID}}-hint" class="govuk-hint govuk-radios__hint">{{TEXT}} Up to {{PER_HOUR}} messages an
            hour.</div>
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

  <div class="govuk-form-group{{#METHOD_BAD}} govuk-form-group--error{{/METHOD_BAD}}">
    <fieldset class="govuk-fieldset app-method" aria-describedby="method-hint{{#METHOD_BAD_ID}} method-error{{/METHOD_BAD_ID}}">
      <legend class="govuk-fieldset__legend govuk-fieldset__legend--m">How does the relay recognise it?</legend>
      <div id="method-hint" class="govuk-hint">Choose one way now. More sources, of other kinds too, can be added on the
        registration's page. <a class="govuk-link" href="/help/sources">Which one to choose</a></div>
      {{>METHOD_ERRORS}}
      <div class="govuk-radios">
        <div class="govuk-radios__item">
          <input class="govuk-radios__input" id="method" name="method" type="radio" value="certificate"
            aria-describedby="method-certificate-hint"{{#METHOD_CERTIFICATE}} checked{{/METHOD_CERTIFICATE}}>
          <label class="govuk-label govuk-radios__label" for="method">TLS certificate (recommended)</label>
          <div id="method-certificate-hint" class="govuk-hint govuk-radios__hint">Does not depend on the
            network: works from every location, behind NAT, and still after the application has moved</div>
        </div>
        <div class="govuk-radios__conditional app-reveal app-reveal--certificate">
          <div class="govuk-form-group{{#CERTIFICATE_BAD}} govuk-form-group--error{{/CERTIFICATE_BAD}}">
            <label class="govuk-label" for="certificate">Upload the certificate</label>
            <div id="certificate-hint" class="govuk-hint">A PEM, DER or PKCS#7 file, up to 64 KB, with its intermediate
              certificates. Never the private key.</div>
            {{>CERTIFICATE_ERRORS}}
            <input class="govuk-file-upload{{#CERTIFICATE_BAD}} govuk-file-upload--error{{/CERTIFICATE_BAD}}" id="certificate" name="certificate" type="file"
              {{#CERTIFICATE_BAD}}aria-invalid="true" {{/CERTIFICATE_BAD}}aria-describedby="certificate-hint{{#CERTIFICATE_BAD_ID}} certificate-error{{/CERTIFICATE_BAD_ID}}">
          </div>
          {{>CERTIFICATE_READ}}
          <div class="govuk-form-group">
            <label class="govuk-label" for="certificate_text">Or paste it</label>
            <div id="certificate_text-hint" class="govuk-hint">{{#UPLOAD_KEPT}}This is the file that you uploaded: it is
              kept, there is no need to choose it again.{{/UPLOAD_KEPT}}{{#NO_UPLOAD_KEPT}}Text that begins with
              -----BEGIN CERTIFICATE-----{{/NO_UPLOAD_KEPT}}</div>
            <textarea class="govuk-textarea app-code" id="certificate_text" name="certificate_text" rows="4"
              spellcheck="false" aria-describedby="certificate_text-hint">
{{CERTIFICATE_TEXT:p}}</textarea>
          </div>
        </div>
        <div class="govuk-radios__item">
          <input class="govuk-radios__input" id="method-hostname" name="method" type="radio" value="hostname"
            aria-describedby="method-hostname-hint"{{#METHOD_HOSTNAME}} checked{{/METHOD_HOSTNAME}}>
          <label class="govuk-label govuk-radios__label" for="method-hostname">DNS hostname</label>
          <div id="method-hostname-hint" class="govuk-hint govuk-radios__hint">Of the server that the application runs
            on</div>
        </div>
        <div class="govuk-radios__conditional app-reveal app-reveal--hostname">
          <div class="govuk-form-group{{#HOSTNAMES_BAD}} govuk-form-group--error{{/HOSTNAMES_BAD}}">
            <label class="govuk-label" for="hostnames">Hostnames</label>
            <div id="hostnames-hint" class="govuk-hint">One on each line, like web1.example.edu</div>
            {{>HOSTNAMES_ERRORS}}
            <textarea class="govuk-textarea{{#HOSTNAMES_BAD}} govuk-textarea--error{{/HOSTNAMES_BAD}}" id="hostnames" name="hostnames" rows="3" spellcheck="false"
              autocapitalize="none" {{#HOSTNAMES_BAD}}aria-invalid="true" {{/HOSTNAMES_BAD}}aria-describedby="hostnames-hint{{#HOSTNAMES_BAD_ID}} hostnames-error{{/HOSTNAMES_BAD_ID}}">
{{HOSTNAMES:p}}</textarea>
          </div>
        </div>
        <div class="govuk-radios__item">
          <input class="govuk-radios__input" id="method-network" name="method" type="radio" value="network"
            aria-describedby="method-network-hint"{{#METHOD_NETWORK}} checked{{/METHOD_NETWORK}}>
          <label class="govuk-label govuk-radios__label" for="method-network">IP addresses</label>
          <div id="method-network-hint" class="govuk-hint govuk-radios__hint">Single ones, or networks in CIDR
            notation</div>
        </div>
        <div class="govuk-radios__conditional app-reveal app-reveal--network">
          <div class="govuk-form-group{{#NETWORKS_BAD}} govuk-form-group--error{{/NETWORKS_BAD}}">
            <label class="govuk-label" for="networks">IP addresses or networks</label>
            <div id="networks-hint" class="govuk-hint">One on each line, like {{NETWORK_EXAMPLE}}. The addresses that the
              relay sees: run <code>curl {{BASE_URL}}/my-address</code> on the application's host</div>
            {{>NETWORKS_ERRORS}}
            <textarea class="govuk-textarea{{#NETWORKS_BAD}} govuk-textarea--error{{/NETWORKS_BAD}}" id="networks" name="networks" rows="3" spellcheck="false"
              {{#NETWORKS_BAD}}aria-invalid="true" {{/NETWORKS_BAD}}aria-describedby="networks-hint{{#NETWORKS_BAD_ID}} networks-error{{/NETWORKS_BAD_ID}}">
{{NETWORKS:p}}</textarea>
          </div>
        </div>
      </div>
    </fieldset>
  </div>

  <div class="govuk-form-group{{#OWNERS_BAD}} govuk-form-group--error{{/OWNERS_BAD}}">
    <label class="govuk-label govuk-label--m" for="owners">Co-owners (optional)</label>
    <div id="owners-hint" class="govuk-hint">Login names of colleagues who may change this registration too, one on
      each line. You are an owner already.</div>
    {{>OWNERS_ERRORS}}
    <textarea class="govuk-textarea{{#OWNERS_BAD}} govuk-textarea--error{{/OWNERS_BAD}}" id="owners" name="owners" rows="2" spellcheck="false" autocapitalize="none"
      {{#OWNERS_BAD}}aria-invalid="true" {{/OWNERS_BAD}}aria-describedby="owners-hint{{#OWNERS_BAD_ID}} owners-error{{/OWNERS_BAD_ID}}">
{{OWNERS:p}}</textarea>
  </div>

  <div class="govuk-form-group{{#NOTE_BAD}} govuk-form-group--error{{/NOTE_BAD}}">
    <label class="govuk-label govuk-label--m" for="note">Note (optional)</label>
    <div id="note-hint" class="govuk-hint">For you, your co-owners and the relay team</div>
    {{>NOTE_ERRORS}}
    <textarea class="govuk-textarea{{#NOTE_BAD}} govuk-textarea--error{{/NOTE_BAD}}" id="note" name="note" rows="3"
      {{#NOTE_BAD}}aria-invalid="true" {{/NOTE_BAD}}aria-describedby="note-hint{{#NOTE_BAD_ID}} note-error{{/NOTE_BAD_ID}}">
{{NOTE:p}}</textarea>
  </div>

  <button type="submit" class="govuk-button">Register Application</button>
</form>
