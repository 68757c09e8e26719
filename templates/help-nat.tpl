{{%AUTOESCAPE context="HTML"}}<a href="/help" class="govuk-back-link">Help</a>
<h1 class="govuk-heading-l">{{HEADING}}</h1>
<p class="govuk-body">Behind NAT a computer's own address (often one that begins with 10, 172.16 to 172.31 or 192.168) is replaced on the way by that of a gateway. The relay sees only the gateway.</p>
<ul class="govuk-list govuk-list--bullet">
  <li>Register the address of the gateway, not the computer's own. <a class="govuk-link" href="/help/address">What is my address?</a> says how to find it out.</li>
  <li>Everything behind the same gateway can then send as your address. If you share the gateway with others, use a certificate instead.</li>
  <li>In a cloud, give the application a NAT gateway with a fixed address. One that changes at each restart cannot be registered.</li>
</ul>
<h2 class="govuk-heading-m">Load balancers</h2>
<p class="govuk-body">A load balancer passes requests <em>to</em> your servers. Messages <em>from</em> your servers do not go through it in most cases: they come from each server's own address, or from a NAT gateway. The hostname of the load balancer is then the wrong source.</p>
<ul class="govuk-list govuk-list--bullet">
  <li>Register the hostnames or addresses of the servers behind it, one on each line.</li>
  <li>Where servers come and go by themselves (containers, autoscaling), register the NAT gateway in front of them or, better, one certificate that all of them present.</li>
</ul>
<p class="govuk-body">The certificate is the way out of all of this: <a class="govuk-link" href="/help/sources">Certificate, hostname or network?</a></p>
