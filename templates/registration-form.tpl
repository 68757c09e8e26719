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
      register it, or to make you an administrator.{{/NONE_OFFERED}}{{#UNJUDGED}}Whether somebody else has the address as
      well, which is then nobody's, is found out when you register it.{{/UNJUDGED}}</div>
    {{#SEVERAL}}<p class="govuk-body app-under-hint"><a class="govuk-link" href="/addresses">Choose from your {{OFFERED_COUNT}} addresses</a></p>{{/SEVERAL}}
    {{>ADDRESS_ERRORS}}
    <input class="govuk-input{{#ADDRESS_BAD}} govuk-input--error{{/ADDRESS_BAD}}" id="address" name="address" type="text" inputmode="email" value="{{ADDRESS}}"
      list="addresses" autocomplete="off" autocapitalize="none" spellcheck="false"
      {{#ADDRESS_BAD}}aria-invalid="true" {{/ADDRESS_BAD}}aria-describedby="address-hint{{#ADDRESS_BAD_ID}} address-error{{/ADDRESS_BAD_ID}}">
    <datalist id="addresses">{{#OFFERED}}<option value="{{ADDRESS}}">{{LABEL}}</option>
{{/OFFERED}}</datalist>
  </div>

{{>APPLICATION_FIELDS}}
{{>SOURCE_FIELDS}}

  <div class="govuk-form-group{{#OWNERS_BAD}} govuk-form-group--error{{/OWNERS_BAD}}">
    <label class="govuk-label govuk-label--m" for="owners">Co-owners (optional)</label>
    <div id="owners-hint" class="govuk-hint">Login names of colleagues who may change this registration too, or names of
      groups in the directory, one on each line. You are an owner already.</div>
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
