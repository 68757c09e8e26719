templatesdir = $(pkgdatadir)/templates
dist_templates_DATA = \
    %D%/accessibility.tpl \
    %D%/addresses.tpl \
    %D%/certificate-read.tpl \
    %D%/check.tpl \
    %D%/errors.tpl \
    %D%/help.tpl \
    %D%/help-address.tpl \
    %D%/help-certificates-2026.tpl \
    %D%/help-nat.tpl \
    %D%/help-printers.tpl \
    %D%/help-renewal.tpl \
    %D%/help-sending-addresses.tpl \
    %D%/help-sources.tpl \
    %D%/history.tpl \
    %D%/layout.tpl \
    %D%/problem.tpl \
    %D%/registration.tpl \
    %D%/registration-form.tpl \
    %D%/registrations.tpl \
    %D%/setup.tpl \
    %D%/sign-in.tpl \
    %D%/start.tpl \
    %D%/summary.tpl
