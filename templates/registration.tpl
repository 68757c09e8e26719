{{%AUTOESCAPE context="HTML"}}<a href="/registrations" class="govuk-back-link">Your registrations</a>
{{#REGISTERED}}<div class="govuk-notification-banner govuk-notification-banner--success" role="status" aria-labelledby="registered-title">
  <div class="govuk-notification-banner__header"><h2 class="govuk-notification-banner__title" id="registered-title">Registered</h2></div>
  <div class="govuk-notification-banner__content">
    <p class="govuk-notification-banner__heading">{{ADDRESS}} is registered.</p>
    <p class="govuk-body">The relay accepts its mail after the next export, at most {{WAIT}} from now. Reload
    this page to see when it does, and set up your application as shown below.</p>
    {{#ADVICE}}<p class="govuk-body"><strong>Advice:</strong> {{TEXT}}</p>{{/ADVICE}}
  </div>
</div>{{/REGISTERED}}
{{#DONE}}<div class="govuk-notification-banner govuk-notification-banner--success" role="status" aria-labelledby="done-title">
  <div class="govuk-notification-banner__header"><h2 class="govuk-notification-banner__title" id="done-title">Done</h2></div>
  <div class="govuk-notification-banner__content">
    {{#ADVICE}}<p class="govuk-body">{{TEXT}}</p>{{/ADVICE}}
  </div>
</div>{{/DONE}}
<span class="govuk-caption-l">{{APPLICATION_NAME}}</span>
<h1 class="govuk-heading-l">{{ADDRESS}}</h1>
<p class="govuk-body-l"><span class="app-state app-state--{{CONDITION}}">{{STATE}}</span></p>
{{#SUSPENDED}}<p class="govuk-body">Suspended on {{DAY}} by {{BY}}: {{REASON}}{{DOT}}</p>
{{#SUSPENDED_BY_TEAM}}<p class="govuk-body">Only the relay team can put it in force again. Ask the help desk what has to be done:
{{>HELP_CONTACT}}</p>{{/SUSPENDED_BY_TEAM}}
{{#SUSPENDED_UNCONFIRMED}}<p class="govuk-body">Press <strong>It is still needed</strong> below, and it is in force again some minutes
later. If the application no longer sends mail, retire the registration.</p>{{/SUSPENDED_UNCONFIRMED}}
{{#SUSPENDED_CONFIRMED}}<p class="govuk-body">It is confirmed by now, and in force again within some minutes.</p>{{/SUSPENDED_CONFIRMED}}
{{#SUSPENDED_OWNERSHIP}}<p class="govuk-body">It is in force again once the directory says otherwise, which is asked once a day. The help
desk can say what has to be put right: {{>HELP_CONTACT}}</p>{{/SUSPENDED_OWNERSHIP}}
{{/SUSPENDED}}{{#RETIRED}}<p class="govuk-body">Retired on {{DAY}}. The relay knows nothing of it any more.
<a class="govuk-link" href="/registrations/new?address={{ADDRESS:u}}">Register {{ADDRESS}} again</a></p>{{/RETIRED}}
{{#RENEW}}<p class="govuk-body">Get the next certificate and add it below before the present one ends.
<a class="govuk-link" href="/help/renewal">What renewing a certificate means</a></p>{{/RENEW}}
{{#RENEW_IN_GRACE}}<p class="govuk-body">The certificate expired on {{ENDED}}. The relay still recognises its key until {{UNTIL}}.
Add the renewed certificate now. <a class="govuk-link" href="/help/renewal">What renewing a certificate means</a></p>{{/RENEW_IN_GRACE}}
{{#RENEW_OVER}}<p class="govuk-body">The relay no longer accepts this certificate: it expired on {{ENDED}}. Add the renewed one; it
is in force with the next export. <a class="govuk-link" href="/help/renewal">What renewing a certificate means</a></p>{{/RENEW_OVER}}
{{#ON_RELAY_ROW}}<p class="govuk-body">{{ON_RELAY}}</p>{{/ON_RELAY_ROW}}
{{#JOIN}}<div class="govuk-inset-text">
  <p>You see this registration because you are an owner or administrator of its Exchange Group Account{{#OR_GROUP}}, or a
  member of a group that owns it{{/OR_GROUP}}. It does not list you by name among its owners, who get the notices about it.</p>
  <form action="/registrations/{{ID}}/join" method="post" novalidate>
    <input type="hidden" name="csrf_token" value="{{CSRF_TOKEN}}">
    <button type="submit" class="govuk-button app-last">Become an owner</button>
  </form>
</div>{{/JOIN}}
{{#CONFIRM}}<div class="govuk-inset-text">
  <p>Once a year somebody says that a registration is still needed.{{#OR_ELSE}} Without that the relay stops accepting its
  messages on {{END}}.{{/OR_ELSE}}</p>
  <form action="/registrations/{{ID}}/confirm" method="post" novalidate>
    <input type="hidden" name="csrf_token" value="{{CSRF_TOKEN}}">
    <button type="submit" class="govuk-button app-last">It is still needed</button>
  </form>
</div>{{/CONFIRM}}
{{>FACTS}}
<p class="govuk-body">{{#CHANGES}}<a class="govuk-link" href="/registrations/{{ID}}/edit">Change name, type, locations or note</a> ·
  <a class="govuk-link" href="/registrations/{{ID}}/retire">Retire this registration</a> ·
  {{/CHANGES}}<a class="govuk-link" href="/registrations/{{ID}}/history">History of this registration</a></p>
<h2 class="govuk-heading-m">Sources</h2>
{{#SOURCES_LIVE}}<p class="govuk-body">The relay accepts mail from {{ADDRESS}} when it comes from one of these, and from nowhere else.</p>
{{/SOURCES_LIVE}}{{#SOURCES_LEFT_OUT}}<p class="govuk-body">The relay accepts no mail from {{ADDRESS}} now: it leaves out each of these, for
the reason beside it. Put that right, or add another source, and the next export takes it in.</p>
{{/SOURCES_LEFT_OUT}}{{#SOURCES_SUSPENDED}}<p class="govuk-body">They are kept for when the registration is in force again. Until then the relay accepts none
of its messages.</p>
{{/SOURCES_SUSPENDED}}{{#SOURCES_RETIRED}}<p class="govuk-body">These were its sources.</p>
{{/SOURCES_RETIRED}}{{>SOURCES}}
{{#MANAGE}}<a href="/registrations/{{ID}}/sources" class="govuk-button govuk-button--secondary">Add a source</a>
<h2 class="govuk-heading-m">Owners</h2>
<p class="govuk-body">They can change this registration, and get the notices about it.</p>
{{>OWNER_TABLE}}
<a href="/registrations/{{ID}}/owners" class="govuk-button govuk-button--secondary">Add an owner</a>{{/MANAGE}}
{{>SETUP}}