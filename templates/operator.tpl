{{%AUTOESCAPE context="HTML"}}<h1 class="govuk-heading-l">Overview</h1>
<form action="/operator/registrations" method="get" class="app-filter" role="search" aria-label="All registrations">
  <div class="govuk-form-group">
    <label class="govuk-label" for="q">Search for an address, name, owner, host, fingerprint or IP address</label>
    <input class="govuk-input" id="q" name="q" type="search" autocomplete="off" autocapitalize="none" spellcheck="false">
  </div>
  <button type="submit" class="govuk-button govuk-button--secondary">Search</button>
</form>
<p class="govuk-body"><a class="govuk-link" href="/operator/sessions">Who is signed in</a></p>
<h2 class="govuk-heading-m">Registrations</h2>
<dl class="govuk-summary-list">
  <div class="govuk-summary-list__row"><dt class="govuk-summary-list__key">Live</dt>
    <dd class="govuk-summary-list__value">{{LIVE}} <a class="govuk-link app-count" href="/operator/registrations?list=live">Show<span class="govuk-visually-hidden">: Live</span></a></dd></div>
  <div class="govuk-summary-list__row"><dt class="govuk-summary-list__key">Waiting for an export</dt>
    <dd class="govuk-summary-list__value">{{WAITING}} <a class="govuk-link app-count" href="/operator/registrations?list=waiting">Show<span class="govuk-visually-hidden">: Waiting for an export</span></a></dd></div>
  <div class="govuk-summary-list__row"><dt class="govuk-summary-list__key">With a source that a relay leaves out</dt>
    <dd class="govuk-summary-list__value">{{LEFT_OUT_COUNT}} <a class="govuk-link app-count" href="/operator/registrations?list=left-out">Show<span class="govuk-visually-hidden">: With a source that a relay leaves out</span></a></dd></div>
  <div class="govuk-summary-list__row"><dt class="govuk-summary-list__key">Suspended</dt>
    <dd class="govuk-summary-list__value">{{SUSPENDED}} <a class="govuk-link app-count" href="/operator/registrations?list=suspended">Show<span class="govuk-visually-hidden">: Suspended</span></a></dd></div>
  <div class="govuk-summary-list__row"><dt class="govuk-summary-list__key">With a certificate that ends within 30 days</dt>
    <dd class="govuk-summary-list__value">{{EXPIRING}} <a class="govuk-link app-count" href="/operator/registrations?list=expiring">Show<span class="govuk-visually-hidden">: With a certificate that ends within 30 days</span></a></dd></div>
  <div class="govuk-summary-list__row"><dt class="govuk-summary-list__key">To be confirmed within 30 days, or late</dt>
    <dd class="govuk-summary-list__value">{{UNCONFIRMED}} <a class="govuk-link app-count" href="/operator/registrations?list=unconfirmed">Show<span class="govuk-visually-hidden">: To be confirmed within 30 days, or late</span></a></dd></div>
  <div class="govuk-summary-list__row"><dt class="govuk-summary-list__key">With a source not used for a year</dt>
    <dd class="govuk-summary-list__value">{{UNUSED}} <a class="govuk-link app-count" href="/operator/registrations?list=unused">Show<span class="govuk-visually-hidden">: With a source not used for a year</span></a></dd></div>
  <div class="govuk-summary-list__row"><dt class="govuk-summary-list__key">At their limit now</dt>
    <dd class="govuk-summary-list__value">{{AT_LIMIT}} <a class="govuk-link app-count" href="/operator/registrations?list=at-limit">Show<span class="govuk-visually-hidden">: At their limit now</span></a></dd></div>
  <div class="govuk-summary-list__row"><dt class="govuk-summary-list__key">Retired</dt>
    <dd class="govuk-summary-list__value">{{RETIRED}} <a class="govuk-link app-count" href="/operator/registrations?list=retired">Show<span class="govuk-visually-hidden">: Retired</span></a></dd></div>
