templatesdir = $(pkgdatadir)/templates
dist_templates_DATA = \
    %D%/errors.tpl \
    %D%/history.tpl \
    %D%/layout.tpl \
    %D%/problem.tpl \
    %D%/registration-form.tpl \
    %D%/registration.tpl \
    %D%/registrations.tpl \
    %D%/sign-in.tpl \
    %D%/start.tpl \
    %D%/summary.tpl
