{{%AUTOESCAPE context="HTML"}}<a href="/help" class="govuk-back-link">Help</a>
<h1 class="govuk-heading-l">{{HEADING}}</h1>
<p class="govuk-body">At this time only the address of an <strong>Exchange Group Account (EGA)</strong> can be registered: its primary address, or any of its other addresses. Each is registered by itself, and only once. Personal addresses cannot be registered.</p>
<p class="govuk-body">You have to be an owner or an administrator of that account, directly or through a group. The directory says so; delegates and members who may only send or read do not count.</p>
<p class="govuk-body"><a class="govuk-link" href="/addresses">See the addresses that you can register</a> (needs sign-in).</p>
<h2 class="govuk-heading-m">When an address is missing</h2>
<ul class="govuk-list govuk-list--bullet">
  <li>You are not its owner or administrator: ask an owner to register it, or to make you an administrator. A change in the directory counts at once.</li>
  <li>The account is not ready for sending, or is switched off: ask the help desk.</li>
  <li>The address belongs to two accounts at a time: ask the help desk to put the directory right.</li>
</ul>
<h2 class="govuk-heading-m">Sent exactly as it is registered</h2>
<ul class="govuk-list govuk-list--bullet">
  <li>An address with a tag, like your-service<strong>+news</strong>@example.edu, is another address and is refused, unless the directory has it and it is registered too.</li>
  <li>So is what list software makes for each recipient (VERP, like your-service<strong>+bounce_17</strong>@example.edu). Switch that off; bounces go to the mailbox of the address.</li>
  <li>Users' own addresses can be neither the sender nor in the From: header. Switch off what a scanner or a web application calls "use the user's address as sender", and let it use Reply-To: for them.</li>
</ul>
<h2 class="govuk-heading-m">How to get one</h2>
<p class="govuk-body">Ask the help desk for an Exchange Group Account for your service, and name two people or more as owners. Its mailbox also receives what bounces, so somebody should read it.</p>
<p class="govuk-body">The help desk: {{>HELP_CONTACT}}</p>
