# The style sheet is compiled from a pinned npm package, and committed: neither building
# nor installing needs npm. After a change of portal.scss, "make portal.css" makes it anew
# in the source tree (npm of Debian 12 or later).
staticdir = $(pkgdatadir)/static
dist_static_DATA = %D%/portal.css %D%/icon.svg
EXTRA_DIST += %D%/portal.scss %D%/package.json %D%/package-lock.json

STYLE_SHEET = $(abs_srcdir)/%D%/portal.css

.PHONY: portal.css
portal.css:
	$(AM_V_GEN)$(MKDIR_P) %D% && \
	for file in portal.scss package.json package-lock.json; do \
	    cmp -s $(srcdir)/%D%/$$file %D%/$$file || cp $(srcdir)/%D%/$$file %D%/$$file || exit 1; \
	done && \
	cd %D% && \
	npm ci --ignore-scripts --no-audit --no-fund --prefer-offline --loglevel=error >npm.log && \
	node_modules/.bin/sass --no-source-map --style=compressed --quiet-deps \
	    --load-path=node_modules portal.scss portal.css.new && \
	mv portal.css.new $(STYLE_SHEET)

clean-local:
	rm -rf %D%/node_modules %D%/npm.log
