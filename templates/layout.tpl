{{%AUTOESCAPE context="HTML"}}<!DOCTYPE html>
<html lang="en" class="govuk-template app-template">
<head>
  <meta charset="utf-8">
  <title>{{TITLE}} - AppSMTP Registration - {{SITE}}</title>
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark">
  <meta name="description" content="Register an application, scanner or device that sends mail through the relay of {{SITE}}.">
  <link rel="stylesheet" href="/static/portal.css">
  <link rel="icon" href="/static/icon.svg" type="image/svg+xml">
</head>
<body class="govuk-template__body">
<a href="#main-content" class="govuk-skip-link">Skip to main content</a>
<header class="app-header">
  <div class="govuk-width-container app-header__row">
    <div class="app-header__title">
      <a href="/" class="app-header__name">AppSMTP Registration</a>
      <span class="app-header__site">{{SITE}}</span>
    </div>
    <div class="app-header__account">
      {{#SIGNED_IN}}<a href="/sessions" class="app-header__link app-header__person">{{PERSON}}<span class="govuk-visually-hidden">: where you are signed in</span></a>
      {{#SIGN_OUT}}<form action="/sign-out" method="post" class="app-header__form">
        <input type="hidden" name="csrf_token" value="{{CSRF_TOKEN}}">
        <button type="submit" class="app-header__button">Sign out</button>
      </form>{{/SIGN_OUT}}{{/SIGNED_IN}}
      {{#SIGN_IN}}<a href="/registrations" class="app-header__link">Sign in</a>{{/SIGN_IN}}
    </div>
    <nav class="app-header__nav" aria-label="Portal">
      <a href="/registrations" class="app-header__link">Your registrations</a>
      {{#STAFF}}<a href="/operator" class="app-header__link">All registrations</a>
      {{/STAFF}}<a href="/check" class="app-header__link">Check a message</a>
      <a href="/help" class="app-header__link">Help</a>
    </nav>
  </div>
</header>
<div class="govuk-width-container">
  <main class="govuk-main-wrapper" id="main-content">
{{>BODY}}
  </main>
</div>
<footer class="app-footer">
  <div class="govuk-width-container">
    <p class="govuk-body-s">Questions? Ask the help desk: {{>HELP_CONTACT}}</p>
    <ul class="app-footer__links">
      <li><a class="govuk-link app-footer__link" href="/help">Help</a></li>
      <li><a class="govuk-link app-footer__link" href="/accessibility">Accessibility statement</a></li>
    </ul>
  </div>
</footer>
</body>
</html>
