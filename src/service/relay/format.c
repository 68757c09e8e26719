/* SPDX-License-Identifier: MIT
 *
 * The table of formats.
 */
#include "service/relay/format.h"

#include "service/relay/classes.h"
#include "service/relay/exim.h"
#include "service/relay/listing.h"
#include "service/relay/opensmtpd.h"
#include "service/relay/postfix.h"
#include "service/relay/sendmail.h"

static const struct format formats[] = {
    {"postfix", postfix_write},
    {"postfix-classes", classes_write},
    {"exim", exim_write},
    {"opensmtpd", opensmtpd_write},
    {"sendmail", sendmail_write},
    {"csv", csv_write},
    {"json", json_write},
    {"xml", xml_write},
};

const struct format *format_find(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(formats); i++)
        if (g_str_equal(formats[i].name, name))
            return &formats[i];
    return NULL;
}

char *format_names(void)
{
    GString *names = g_string_new(formats[0].name);

    for (size_t i = 1; i < G_N_ELEMENTS(formats); i++)
        g_string_append_printf(names, " %s", formats[i].name);
    return g_string_free(names, FALSE);
}

void format_warn(struct format_job *job, const char *sender, const char *what)
{
    g_autofree char *text = g_strdup_printf("%s: %s", sender, what);

    job->lost++;
    if (job->warn)
        job->warn(text);
}
