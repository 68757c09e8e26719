/* SPDX-License-Identifier: MIT
 *
 * appsmtp-admin: the operators' shell. Each sub-command is one row of the table; what
 * it does stands in a file of its own.
 */
#include "programs/admin.h"

#include "base/error.h"
#include "programs/program.h"

#include <signal.h>
#include <sysexits.h>

struct command {
    const char *name;
    const char *synopsis;
    const char *help;    /* lines of at most 70 characters */
    const char *options; /* the long names that it takes, each between blanks */
    guint least, most;   /* arguments after the name */
    admin_run *run;
};

static const struct command commands[] = {
    {"search", "search TEXT [--csv]",
     "registrations by a part of the address, name, owner or hostname, by\n"
     "an IP address or network, a certificate's fingerprint or serial",
     " csv ", 1, 1, admin_search},
    {"list", "list [LIST] [--csv]",
     "all registrations, or those that are live, waiting, suspended,\n"
     "expiring, unconfirmed, unused, at-limit, left-out or retired",
     " csv ", 0, 1, admin_list},
    {"show", "show ID", "one registration, and who else uses its sources", "", 1, 1, admin_show},
    {"history", "history ID [--csv]", "who changed what, when, from where, why", " csv ", 1, 1,
     admin_history},
    {"overview", "overview",
     "counts, the last 30 days, the last export of each relay, the queue\n"
     "of notices",
     "", 0, 0, admin_overview},
    {"left-out", "left-out [--csv]",
     "sources of registrations in force that a relay leaves out, and why", " csv ", 0, 0,
     admin_left_out},
    {"suspend", "suspend ID --reason TEXT", "the relay stops accepting its mail", " reason ", 1, 1,
     admin_suspend},
    {"resume", "resume ID --reason TEXT", "a suspended one is live again", " reason ", 1, 1,
     admin_resume},
    {"restore", "restore ID --reason TEXT", "brings back one that was retired within 30 days",
     " reason ", 1, 1, admin_restore},
    {"rate", "rate ID NUMBER|default --reason TEXT",
     "how many recipients it may have in an hour: 1 to 1000000, or default for\n"
     "the rate of its type",
     " reason ", 2, 2, admin_rate},
    {"import", "import FILE.csv [--dry-run]",
     "registers what a table lists, or changes it, by the rules of the form:\n"
     "all in one transaction, or nothing when a line is refused; columns are\n"
     "the form's fields, and owner: the login that registers",
     " dry-run ", 1, 1, admin_import},
    {"roots", "roots [--since FILE]",
     "which certificate authorities count as common, from when on one is not\n"
     "trusted any more, how old the file is; with --since, what FILE, an\n"
     "earlier one, had more or less",
     " since ", 0, 0, admin_roots},
    {"check-config", "check-config [--registrations]",
     "each mistake of the configuration; with --registrations it asks database\n"
     "and DNS which registrations the export would leave out by it, that it\n"
     "does not leave out today",
     " registrations ", 0, 0, admin_check_config},
    {"sessions", "sessions [LOGIN] | sessions end LOGIN",
     "who is signed in to the portal, from where and since when; or ends all\n"
     "sign-ins of a login, and forgets the browsers that it has signed in with",
     "", 0, 2, admin_sessions},
    {"forget-ids", "forget-ids --reason TEXT",
     "the directory has other ids of the same people: who has an owner's\n"
     "login when next seen is that owner, and everybody signs in again",
     " reason ", 0, 0, admin_forget_ids},
    {"init", "init", "creates the schema or brings it up to date", "", 0, 0, admin_init},
    {"check-directory", "check-directory LOGIN [ADDRESS] [--sign-in]",
     "each step by which the directory says what a person may register, and\n"
     "what is a mistake of the set-up; --sign-in also tries a password",
     " sign-in ", 1, 2, admin_check_directory},
};

/* ---- the command line ---- */

static void describe_command(GString *text, const struct command *command)
{
    g_auto(GStrv) lines = g_strsplit(command->help, "\n", -1);

    g_string_append_printf(text, "  %s\n", command->synopsis);
    for (char **line = lines; *line; line++)
        g_string_append_printf(text, "        %s\n", *line);
}

