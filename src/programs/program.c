/* SPDX-License-Identifier: MIT
 *
 * The beginning and the end of a program.
 */
#include "programs/program.h"

#include "base/dated.h"
#include "base/error.h"
#include "rules/secret/gate.h"

#include <config.h>
#include <locale.h>
#include <sysexits.h>

static bool dated; /* each line is */

void program_date_lines(void)
{
    dated = true;
}

void program_say(const char *text)
{
    g_autofree char *date = dated ? log_date() : NULL;

    g_printerr("%s%s: %s\n", date ? date : "", g_get_prgname(), text);
}

int program_fail(const GError *error)
{
    program_say(error->message);
    return error->domain == G_OPTION_ERROR ? EX_USAGE : appsmtp_error_exit_status(error);
}

/* What stands on the command line ends up in histories, messages and logs. */
static bool refuse_secrets(int argc, char **argv)
{
    auto_ptr(findings) findings = findings_new();

    for (int i = 1; i < argc; i++)
        if (gate_refuses("command line", argv[i], strlen(argv[i]), findings))
            explicit_bzero(argv[i], strlen(argv[i]));
    if (findings_count(findings) == 0)
        return false;
    g_printerr("%s: %s\n", findings_at(findings, 0)->code, findings_at(findings, 0)->text);
    return true;
}

bool program_read(const struct program *program, int *argc, char ***argv, char **config,
                  int *status)
{
    gboolean version = FALSE;
    const GOptionEntry common[] = {
        {"config", 0, 0, G_OPTION_ARG_FILENAME, config,
         "Configuration (default: $APPSMTP_CONFIG, else " SYSCONFDIR "/appsmtp/appsmtp.xml)", "FILE"},
        {"version", 0, 0, G_OPTION_ARG_NONE, &version, "Print the version and exit", NULL},
        {NULL, 0, 0, 0, NULL, NULL, NULL},
    };
    g_autoptr(GOptionContext) context = g_option_context_new(program->words);
    g_autoptr(GError) error = NULL;

    setlocale(LC_ALL, "");
    g_set_prgname(program->name);
    *status = PROGRAM_REFUSED;
    if (refuse_secrets(*argc, *argv))
        return false;
    g_option_context_set_summary(context, program->summary);
    g_option_context_set_description(context, program->description);
    g_option_context_add_main_entries(context, program->options, NULL);
    g_option_context_add_main_entries(context, common, NULL);
    if (!g_option_context_parse(context, argc, argv, &error)) {
        *status = program_fail(error);
        return false;
    }
    if (version)
        g_print("%s %s\n", program->name, PACKAGE_VERSION);
    *status = EX_OK;
    return !version;
}

bool program_parse_now(const char *text, gint64 *now, GError **error)
{
    g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
    g_autoptr(GDateTime) time = text ? g_date_time_new_from_iso8601(text, utc)
                                     : g_date_time_new_now_utc();

    if (!time) {
        g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_USAGE,
                    "--now %s is no time like 2026-11-23T12:00:00Z", text);
        return false;
    }
    *now = g_date_time_to_unix(time);
    return true;
}
