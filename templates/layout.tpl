{{%AUTOESCAPE context="HTML"}}<!DOCTYPE html>
<html lang="en" class="govuk-template app-template">
<head>
  <meta charset="utf-8">
  <title>{{TITLE}} - AppSMTP Registration - {{SITE}}</title>
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark">
  <link rel="stylesheet" href="/static/portal.css">
  <link rel="icon" href="/static/icon.svg" type="image/svg+xml">
</head>
<body class="govuk-template__body">
<a href="#main-content" class="govuk-skip-link">Skip to main content</a>
<header class="app-header">
  <div class="govuk-width-container app-header__row">
    <a href="/" class="app-header__name">AppSMTP Registration</a>
    <span class="app-header__site">{{SITE}}</span>
    <nav class="app-header__nav" aria-label="Account">
      {{#SIGNED_IN}}<a href="/registrations" class="app-header__link">Your registrations</a>
      <span class="app-header__person">{{PERSON}}</span>
      {{#SIGN_OUT}}<form action="/sign-out" method="post" class="app-header__form">
        <input type="hidden" name="csrf_token" value="{{CSRF_TOKEN}}">
        <button type="submit" class="app-header__button">Sign out</button>
      </form>{{/SIGN_OUT}}{{/SIGNED_IN}}
      {{#SIGN_IN}}<a href="/registrations" class="app-header__link">Sign in</a>{{/SIGN_IN}}
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
    <p class="govuk-body-s">Questions? Ask the help desk: {{HELP}}</p>
  </div>
</footer>
</body>
</html>
