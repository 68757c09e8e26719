/* SPDX-License-Identifier: MIT
 *
 * appsmtp-check: the portal's rules on the command line, for support and tests.
 * This file reads the command line and writes the result.
 */
#include "base/error.h"
#include "programs/check-commands.h"
#include "programs/program.h"

#include <json-glib/json-glib.h>
#include <string.h>
#include <sysexits.h>

#define REFUSED 1

/* ---- the result ---- */

static void build_line(JsonBuilder *builder, const struct check_line *line)
{
    json_builder_begin_object(builder);
    json_builder_set_member_name(builder, "field");
    json_builder_add_string_value(builder, line->field);
    json_builder_set_member_name(builder, "code");
    json_builder_add_string_value(builder, line->code);
    json_builder_set_member_name(builder, "severity");
    json_builder_add_string_value(builder, line->severity);
    json_builder_set_member_name(builder, "text");
    json_builder_add_string_value(builder, line->text);
    json_builder_end_object(builder);
}

static void build_fact(JsonBuilder *builder, const struct check_fact *fact)
{
    json_builder_set_member_name(builder, fact->name);
    if (fact->several)
        json_builder_begin_array(builder);
    for (char **value = fact->values; *value; value++)
        json_builder_add_string_value(builder, *value);
    if (fact->several)
        json_builder_end_array(builder);
}

static void build_facts(JsonBuilder *builder, const GPtrArray *facts)
{
    if (facts->len == 0)
        return;
    json_builder_set_member_name(builder, "certificate");
    json_builder_begin_object(builder);
    for (guint i = 0; i < facts->len; i++)
        build_fact(builder, g_ptr_array_index(facts, i));
    json_builder_end_object(builder);
}

static void write_json(const struct check_result *result)
{
    g_autoptr(JsonBuilder) builder = json_builder_new();
    g_autoptr(JsonNode) root = NULL;
    g_autofree char *text = NULL;

    json_builder_begin_object(builder);
    json_builder_set_member_name(builder, "verdict");
    json_builder_add_string_value(builder, verdict_name(result->verdict));
    json_builder_set_member_name(builder, "findings");
    json_builder_begin_array(builder);
    for (guint i = 0; i < result->lines->len; i++)
        build_line(builder, g_ptr_array_index(result->lines, i));
    json_builder_end_array(builder);
    build_facts(builder, result->facts);
    json_builder_end_object(builder);
    root = json_builder_get_root(builder);
    text = json_to_string(root, FALSE);
    printf("%s\n", text);
}

/* UTF-8 whatever the locale, for scripts. */
static void write_lines(const struct check_result *result)
{
    for (guint i = 0; i < result->lines->len; i++) {
        const struct check_line *line = g_ptr_array_index(result->lines, i);
        printf("%s: %s\n", line->code, line->text);
    }
    for (guint i = 0; i < result->facts->len; i++) {
        const struct check_fact *fact = g_ptr_array_index(result->facts, i);
        for (char **value = fact->values; *value; value++)
            printf("%s: %s\n", fact->name, *value);
    }
}

static int write_result(const struct check_result *result, bool json)
{
    static const int status[] = {
        [VERDICT_ACCEPT] = EX_OK,
        [VERDICT_REFUSE] = REFUSED,
        [VERDICT_UNAVAILABLE] = EX_UNAVAILABLE,
    };

    if (json)
        write_json(result);
    else
        write_lines(result);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        g_printerr("appsmtp-check: could not write the result\n");
        return EX_IOERR;
    }
    return status[result->verdict];
}

/* ---- the command line ---- */

static char *describe(void)
{
    GString *text = g_string_new("Commands:\n");
    size_t count;
    const struct check_command *commands = check_commands(&count);

    for (size_t i = 0; i < count; i++)
        g_string_append_printf(text, "  %s\n", commands[i].synopsis);
    g_string_append(text, "\nExit status: 0 accepted, 1 refused, 64 usage, 66 a file cannot be\n"
                          "read, 69 somebody could not be asked, 78 configuration.");
    return g_string_free(text, FALSE);
}

static const struct check_command *find_command(const char *name)
{
    size_t count;
    const struct check_command *commands = check_commands(&count);

    for (size_t i = 0; i < count; i++)
        if (g_str_equal(commands[i].name, name))
            return &commands[i];
    return NULL;
}

