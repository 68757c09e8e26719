/* SPDX-License-Identifier: MIT
 *
 * Which rows of a list of owners are to be brought up to date, and how.
 */
#include "service/upkeep/recognition.h"

void recognition_note(GPtrArray *recognised, const struct owner *owner, const char *name,
                      const char *person_id)
{
    struct recognised *one;

    if (g_str_equal(name, owner_name(owner->written)) && g_str_equal(person_id, owner->person_id))
        return;
    one = g_new0(struct recognised, 1);
    one->owner = owner;
    one->name = g_strdup(name);
    one->person_id = g_strdup(person_id);
    g_ptr_array_add(recognised, one);
}

static struct recognised *recognised_of(const GPtrArray *recognised, const struct owner *owner)
{
    for (guint i = 0; i < recognised->len; i++) {
        struct recognised *one = g_ptr_array_index(recognised, i);
        if (one->owner == owner)
            return one;
    }
    return NULL;
}

/* What stands in the row after the step. */
static const char *name_after(const GPtrArray *recognised, const struct owner *owner)
{
    const struct recognised *one = recognised_of(recognised, owner);

    return one ? one->name : owner_name(owner->written);
}

static const char *id_after(const GPtrArray *recognised, const struct owner *owner)
{
    const struct recognised *one = recognised_of(recognised, owner);

    return one ? one->person_id : owner->person_id;
}

/* Another row that would have the same name; NULL when there is none. */
static const struct owner *rival(const GPtrArray *owners, const GPtrArray *recognised,
                                 const struct recognised *one)
{
    for (guint i = 0; i < owners->len; i++) {
        const struct owner *owner = g_ptr_array_index(owners, i);
        const char *name = name_after(recognised, owner);
        if (owner != one->owner && name && g_str_equal(name, one->name))
            return owner;
    }
    return NULL;
}

/* Whether something had to give way, and others may have to as well. */
static bool give_way(const GPtrArray *owners, const GPtrArray *recognised, struct recognised *one)
{
    const struct owner *other;
    bool same;

    if (!one->name || g_str_equal(one->name, owner_name(one->owner->written)))
        return false;
    other = rival(owners, recognised, one);
    if (!other)
        return false;
    same = *one->person_id && g_str_equal(one->person_id, id_after(recognised, other));
    g_free(one->name);
    one->name = same ? NULL : g_strdup(owner_name(one->owner->written));
    return true;
}

void recognition_settle(const GPtrArray *owners, GPtrArray *recognised)
{
    bool again = true;

    while (again) {
        again = false;
        for (guint i = 0; i < recognised->len; i++)
            again |= give_way(owners, recognised, g_ptr_array_index(recognised, i));
    }
}
