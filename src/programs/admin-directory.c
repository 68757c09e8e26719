/* SPDX-License-Identifier: MIT
 *
 * appsmtp-admin check-directory: what the directory says of a person and an address, step by
 * step, and what of it is a mistake of the set-up and not an answer.
 */
#include "adapters/directory/directory.h"
#include "base/error.h"
#include "base/limits.h"
#include "programs/admin.h"
#include "programs/program.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <termios.h>
#include <unistd.h>

#define DEADLINE_MS 60000

/* One check. */
struct check {
    const struct config *config;
    struct directory *directory;
    const char *login;
    const char *address; /* or NULL */
    unsigned mistakes;   /* found here, besides those that the directory tells */
};

static void print_step(const char *text, void *data G_GNUC_UNUSED)
{
    g_print("  %s\n", text);
}

/* A failure of the set-up is told and counted, and the check goes on; an outage ends it. */
static bool count_failure(struct check *check, const char *what, GError *failure, GError **error)
{
    if (!failure)
        return true;
    if (failure->code != APPSMTP_ERROR_CONFIGURATION && failure->code != APPSMTP_ERROR_LIMIT) {
        g_propagate_error(error, g_error_copy(failure));
        return false;
    }
    g_print("%s: mistake: %s\n", what, failure->message);
    check->mistakes++;
    return true;
}

/* ---- what the directory says ---- */

/* Whoever has no lasting id cannot sign in. The steps are those of the look-up that comes next. */
static bool check_id(struct check *check, GError **error)
{
    g_autoptr(GError) failure = NULL;
    auto_ptr(person) person = NULL;
    enum person_answer answer;

    directory_trace(check->directory, NULL, NULL);
    directory_find_person(check->directory, check->login, deadline_in(DEADLINE_MS), &answer,
                          &person, &failure);
    directory_trace(check->directory, print_step, NULL);
    return count_failure(check, "person", failure, error);
}

static bool check_role(struct check *check, int *status, GError **error)
{
    g_autoptr(GError) failure = NULL;
    enum role_answer answer;

    if (!directory_role(check->directory, check->login, check->address, deadline_in(DEADLINE_MS),
                        &answer, NULL, &failure))
        return count_failure(check, "answer", failure, error);
    g_print("answer: %s\n", role_answer_name(answer));
    *status = answer == ROLE_OWNER || answer == ROLE_ADMINISTRATOR ? EX_OK : ADMIN_REFUSED;
    return true;
}

static bool list_addresses(struct check *check, int *status, GError **error)
{
    g_autoptr(GError) failure = NULL;
    g_autoptr(GPtrArray) addresses = NULL;
    bool more;

    if (!directory_list_addresses(check->directory, check->login, deadline_in(DEADLINE_MS),
                                  &addresses, &more, &failure))
        return count_failure(check, "addresses", failure, error);
    for (guint i = 0; i < addresses->len; i++) {
        const struct offered_address *offered = g_ptr_array_index(addresses, i);
        g_print("%s\t%s\n", offered->address, offered->label);
    }
    if (more)
        g_print("... and more\n");
    *status = addresses->len ? EX_OK : ADMIN_REFUSED;
    return true;
}

/* ---- operators and support desk ---- */

static bool check_group(struct check *check, const char *what, const char *group, GError **error)
{
    g_autoptr(GError) failure = NULL;
    bool member = false;

    if (!*group)
        return true;
    if (directory_is_member(check->directory, check->login, group, deadline_in(DEADLINE_MS),
                            &member, &failure)) {
        g_print("%s: %s %s of \"%s\"\n", what, check->login,
                member ? "is a member" : "is no member", group);
        return true;
    }
    return count_failure(check, what, failure, error);
}

/* ---- locked accounts ---- */

static void warn_of_limit(const char *format, ...) G_GNUC_PRINTF(1, 2);

static void warn_of_limit(const char *format, ...)
{
    g_autofree char *text = NULL;
    va_list arguments;

    va_start(arguments, format);
    text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    program_say(text);
}

static void compare_limits(const struct lockout *lockout, unsigned failures, unsigned minutes)
{
    if (failures >= lockout->failures)
        warn_of_limit(
            "warning: account-failures=\"%u\" of <sign-in> is not below the directory's %u: by guessing "
            "on the portal's page anybody can lock somebody out of the directory",
            failures, lockout->failures);
    if (lockout->seconds == G_MAXUINT)
        warn_of_limit(
            "warning: the directory counts failed sign-ins until one succeeds, so that in the end "
            "any limit of <sign-in> can lock somebody out");
    else if (minutes * 60 < lockout->seconds)
        warn_of_limit(
            "warning: failure-minutes=\"%u\" of <sign-in> is shorter than the %u minutes within "
            "which the directory counts",
            minutes, (lockout->seconds + 59) / 60);
}