</dl>
{{#LEFT_OUT_PART}}<h2 class="govuk-heading-m">Left out by a relay</h2>
<table class="govuk-table app-cards">
  <caption class="govuk-table__caption govuk-visually-hidden">Sources that a relay leaves out</caption>
  <thead class="govuk-table__head"><tr class="govuk-table__row">
    <th scope="col" class="govuk-table__header">Registration</th>
    <th scope="col" class="govuk-table__header">Source</th>
    <th scope="col" class="govuk-table__header">Relay</th>
    <th scope="col" class="govuk-table__header">Since (UTC)</th>
  </tr></thead>
  <tbody class="govuk-table__body">
    {{#OMISSION}}<tr class="govuk-table__row">
      <td class="govuk-table__cell app-break"><a class="govuk-link" href="/operator/registrations/{{ID}}">{{ADDRESS}}</a></td>
      <td class="govuk-table__cell app-break">{{SOURCE_TEXT}} {{WHY}}</td>
      <td class="govuk-table__cell">{{RELAY_NAME}}</td>
      <td class="govuk-table__cell">{{SINCE}}</td>
    </tr>
    {{/OMISSION}}
  </tbody>
</table>
{{#MORE}}<p class="govuk-body">These are the newest. <a class="govuk-link" href="/operator/registrations?list=left-out">All registrations with such a source</a></p>
{{/MORE}}{{/LEFT_OUT_PART}}{{>PICTURE}}
<h2 class="govuk-heading-m">Last export of each relay</h2>
{{#NO_EXPORT}}<p class="govuk-body">No relay has reported an export yet.</p>{{/NO_EXPORT}}
<table class="govuk-table app-cards">
  <caption class="govuk-table__caption govuk-visually-hidden">Last export of each relay</caption>
  <thead class="govuk-table__head"><tr class="govuk-table__row">
    <th scope="col" class="govuk-table__header">Relay</th>
    <th scope="col" class="govuk-table__header">Finished (UTC)</th>
    <th scope="col" class="govuk-table__header">Result</th>
    <th scope="col" class="govuk-table__header">Exported</th>
  </tr></thead>
  <tbody class="govuk-table__body">
    {{#EXPORT}}<tr class="govuk-table__row">
      <td class="govuk-table__cell">{{RELAY_NAME}}</td>
      <td class="govuk-table__cell">{{FINISHED}}{{#LATE}} <strong>(late)</strong>{{/LATE}}</td>
      <td class="govuk-table__cell">{{RESULT}}, generation {{GENERATION}}</td>
      <td class="govuk-table__cell">{{SENDERS}} addresses, {{SOURCE_COUNT}} sources, {{LEFT_OUT}} left out</td>
    </tr>
    {{/EXPORT}}
  </tbody>
</table>
<h2 class="govuk-heading-m">Notices</h2>
<p class="govuk-body">Waiting to be sent: {{NOTICES}}{{#OLDEST}}, the oldest since {{SINCE}} UTC{{/OLDEST}}{{#HELD}}; of these held for a digest, as their address has had its share of the hour: {{COUNT}}{{/HELD}}.</p>
{{#FAILING}}<p class="govuk-body">Could not be sent so far: {{FAILING_COUNT}}. They are tried again by themselves. The oldest of them:</p>
<table class="govuk-table app-cards">
  <caption class="govuk-table__caption govuk-visually-hidden">Notices that could not be sent so far</caption>
  <thead class="govuk-table__head"><tr class="govuk-table__row">
    <th scope="col" class="govuk-table__header">To</th>
    <th scope="col" class="govuk-table__header">About</th>
    <th scope="col" class="govuk-table__header">Since (UTC)</th>
    <th scope="col" class="govuk-table__header">Attempts</th>
    <th scope="col" class="govuk-table__header">Why not</th>
  </tr></thead>
  <tbody class="govuk-table__body">
    {{#FAILING_NOTICE}}<tr class="govuk-table__row">
      <td class="govuk-table__cell app-break">{{RECIPIENT}}</td>
      <td class="govuk-table__cell app-break"><a class="govuk-link" href="/operator/registrations/{{ID}}">{{ADDRESS}}</a> ({{KIND}})</td>
      <td class="govuk-table__cell">{{SINCE}}</td>
      <td class="govuk-table__cell">{{ATTEMPTS}}</td>
      <td class="govuk-table__cell app-break">{{LAST_ERROR}}</td>
    </tr>
    {{/FAILING_NOTICE}}
  </tbody>
</table>{{/FAILING}}
<h2 class="govuk-heading-m">Certificate authorities</h2>
<p class="govuk-body">Common roots: {{ROOTS}}, in <code class="app-break">{{ROOTS_FILE}}</code>, which was written on {{ROOTS_WRITTEN}}{{#ROOTS_PACKAGED}} out of the package ca-certificates of {{DAY}}{{/ROOTS_PACKAGED}}.{{#ROOTS_OLD}} <strong>That is more than a year old:</strong> certificates of newer authorities are refused. Install the newest ca-certificates on the portal's machine; the portal reads it by itself.{{/ROOTS_OLD}}</p>
<ul class="govuk-list govuk-list--bullet">
  <li>Without the trust of Mozilla's programme, by the list of {{ROOTS_LIST}}: {{ROOTS_DISTRUSTED}}. What they issue now is refused.</li>
  <li>Not in that list, so newer or the machine's own: {{ROOTS_UNLISTED}}</li>
  <li>In that list and trusted, but not in the file: {{ROOTS_ABSENT}}. What they issue is refused, and whoever uploads it is told that. <code>appsmtp-admin roots</code> names them.</li>
  <li>Private ones besides: {{ROOTS_ADDED}}</li>
  {{#ROOTS_UNUSABLE}}<li>That cannot be used: {{COUNT}}. <code>appsmtp-admin roots</code> says why.</li>{{/ROOTS_UNUSABLE}}
</ul>
{{#WEAK_KEYS}}<p class="govuk-body">Lists of weak keys, in <code class="app-break">{{FOLDER}}</code>: {{LISTS}}. Certificates with a key on them are refused.</p>{{/WEAK_KEYS}}
{{#NO_WEAK_KEYS}}<p class="govuk-body">No list of weak keys is in use, so that keys which Debian's OpenSSL made until 2008 are taken: <code class="app-break">{{FOLDER}}</code> holds none. They are in Debian's package openssl-blacklist, which its archive of old releases still has.</p>{{/NO_WEAK_KEYS}}
{{#ROOTS_FAILURE}}<p class="govuk-body"><strong>A newer file is not in force:</strong> {{REASON}}</p>{{/ROOTS_FAILURE}}