static char *describe(void)
{
    GString *text = g_string_new("Commands:\n");

    for (size_t i = 0; i < G_N_ELEMENTS(commands); i++)
        describe_command(text, &commands[i]);
    g_string_append(text,
                    "\nID is the registration's id or, of a live or suspended one, its address.\n\n"
                    "Exit status: 0 done, 1 refused or not found, 64 usage, 66 a file cannot be\n"
                    "read, 69 database or directory could not be asked, 78 configuration.");
    return g_string_free(text, FALSE);
}

static const struct command *find_command(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(commands); i++)
        if (g_str_equal(commands[i].name, name))
            return &commands[i];
    return NULL;
}

/* An option that belongs to another command: silence would look as if it had counted. */
static bool check_options(const struct command *command, const struct admin_options *options,
                          GError **error)
{
    const struct {
        const char *name;
        bool given;
    } given[] = {
        {" reason ", options->reason},
        {" csv ", options->csv},
        {" dry-run ", options->dry_run},
        {" since ", options->since},
        {" registrations ", options->registrations},
        {" sign-in ", options->sign_in},
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

/* "--" ends the options. GLib leaves it where it stood when what follows looks like one. */
static void drop_marker(char **words)
{
    while (*words && !g_str_equal(*words, "--"))
        words++;
    for (; *words; words++)
        words[0] = words[1];
}

/* words: what is left of the command line without the options. */
static const struct command *read_words(char **words, GError **error)
{
    const struct command *command = words[0] ? find_command(words[0]) : NULL;
    guint count = g_strv_length(words);

    if (!command) {
        g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_USAGE, "%s%s: see appsmtp-admin --help",
                    words[0] ? "there is no command " : "say what to do", words[0] ? words[0] : "");
        return NULL;
    }
    if (count - 1 >= command->least && count - 1 <= command->most)
        return command;
    g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_USAGE, "the command is %s", command->synopsis);
    return NULL;
}

static int run(const struct admin_options *options, char **words)
{
    g_autoptr(GError) error = NULL;
    auto_ptr(config) config = NULL;
    const struct command *command;
    struct admin admin = {.options = options, .arguments = words + 1};
    int status;

    drop_marker(words);
    command = read_words(words, &error);
    if (!command || !check_options(command, options, &error))
        return program_fail(error);
    if (command->run != admin_check_config)
        config = config_read(config_file(options->config), &error);
    admin.config = config;
    if (error || !command->run(&admin, &status, &error))
        return program_fail(error);
    return status;
}

/* A text is bytes here: the rules read it as UTF-8, whatever the locale is. */
static bool parse(int *argc, char ***argv, struct admin_options *options, int *status)
{
    const GOptionEntry entries[] = {
        {"reason", 0, 0, G_OPTION_ARG_FILENAME, &options->reason,
         "Why: the owners read it, and it stays in the history", "TEXT"},
        {"csv", 0, 0, G_OPTION_ARG_NONE, &options->csv, "Write a file of comma-separated values",
         NULL},
        {"dry-run", 0, 0, G_OPTION_ARG_NONE, &options->dry_run,
         "import: only say what would be done", NULL},
        {"since", 0, 0, G_OPTION_ARG_FILENAME, &options->since,
         "roots: an earlier file of roots to compare with", "FILE"},
        {"registrations", 0, 0, G_OPTION_ARG_NONE, &options->registrations,
         "check-config: also say which registrations would be left out", NULL},
        {"sign-in", 0, 0, G_OPTION_ARG_NONE, &options->sign_in,
         "check-directory: try a password, read from the terminal or standard input", NULL},
        {NULL, 0, 0, 0, NULL, NULL, NULL},
    };
    g_autofree char *description = describe();
    const struct program program = {"appsmtp-admin", "COMMAND [ARGUMENT...]",
                                    "The operators' shell of the AppSMTP Registration Portal.",
                                    description, entries};

    return program_read(&program, argc, argv, &options->config, status);
}

int main(int argc, char **argv)
{
    struct admin_options options = {0};
    int status;

    signal(SIGPIPE, SIG_IGN);
    if (parse(&argc, &argv, &options, &status))
        status = run(&options, argv + 1);
    g_free(options.config);
    g_free(options.reason);
    g_free(options.since);
    return status;
}
