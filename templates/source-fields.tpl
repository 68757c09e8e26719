{{%AUTOESCAPE context="HTML"}}  <div class="govuk-form-group{{#METHOD_BAD}} govuk-form-group--error{{/METHOD_BAD}}">
    <fieldset class="govuk-fieldset app-method" aria-describedby="method-hint{{#METHOD_BAD_ID}} method-error{{/METHOD_BAD_ID}}">
      <legend class="govuk-fieldset__legend govuk-fieldset__legend--m">How does the relay recognise it?</legend>
      <div id="method-hint" class="govuk-hint">Choose one way now. More sources, of other kinds too, can be added on the
        registration's page. <a class="govuk-link" href="/help/sources" target="_blank" rel="noopener">Which one to choose (opens in a new tab)</a></div>
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
            <div id="certificate-hint" class="govuk-hint">A PEM, DER or PKCS#7 file, up to 128 KB, with its intermediate
              certificates. Never the private key.</div>
            {{>CERTIFICATE_ERRORS}}
            <input class="govuk-file-upload{{#CERTIFICATE_BAD}} govuk-file-upload--error{{/CERTIFICATE_BAD}}" id="certificate" name="certificate" type="file"
              {{#CERTIFICATE_BAD}}aria-invalid="true" {{/CERTIFICATE_BAD}}aria-describedby="certificate-hint{{#CERTIFICATE_BAD_ID}} certificate-error{{/CERTIFICATE_BAD_ID}}">
          </div>
          {{>CERTIFICATE_READ}}
          <div class="govuk-form-group">
            <label class="govuk-label" for="certificate_text">Or paste it</label>
            <div id="certificate_text-hint" class="govuk-hint">{{#UPLOAD_KEPT}}This is the file that you uploaded: it is
              kept, there is no need to choose it again.{{/UPLOAD_KEPT}}{{#UPLOAD_REFUSED}}This is the file that you
              uploaded, as text. A file that you choose above replaces it.{{/UPLOAD_REFUSED}}{{#NO_UPLOAD_KEPT}}Text that begins with
              -----BEGIN CERTIFICATE-----{{/NO_UPLOAD_KEPT}}</div>
            <textarea class="govuk-textarea app-code{{#CERTIFICATE_BAD}} govuk-textarea--error{{/CERTIFICATE_BAD}}" id="certificate_text" name="certificate_text" rows="4"
              spellcheck="false" {{#CERTIFICATE_BAD}}aria-invalid="true" {{/CERTIFICATE_BAD}}aria-describedby="certificate_text-hint{{#CERTIFICATE_BAD_ID}} certificate-error{{/CERTIFICATE_BAD_ID}}">
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
