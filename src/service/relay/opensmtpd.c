/* SPDX-License-Identifier: MIT
 *
 * OpenSMTPD's rules.
 */
#include "service/relay/opensmtpd.h"

#include "service/relay/map-file.h"
#include "service/relay/pairs.h"

#define ACTION "appsmtp"

struct rules {
    struct format_job *job;
    struct map_file map;
};

/* What smtpd.conf(5) and its matching of addresses give no meaning of their own. */
static bool is_plain(const char *sender)
{
    return strspn(sender, "abcdefghijklmnopqrstuvwxyz0123456789._+=&~@-") == strlen(sender);
}

/* False, and the loss told, when there is nothing of the registration that can be said. */
static bool can_say(struct format_job *job, const char *sender, const struct decision_entry *entry)
{
    if (!is_plain(sender)) {
        format_warn(job, sender, "left out: OpenSMTPD could take a sign of this address for "
                                 "something else");
        return false;
    }
    if (entry->spkis->len > 0)
        format_warn(job, sender, "its certificates are left out: OpenSMTPD recognises none");
    return entry->networks->len > 0;
}

static bool put_rule(const char *sender, const struct decision_entry *entry, void *data,
                     GError **error)
{
    struct rules *rules = data;
    g_autoptr(GString) list = g_string_new(NULL);

    if (!can_say(rules->job, sender, entry))
        return true;
    for (guint i = 0; i < entry->networks->len; i++) {
        g_autofree char *text = network_format(&g_array_index(entry->networks, struct network, i));
        g_string_append_printf(list, "%s%s", i ? ", " : "", text);
    }
    return map_put(&rules->map, error, "match from src { %s } mail-from \"%s\" for any action \"" ACTION
                   "\"\n", list->str, sender);
}

bool opensmtpd_write(struct format_job *job, GError **error)
{
    struct rules rules = {.job = job};
    auto_ptr(map_file) map = &rules.map;

    if (snapshot_policy(job->snapshot)->null_sender)
        format_warn(job, "<>", "this format refuses the empty sender although it is allowed");
    return map_open(map, job->folder, "relay.rules", error) &&
           pairs_read(job->folder, put_rule, &rules, error) && map_close(map, error);
}
