templatesdir = $(pkgdatadir)/templates
dist_templates_DATA = \
    %D%/accessibility.tpl \
    %D%/addresses.tpl \
    %D%/application-fields.tpl \
    %D%/certificate-read.tpl \
    %D%/check.tpl \
    %D%/edit.tpl \
    %D%/errors.tpl \
    %D%/facts.tpl \
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
    %D%/owners.tpl \
    %D%/owners-table.tpl \
    %D%/problem.tpl \
    %D%/registration.tpl \
    %D%/registration-form.tpl \
    %D%/registrations.tpl \
    %D%/retire.tpl \
    %D%/setup.tpl \
    %D%/sign-in.tpl \
    %D%/source-fields.tpl \
    %D%/source-renewal.tpl \
    %D%/sources.tpl \
    %D%/sources-table.tpl \
    %D%/start.tpl \
    %D%/summary.tpl
