{{%AUTOESCAPE context="HTML"}}<h1 class="govuk-heading-l">{{HEADING}}</h1>
<p class="govuk-body">This statement is about the AppSMTP Registration Portal of {{SITE}}. We want as many people as possible to be able to use it. You should be able to:</p>
<ul class="govuk-list govuk-list--bullet">
  <li>zoom in to 400 % without scrolling sideways</li>
  <li>use all of it with the keyboard alone</li>
  <li>use all of it with a screen reader</li>
  <li>use all of it with JavaScript switched off: it has none</li>
  <li>choose light or dark colours in your system's settings</li>
</ul>
<h2 class="govuk-heading-m">How accessible it is</h2>
<p class="govuk-body">The portal is built to meet the Web Content Accessibility Guidelines (WCAG) 2.2, level AA. We know of no part that does not. Each change is tested by programs on every page: empty, refused and filled in, light and dark, on a wide screen and on a narrow one. Programs find a part of the problems only.</p>
<h2 class="govuk-heading-m">If something does not work for you</h2>
<p class="govuk-body">Tell the help desk which page it was and what you wanted to do: {{>HELP_CONTACT}}. They can also register an application together with you.</p>
<h2 class="govuk-heading-m">Known limits</h2>
<ul class="govuk-list govuk-list--bullet">
  <li>A file that was chosen cannot be put back into a file field by a browser. The portal keeps its certificates as text in the field below instead.</li>
  <li>Lines to copy into settings can be wider than the screen. They scroll by themselves, also with the keyboard.</li>
</ul>
