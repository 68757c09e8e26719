/* SPDX-License-Identifier: MIT
 *
 * Owners by person, not by login: who is one, and how a list is brought up to date. An
 * owner is written "login=id" here; an id may be empty.
 */
#include "service/upkeep/recognition.h"

static struct owner *owner_of(const char *text)
{
    g_auto(GStrv) parts = g_strsplit(text, "=", 2);

    return owner_new(parts[0], parts[1]);
}

static void owner_release(gpointer data)
{
    owner_free(data);
}

static void recognised_release(gpointer data)
{
    recognised_free(data);
}

static bool is(const char *row, const char *person)
{
    auto_ptr(owner) owner = owner_of(row);
    auto_ptr(owner) other = owner_of(person);

    return owner_is_person(owner, other->written, other->person_id);
}

static void test_owner_is_person(void)
{
    g_assert_true(is("alice=A", "alice=A"));
    g_assert_true(is("alice=A", "alice2=A"));
    g_assert_true(is("alice=", "alice=A"));
    g_assert_true(is("alice=", "alice="));
    g_assert_false(is("alice=A", "alice=B"));
    g_assert_false(is("alice=A", "alice="));
    g_assert_false(is("alice=", "alice2=A"));
    g_assert_false(is("alice=A", "bob=B"));
    g_assert_true(is("group alice=", "group alice="));
    g_assert_false(is("group alice=", "alice=A"));
    g_assert_false(is("group alice=", "alice="));
}

static void test_list(void)
{
    auto_ptr(registration) registration = registration_new();
    auto_ptr(owner) moved = owner_of("bob=A");
    g_autofree char *text = NULL;

    g_ptr_array_add(registration->owners, owner_of("group staff="));
    g_ptr_array_add(registration->owners, owner_of("alice=A"));
    g_assert_true(registration_lists(registration, moved));
    g_assert_cmpstr(registration_person(registration, "bob", "A")->written, ==, "alice");
    g_assert_null(registration_person(registration, "alice", "B"));
    g_assert_cmpstr(registration_owner(registration, "alice")->person_id, ==, "A");
    g_assert_cmpstr(registration_owner(registration, "staff")->written, ==, "group staff");
    text = registration_owners_text(registration, ", ");
    g_assert_cmpstr(text, ==, "group staff, alice");
}

/* What stands in the rows after the step, in their order; "-" is a row that goes. */
static char *after(const GPtrArray *owners, const GPtrArray *recognised)
{
    GString *text = g_string_new(NULL);

    for (guint i = 0; i < owners->len; i++) {
        const struct owner *owner = g_ptr_array_index(owners, i);
        const char *login = owner->written, *id = owner->person_id;
        for (guint k = 0; k < recognised->len; k++) {
            const struct recognised *one = g_ptr_array_index(recognised, k);
            login = one->owner == owner ? one->name : login;
            id = one->owner == owner ? one->person_id : id;
        }
        if (i > 0)
            g_string_append_c(text, ' ');
        g_string_append_printf(text, "%s%s%s", login ? login : "-", login ? "=" : "", login ? id : "");
    }
    return g_string_free(text, FALSE);
}

/* rows: "row>person" each, person being what the directory says of it, if it does. */
static void check(const char *rows, const char *expected)
{
    g_auto(GStrv) words = g_strsplit(rows, " ", -1);
    g_autoptr(GPtrArray) owners = g_ptr_array_new_with_free_func(owner_release);
    g_autoptr(GPtrArray) recognised = g_ptr_array_new_with_free_func(recognised_release);
    g_autofree char *got = NULL;

    for (char **word = words; *word; word++) {
        g_auto(GStrv) parts = g_strsplit(*word, ">", 2);
        auto_ptr(owner) person = parts[1] ? owner_of(parts[1]) : NULL;
        g_ptr_array_add(owners, owner_of(parts[0]));
        if (person)
            recognition_note(recognised, g_ptr_array_index(owners, owners->len - 1),
                             person->written, person->person_id);
    }
    recognition_settle(owners, recognised);
    got = after(owners, recognised);
    g_test_message("%s", rows);
    g_assert_cmpstr(got, ==, expected);
}

static void test_settle(void)
{
    check("a=A>a=A b=B>b=B", "a=A b=B");
    check("a=>a=A", "a=A");
    check("a=A>b=A", "b=A");
    check("a=A>b=A b=B>a=B", "b=A a=B");
    check("a=A>b=A b=B>c=B c=C>a=C", "b=A c=B a=C");
    check("a=A>b=A b=B>c=B", "b=A c=B");
    check("b=B>c=B a=A>b=A", "c=B b=A");
    /* Whom the directory does not name keeps the row, and others wait. */
    check("a=A b=B>a=B", "a=A b=B");
    check("a=A b=B>a=B c=C>b=C", "a=A b=B c=C");
    check("a= b=>a=B", "a= b=B");
    /* One person, two rows. */
    check("a=A>b=A b=>b=A", "- b=A");
    check("b=>b=A a=A>b=A", "b=A -");
    check("a=A>c=A b=A>c=A", "- c=A");
    check("a=A>b=A b=A>b=A", "- b=A");
    /* Without ids nobody is taken for one person. */
    check("a=>c= b=>c=", "a= c=");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/recognition/owner-is-person", test_owner_is_person);
    g_test_add_func("/recognition/list", test_list);
    g_test_add_func("/recognition/settle", test_settle);
    return g_test_run();
}
