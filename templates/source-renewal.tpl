{{%AUTOESCAPE context="HTML"}}<a href="/registrations/{{ID}}" class="govuk-back-link">{{ADDRESS}}</a>
<span class="govuk-caption-l">{{ADDRESS}}</span>
<h1 class="govuk-heading-l">Renew a certificate</h1>
<p class="govuk-body">{{DESCRIBED}} is to be renewed.</p>
<form action="/registrations/{{ID}}/sources" method="post" enctype="multipart/form-data" novalidate>
  <input type="hidden" name="csrf_token" value="{{CSRF_TOKEN}}">
  <input type="hidden" name="method" value="certificate">
  <div class="govuk-form-group">
    <label class="govuk-label govuk-label--m" for="certificate">Upload the renewed certificate</label>
    <div id="certificate-hint" class="govuk-hint">A PEM, DER or PKCS#7 file, up to 128 KB, with its intermediate certificates.
      Never the private key.</div>
    <input class="govuk-file-upload" id="certificate" name="certificate" type="file" aria-describedby="certificate-hint">
  </div>
  <button type="submit" class="govuk-button">Upload</button>
</form>
<p class="govuk-body">With the same key the new date is noted, and that is all. With another key the relay accepts both
certificates until you remove the old one.</p>