static bool check_lockout(struct check *check, GError **error)
{
    const struct sign_in_settings *sign_in = &check->config->sign_in;
    struct lockout lockout;

    if (sign_in->kind != SIGN_IN_DIRECTORY)
        return true;
    if (!directory_lockout(check->directory, deadline_in(DEADLINE_MS), &lockout, error))
        return false;
    if (lockout.failures == 0) {
        g_print("lock-out: the directory shows no threshold; account-failures of <sign-in> (%u) "
                "has to be below it\n",
                sign_in->account_failures);
        return true;
    }
    g_print("lock-out: after %u failures; account-failures of <sign-in> is %u\n",
            lockout.failures, sign_in->account_failures);
    compare_limits(&lockout, sign_in->account_failures, sign_in->failure_minutes);
    return true;
}

/* ---- signing in ---- */

/* One line, which a terminal does not show. */
static char *read_password(const char *login)
{
    char line[LIMIT_PASSWORD + 2] = "";
    char *password;
    struct termios shown;
    bool terminal = isatty(STDIN_FILENO) && tcgetattr(STDIN_FILENO, &shown) == 0;

    if (terminal) {
        struct termios hidden = shown;
        /* An interrupt would leave the terminal without its echo. */
        hidden.c_lflag &= ~(tcflag_t)(ECHO | ISIG);
        g_printerr("Password of %s: ", login);
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
    }
    if (!fgets(line, sizeof line, stdin))
        line[0] = '\0';
    if (terminal) {
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
        g_printerr("\n");
    }
    line[strcspn(line, "\r\n")] = '\0';
    password = g_strdup(line);
    explicit_bzero(line, sizeof line);
    return password;
}

static bool try_sign_in(struct check *check, int *status, GError **error)
{
    g_autoptr(GError) failure = NULL;
    g_autofree char *password = read_password(check->login);
    auto_ptr(person) person = NULL;
    enum sign_in_answer answer;
    const char *reason;
    bool asked = directory_sign_in(check->directory, check->login, password,
                                   deadline_in(DEADLINE_MS), &answer, &person, &reason, &failure);

    explicit_bzero(password, strlen(password));
    if (!asked)
        return count_failure(check, "sign-in", failure, error);
    g_print("sign-in: %s: %s\n", answer == SIGN_IN_ACCEPTED ? "accepted" : "refused", reason);
    if (answer != SIGN_IN_ACCEPTED)
        *status = ADMIN_REFUSED;
    return true;
}

/* ---- all of it ---- */

static bool check_all(struct check *check, bool sign_in, int *status, GError **error)
{
    const struct directory_settings *settings = check->config->directory;
    int signed_in = EX_OK;

    if (!directory_inspect(check->directory, deadline_in(DEADLINE_MS), error) ||
        !check_lockout(check, error) || !check_id(check, error) ||
        !check_group(check, "operators", settings->operators_group, error) ||
        !check_group(check, "support-desk", settings->support_group, error) ||
        (sign_in && !try_sign_in(check, &signed_in, error)) ||
        !(check->address ? check_role : list_addresses)(check, status, error))
        return false;
    if (*status == EX_OK)
        *status = signed_in;
    return true;
}

bool admin_check_directory(const struct admin *admin, int *status, GError **error)
{
    auto_ptr(directory) directory = NULL;
    struct check check = {
        .config = admin->config, .login = admin->arguments[0], .address = admin->arguments[1]};

    if (!config_need_directory(admin->config, error))
        return false;
    directory = directory_new(admin->config->directory, error);
    if (!directory)
        return false;
    check.directory = directory;
    directory_trace(directory, print_step, NULL);
    directory_explain(directory);
    if (!check_all(&check, admin->options->sign_in, status, error))
        return false;
    check.mistakes += directory_mistakes(directory);
    if (check.mistakes > 0) {
        g_print("%u %s of the set-up\n", check.mistakes,
                check.mistakes == 1 ? "mistake" : "mistakes");
        *status = EX_CONFIG;
    }
    return true;
}
