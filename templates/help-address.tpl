{{%AUTOESCAPE context="HTML"}}<a href="/help" class="govuk-back-link">Help</a>
<h1 class="govuk-heading-l">{{HEADING}}</h1>
<p class="govuk-body">For hostnames and IP addresses it is the address <strong>as the relay sees it</strong> that counts. Ask the portal from the computer on which the application runs:</p>
<pre class="app-snippet" tabindex="0"><code>curl {{BASE_URL}}/my-address</code></pre>
<p class="govuk-body">The answer is one line, the address. This browser comes from <strong class="app-break">{{CLIENT}}</strong>.</p>
<h2 class="govuk-heading-m">It can be another one for mail</h2>
<p class="govuk-body">The portal sees the address from which web requests come. Mail leaves by port 25, and a gateway may send that by another address; a web proxy hides the computer's own one. To be sure, let the relay itself say it: send a test message without a registered source, and read the refusal. It names the address that the relay saw.</p>
<pre class="app-snippet" tabindex="0"><code>swaks --server {{RELAY_HOST}}:{{RELAY_PORT}} --tls --from your-service@example.edu --to you@example.edu</code></pre>
<p class="govuk-body">A computer with IPv4 and IPv6 has an address of each, and may use either. Register both, or set the application to one of them. With a certificate none of this matters: <a class="govuk-link" href="/help/sources">Certificate, hostname or network?</a></p>
<h2 class="govuk-heading-m" id="relay">The relay's address, for devices without DNS</h2>
<p class="govuk-body">Enter the relay's name wherever you can: its address may change. For a device that takes only an IP address, ask a computer in the same network for it, and note the device, so that it can be found when the address changes:</p>
<pre class="app-snippet" tabindex="0"><code>nslookup {{RELAY_HOST}}</code></pre>