/* Refuses an option that belongs to another command: silence would look like an answer to it. */
static bool check_options_fit(const struct check_command *command,
                              const struct check_options *options, GError **error)
{
    const struct {
        const char *name;
        bool given;
    } given[] = {
        {" location ", options->locations}, {" login ", options->login},
        {" roots ", options->roots},        {" at ", options->at},
        {" name ", options->name},          {" sender ", options->sender},
        {" client ", options->client},      {" certificate ", options->certificate},
        {" snapshot ", options->snapshot},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(given); i++) {
        g_autofree char *name = g_strstrip(g_strdup(given[i].name));
        if (given[i].given && !strstr(command->options, given[i].name)) {
            g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_USAGE, "%s takes no --%s: it is %s",
                        command->name, name, command->synopsis);
            return false;
        }
    }
    return true;
}

/* The command and its argument, from what is left when the options are taken off. */
static const struct check_command *read_words(char **words, const char **argument, GError **error)
{
    const struct check_command *command = words[0] ? find_command(words[0]) : NULL;
    guint expected;

    if (!command) {
        g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_USAGE, "%s%s: see appsmtp-check --help",
                    words[0] ? "there is no command " : "say what to check",
                    words[0] ? words[0] : "");
        return NULL;
    }
    expected = command->argument ? 2 : 1;
    if (g_strv_length(words) != expected) {
        g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_USAGE, "%s takes %s: it is %s",
                    command->name, command->argument ? "one argument" : "no argument",
                    command->synopsis);
        return NULL;
    }
    *argument = words[1];
    return command;
}

static int run(const struct check_options *options, char **words)
{
    g_autoptr(GError) error = NULL;
    auto_ptr(check_result) result = check_result_new();
    const char *argument;
    const struct check_command *command = read_words(words, &argument, &error);

    if (!command || !check_options_fit(command, options, &error) ||
        !command->run(options, argument, result, &error))
        return program_fail(error);
    return write_result(result, options->json);
}

/* File names are bytes and stay so; typed text is read as UTF-8 by the rules. */
static bool parse(int *argc, char ***argv, struct check_options *o, int *status)
{
    const GOptionEntry entries[] = {
        {"json", 0, 0, G_OPTION_ARG_NONE, &o->json, "Write one JSON object", NULL},
        {"location", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &o->locations,
         "Service location to check against (repeat for more; none: all)", "ID"},
        {"login", 0, 0, G_OPTION_ARG_FILENAME, &o->login, "Ask whether LOGIN may register it",
         "LOGIN"},
        {"roots", 0, 0, G_OPTION_ARG_FILENAME, &o->roots, "PEM file of trusted roots", "FILE"},
        {"at", 0, 0, G_OPTION_ARG_FILENAME, &o->at, "Judge as of that time (ISO 8601)", "TIME"},
        {"name", 0, 0, G_OPTION_ARG_FILENAME, &o->name, "Name the certificate has to carry",
         "HOST"},
        {"sender", 0, 0, G_OPTION_ARG_FILENAME, &o->sender, "Sending address", "ADDRESS"},
        {"client", 0, 0, G_OPTION_ARG_FILENAME, &o->client, "Address the relay sees", "IP"},
        {"certificate", 0, 0, G_OPTION_ARG_FILENAME, &o->certificate,
         "Certificate the client presents", "FILE"},
        {"snapshot", 0, 0, G_OPTION_ARG_FILENAME, &o->snapshot, "Output folder of the export",
         "DIR"},
        {NULL, 0, 0, 0, NULL, NULL, NULL},
    };
    g_autofree char *description = describe();
    const struct program program = {"appsmtp-check", "COMMAND [ARGUMENT]",
                                    "Asks the rules of the AppSMTP Registration Portal.",
                                    description, entries};

    return program_read(&program, argc, argv, &o->config, status);
}

static void options_clear(struct check_options *options)
{
    g_strfreev(options->locations);
    char *texts[] = {options->config, options->login,       options->roots,
                     options->at,     options->name,        options->sender,
                     options->client, options->certificate, options->snapshot};
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        g_free(texts[i]);
}

int main(int argc, char **argv)
{
    struct check_options options = {0};
    int status;

    if (parse(&argc, &argv, &options, &status)) {
        bool marked = argc > 1 && g_str_equal(argv[1], "--");
        status = run(&options, argv + (marked ? 2 : 1));
    }
    options_clear(&options);
    return status;
}
