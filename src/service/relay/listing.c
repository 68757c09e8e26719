/* SPDX-License-Identifier: MIT
 *
 * Listings of the pairs. A sender is printable ASCII without quotes, backslash,
 * angle brackets, comma and semicolon (pairs_sender_fits), the other values are plainer
 * still, so only XML has something to escape: the ampersand.
 */
#include "service/relay/listing.h"

#include "adapters/config/xml-check.h"
#include "service/relay/map-file.h"
#include "service/relay/pairs.h"

struct listing {
    struct map_file map;
    char *sender; /* whose sources are being written */
    guint64 written;
};

static void listing_clear(struct listing *listing)
{
    map_free(&listing->map);
    g_free(listing->sender);
}
DEFINE_AUTO(listing, listing_clear)

/* "name" and "address" of a hostname source, the value alone of the others. */
static void split(const struct pairs_line *line, char **value, const char **address)
{
    const char *sign = g_str_equal(line->kind, "hostname") ? strchr(line->value, '=') : NULL;

    *value = sign ? g_strndup(line->value, (size_t)(sign - line->value)) : g_strdup(line->value);
    *address = sign ? sign + 1 : "";
}

/* Whether the line begins another registration; then its sender is the listing's. */
static bool is_next(struct listing *listing, const struct pairs_line *line)
{
    if (g_strcmp0(listing->sender, line->sender) == 0)
        return false;
    g_free(listing->sender);
    listing->sender = g_strdup(line->sender);
    return true;
}

/* ---- CSV ---- */

static bool put_csv(const struct pairs_line *line, void *data, GError **error)
{
    struct listing *listing = data;
    g_autofree char *value = NULL;
    const char *address;

    split(line, &value, &address);
    return map_put(&listing->map, error, "%s,%s,%s,%s,%s\r\n", line->sender, line->type,
                   line->kind, value, address);
}

bool csv_write(struct format_job *job, GError **error)
{
    struct listing listing = {.written = 0};
    auto_ptr(listing) held = &listing;

    return map_open(&held->map, job->folder, "registrations.csv", error) &&
           map_put(&held->map, error, "sender,application_type,kind,value,address\r\n") &&
           pairs_read_lines(job->folder, put_csv, held, error) && map_close(&held->map, error);
}

/* ---- JSON ---- */

static bool put_json(const struct pairs_line *line, void *data, GError **error)
{
    struct listing *listing = data;
    g_autofree char *value = NULL;
    const char *address;
    bool first = listing->sender == NULL, next = is_next(listing, line);

    split(line, &value, &address);
    if (next && !map_put(&listing->map, error,
                         "%s{\"sender\": \"%s\", \"application_type\": \"%s\", \"sources\": [",
                         first ? "\n" : "]},\n", line->sender, line->type))
        return false;
    if (g_str_equal(line->kind, "none"))
        return true;
    return map_put(&listing->map, error, "%s{\"kind\": \"%s\", \"value\": \"%s\"%s%s%s}",
                   next ? "" : ", ", line->kind, value, *address ? ", \"address\": \"" : "",
                   address, *address ? "\"" : "");
}

bool json_write(struct format_job *job, GError **error)
{
    struct listing listing = {.written = 0};
    auto_ptr(listing) held = &listing;

    return map_open(&held->map, job->folder, "registrations.json", error) &&
           map_put(&held->map, error, "{\"serial\": %" G_GUINT64_FORMAT ", \"registrations\": [",
                   snapshot_serial(job->snapshot)) &&
           pairs_read_lines(job->folder, put_json, held, error) &&
           map_put(&held->map, error, "%s]}\n", held->sender ? "]}\n" : "") &&
           map_close(&held->map, error);
}

/* ---- XML ---- */

static bool put_xml(const struct pairs_line *line, void *data, GError **error)
{
    struct listing *listing = data;
    bool first = listing->sender == NULL, next = is_next(listing, line);
    g_autofree char *sender = g_markup_escape_text(line->sender, -1);
    g_autofree char *value = NULL;
    const char *address;

    split(line, &value, &address);
    if (next && !map_put(&listing->map, error,
                         "%s  <registration sender=\"%s\" application-type=\"%s\">\n",
                         first ? "" : "  </registration>\n", sender, line->type))
        return false;
    if (g_str_equal(line->kind, "none"))
        return true;
    if (*address)
        return map_put(&listing->map, error, "    <hostname name=\"%s\">%s</hostname>\n", value,
                       address);
    return map_put(&listing->map, error, "    <%s>%s</%s>\n", line->kind, value, line->kind);
}

bool xml_write(struct format_job *job, GError **error)
{
    struct listing listing = {.written = 0};
    auto_ptr(listing) held = &listing;

    return map_open(&held->map, job->folder, "registrations.xml", error) &&
           map_put(&held->map, error, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                   "<registrations serial=\"%" G_GUINT64_FORMAT "\">\n",
                   snapshot_serial(job->snapshot)) &&
           pairs_read_lines(job->folder, put_xml, held, error) &&
           map_put(&held->map, error, "%s</registrations>\n",
                   held->sender ? "  </registration>\n" : "") &&
           map_close(&held->map, error) && xml_check_export(held->map.path, error);
}
