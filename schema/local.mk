dist_schema_DATA = %D%/appsmtp.rng
schemadir = $(pkgdatadir)/schema
