{{%AUTOESCAPE context="HTML"}}<a href="/help" class="govuk-back-link">Help</a>
<h1 class="govuk-heading-l">{{HEADING}}</h1>
<p class="govuk-body">Whoever has the private key of a registered certificate can send as your address. <strong>Removing the certificate from the registration is what stops them</strong>, with the next export, at most {{WAIT}} later.</p>
<a href="/registrations" class="govuk-button">Your registrations</a>
<h2 class="govuk-heading-m">When a key is stolen, or was sent or uploaded by mistake</h2>
<ol class="govuk-list govuk-list--number">
  <li>Open each registration that has a certificate with this key, and press <strong>Remove</strong> beside it. Renewed certificates with the same key go with it: remove all of them.</li>
  <li>Is it the only source? Add another one first, or <strong>retire the registration</strong>: its address can be registered again the same minute.</li>
  <li>Wait until the page says that the change is on the relay.</li>
  <li>Make a new key, get a certificate for it, add it, and change the application over. Do not renew with the old key.</li>
  <li>Tell your certificate authority to revoke the old certificate, for all others who trust it.</li>
</ol>
<p class="govuk-body">Are you not an owner, or does it have to be faster? The relay team can suspend a registration at once: {{>HELP_CONTACT}}</p>
<h2 class="govuk-heading-m">Revoked certificates</h2>
<p class="govuk-body">The relay recognises a certificate by its public key and <strong>does not ask whether it was revoked</strong>; the portal does not either. A revoked certificate that stays registered is accepted until it ends, and for {{GRACE_DAYS}} more days.</p>
<h2 class="govuk-heading-m">When a key is lost</h2>
<p class="govuk-body">A key that nobody has any more does no harm. Make a new one, add its certificate, and remove the old one when it is convenient. If you are not sure that nobody has it, it is stolen.</p>
