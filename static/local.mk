# The style sheet is compiled from a pinned npm package; `make dist` ships it.
staticdir = $(pkgdatadir)/static
dist_static_DATA = %D%/portal.css %D%/icon.svg
EXTRA_DIST += %D%/portal.scss %D%/package.json %D%/package-lock.json
MAINTAINERCLEANFILES = %D%/portal.css

%D%/portal.css: $(srcdir)/%D%/portal.scss $(srcdir)/%D%/package.json $(srcdir)/%D%/package-lock.json
	$(AM_V_GEN)$(MKDIR_P) %D% && \
	for file in portal.scss package.json package-lock.json; do \
	    cmp -s $(srcdir)/%D%/$$file %D%/$$file || cp $(srcdir)/%D%/$$file %D%/$$file || exit 1; \
	done && \
	cd %D% && \
	$(NPM) ci --ignore-scripts --no-audit --no-fund --prefer-offline --loglevel=error >npm.log && \
	node_modules/.bin/sass --no-source-map --style=compressed --quiet-deps \
	    --load-path=node_modules portal.scss portal.css.new && \
	mv portal.css.new portal.css

clean-local:
	rm -rf %D%/node_modules %D%/npm.log
