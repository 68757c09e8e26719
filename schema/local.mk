dist_schema_DATA = %D%/appsmtp.rng %D%/export.rng %D%/001-registrations.sql
dist_schema_DATA += %D%/002-changes.sql
dist_schema_DATA += %D%/003-notices.sql
dist_schema_DATA += %D%/005-uses.sql
dist_schema_DATA += %D%/006-watch.sql
dist_schema_DATA += %D%/007-standing.sql
schemadir = $(pkgdatadir)/schema
