{{%AUTOESCAPE context="HTML"}}<a href="/help" class="govuk-back-link">Help</a>
<h1 class="govuk-heading-l">{{HEADING}}</h1>
<p class="govuk-body">The relay recognises a certificate by its <strong>public key</strong>, not by its date or serial number. So it depends on the key what a renewal means:</p>
<table class="govuk-table app-cards">
  <caption class="govuk-table__caption govuk-table__caption--m">Two ways to renew</caption>
  <thead class="govuk-table__head"><tr class="govuk-table__row">
    <th scope="col" class="govuk-table__header">The renewed certificate has</th>
    <th scope="col" class="govuk-table__header">What you do here</th>
    <th scope="col" class="govuk-table__header">What the relay does</th>
  </tr></thead>
  <tbody class="govuk-table__body">
    <tr class="govuk-table__row">
      <th scope="row" class="govuk-table__header">the same key</th>
      <td data-label="What you do here" class="govuk-table__cell">Nothing has to be done. Uploading it brings the date on the page up to date.</td>
      <td data-label="What the relay does" class="govuk-table__cell">It accepts the renewed certificate at once.</td>
    </tr>
    <tr class="govuk-table__row">
      <th scope="row" class="govuk-table__header">a new key</th>
      <td data-label="What you do here" class="govuk-table__cell">Add it to the registration <strong>before</strong> the application changes over. Both stand side by side.</td>
      <td data-label="What the relay does" class="govuk-table__cell">It accepts both from the next export on.</td>
    </tr>
  </tbody>
</table>
<ol class="govuk-list govuk-list--number">
  <li>Get the next certificate from your certificate authority.</li>
  <li>Open the registration and add it as a source.</li>
  <li>Wait until the page says that it is on the relay.</li>
  <li>Change the application over.</li>
  <li>Remove the old certificate when nothing uses it any more.</li>
</ol>
<h2 class="govuk-heading-m">Renewed by a program</h2>
<p class="govuk-body">ACME programs such as certbot make a new key each time unless told otherwise. With <code>--reuse-key</code> (certbot) the key stays, and there is nothing to do here at each renewal.</p>
<p class="govuk-body">Never renew with a key that somebody else may have: <a class="govuk-link" href="/help/stolen-keys">When a key is stolen or lost</a></p>
<h2 class="govuk-heading-m">When a certificate ends</h2>
<p class="govuk-body">A registration says that it needs attention when a third of the certificate's life is left, at most 30 days. After its end the relay recognises the key for {{GRACE_DAYS}} more days, so that a forgotten renewal does not stop your mail the same night.</p>
