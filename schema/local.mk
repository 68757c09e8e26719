dist_schema_DATA = %D%/appsmtp.rng %D%/export.rng %D%/001-registrations.sql
schemadir = $(pkgdatadir)/schema
