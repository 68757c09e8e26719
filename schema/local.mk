dist_schema_DATA = %D%/appsmtp.rng %D%/001-registrations.sql
schemadir = $(pkgdatadir)/schema
