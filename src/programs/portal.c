/* SPDX-License-Identifier: MIT
 *
 * appsmtp-portal: the portal as a FastCGI responder on descriptor 0, or as a
 * plain CGI. One request at a time; a process supervisor runs several of it.
 */
#include "config.h"

#include "base/dated.h"
#include "base/error.h"
#include "web/form-body.h"
#include "web/page.h"
#include "web/portal.h"

#include <locale.h>
#include <malloc.h>
#include <signal.h>
#include <sys/resource.h>
#include <sysexits.h>

/* A page's statement that takes longer than this answers nobody any more. */
#define STATEMENT_MS 8000

/*
 * A private key that somebody sends is wiped where it is known to be. This is for the copies
 * that libraries make: what they free is overwritten, and no core file has what they hold.
 */
static void keep_no_residue(void)
{
    static const struct rlimit none = {0, 0};

#ifdef M_PERTURB
    mallopt(M_PERTURB, 0xa5);
#endif
    setrlimit(RLIMIT_CORE, &none);
}

static int fail(const GError *error)
{
    g_autofree char *date = log_date();

    g_printerr("%sappsmtp-portal: %s\n", date, error->message);
    return error->domain == G_OPTION_ERROR ? EX_USAGE : appsmtp_error_exit_status(error);
}

static bool read_front_secret(struct portal *portal, GError **error)
{
    const struct sign_in_settings *sign_in = &portal->config->sign_in;

    if (sign_in->kind == SIGN_IN_DIRECTORY)
        return true;
    portal->front_secret = config_secret(sign_in->secret_file, error);
    return portal->front_secret != NULL;
}

static bool check_templates(const struct config *config, GError **error)
{
    page_init(config->templates);
    if (page_check("layout.tpl"))
        return true;
    g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_CONFIGURATION,
                "could not read the page templates in \"%s\"", config->templates);
    return false;
}

/* Builds the adapters. Connections are made when they are needed. */
static bool open_office(struct portal *portal, GError **error)
{
    const struct config *config = portal->config;
    struct office *office = &portal->office;

    office->config = config;
    if (!config_need_database(config, error) || !config_need_directory(config, error))
        return false;
    office->database =
        database_new(config->database, &config->database->portal, STATEMENT_MS, error);
    office->directory = office->database ? directory_new(config->directory, error) : NULL;
    office->resolver = office->directory ? resolver_new(config->resolver.servers, error) : NULL;
    office->trust = office->resolver ? trust_open(&config->certificates, error) : NULL;
    office->view = relay_view_new(config->relay.output);
    return office->trust != NULL;
}

static void close_office(struct portal *portal)
{
    database_free(portal->office.database);
    directory_free(portal->office.directory);
    resolver_free(portal->office.resolver);
    trust_free(portal->office.trust);
    relay_view_free(portal->office.view);
    g_free(portal->front_secret);
}

static int run(const char *file)
{
    g_autoptr(GError) error = NULL;
    auto_ptr(config) config = config_read(config_file(file), &error);
    struct portal portal = {.config = config};
    int status;

    if (!config)
        return fail(error);
    if (check_templates(config, &error) && read_front_secret(&portal, &error) &&
        open_office(&portal, &error))
        status = gateway_serve(portal_answer, &portal, config->request_ms);
    else
        status = fail(error);
    close_office(&portal);
    return status;
}

int main(int argc, char **argv)
{
    g_autofree char *file = NULL;
    gboolean version = FALSE;
    const GOptionEntry options[] = {
        {"config", 0, 0, G_OPTION_ARG_FILENAME, &file, "Configuration", "FILE"},
        {"version", 0, 0, G_OPTION_ARG_NONE, &version, "Print the version and exit", NULL},
        {NULL, 0, 0, 0, NULL, NULL, NULL},
    };
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);
    g_autoptr(GError) error = NULL;

    setlocale(LC_CTYPE, "C.UTF-8");
    signal(SIGPIPE, SIG_IGN);
    g_log_writer_default_set_use_stderr(TRUE);
    g_log_set_writer_func(log_write, NULL, NULL);
    g_option_context_add_main_entries(context, options, NULL);
    g_option_context_set_summary(
        context, "Answers the portal's pages as a FastCGI responder on descriptor 0, or one\n"
                 "request as a plain CGI.");
    if (!g_option_context_parse(context, &argc, &argv, &error))
        return fail(error);
    if (version) {
        g_print("appsmtp-portal %s\n", VERSION);
        return EX_OK;
    }
    keep_no_residue();
    form_body_init();
    return run(file);
}
