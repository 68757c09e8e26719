/* SPDX-License-Identifier: MIT
 *
 * What the portal and its upkeep ask a directory and appsmtp-admin check-directory does not
 * show, as one line. ask CONFIG id ID: who has that lasting id now. ask CONFIG standing
 * ADDRESS: how the account stands, and its holders. ask CONFIG group NAME MOST: how many
 * members are read of a group. Exit status 69: could not ask.
 */
#include "adapters/config/config.h"
#include "adapters/directory/directory.h"

#include <stdlib.h>
#include <sysexits.h>

/* Above what any configuration allows for one question. */
#define DEADLINE deadline_in(60000)

static bool ask_id(struct directory *directory, char **arguments, GError **error)
{
    const struct person_key key = {arguments[0], "nobody-by-this-login"};
    auto_ptr(person) person = NULL;
    enum person_answer answer;

    if (!directory_find_person_by_id(directory, &key, DEADLINE, &answer, &person, error))
        return false;
    g_print("%s\n", person ? person->login : answer == PERSON_NOT_FOUND ? "nobody" : "not eligible");
    return true;
}

static bool ask_standing(struct directory *directory, char **arguments, GError **error)
{
    static const char *const names[] = {[STANDING_GOOD] = "good",
                                        [STANDING_NOT_FOUND] = "not-found",
                                        [STANDING_AMBIGUOUS] = "ambiguous",
                                        [STANDING_NOT_ELIGIBLE] = "not-eligible"};
    auto_ptr(standing) standing = NULL;

    if (!directory_standing(directory, arguments[0], DEADLINE, &standing, error))
        return false;
    g_print("%s %s", names[standing->answer], standing->held ? "held" : "not held");
    for (guint i = 0; standing->holders && i < standing->holders->len; i++)
        g_print(" %s", (const char *)standing->holders->pdata[i]);
    g_print("\n");
    return true;
}

static bool ask_group(struct directory *directory, char **arguments, GError **error)
{
    guint most = (guint)g_ascii_strtoull(arguments[1], NULL, 10);
    auto_ptr(directory_group) group = NULL;
    enum group_answer answer;

    if (!directory_find_group(directory, arguments[0], most, DEADLINE, &answer, &group, error))
        return false;
    if (group)
        g_print("%u%s\n", group->members->len, group->more ? " and more" : "");
    else
        g_print("%s\n", answer == GROUP_NOT_FOUND ? "not found" : "several or not asked");
    return true;
}

static const struct {
    const char *name;
    int arguments;
    bool (*ask)(struct directory *directory, char **arguments, GError **error);
} questions[] = {
    {"id", 1, ask_id},
    {"standing", 1, ask_standing},
    {"group", 2, ask_group},
};

static bool ask(const struct config *config, char **arguments, GError **error)
{
    auto_ptr(directory) directory = directory_new(config->directory, error);
    int count = (int)g_strv_length(arguments) - 1;

    if (!directory)
        return false;
    for (size_t i = 0; i < G_N_ELEMENTS(questions); i++)
        if (strcmp(questions[i].name, arguments[0]) == 0 && questions[i].arguments == count)
            return questions[i].ask(directory, arguments + 1, error);
    exit(EX_USAGE);
}

int main(int count, char **arguments)
{
    g_autoptr(GError) error = NULL;
    auto_ptr(config) config = count > 2 ? config_read(arguments[1], &error) : NULL;

    if (count <= 2)
        return EX_USAGE;
    if (config && config_need_directory(config, &error) && ask(config, arguments + 2, &error))
        return EX_OK;
    g_printerr("%s\n", error->message);
    return EX_UNAVAILABLE;
}
