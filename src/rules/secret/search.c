/* SPDX-License-Identifier: MIT
 *
 * The search through the layers: what is nearest first, so that a bound on all of it
 * never costs what is easily seen.
 */
#include "rules/secret/secret.h"

#include "rules/secret/fold.h"
#include "rules/secret/forms.h"
#include "rules/secret/layers.h"
#include "rules/secret/unpack.h"
#include "rules/secret/words.h"

enum {
    DEEPEST = 4,             /* layers; a key's own base64 is one of them */
    MOST_FOR_EACH = 24,      /* bytes looked at for each byte given */
    MOST_AT_LEAST = 1 << 18, /* a small archive unpacks to much more */
    MOST_UNPACKED = 1 << 20,
};

struct layer {
    struct wiped *data;
    unsigned depth;
};

struct search {
    GQueue waiting; /* of struct layer */
    size_t left;    /* bytes that may still be made */
};

static void layer_free(gpointer data)
{
    struct layer *layer = data;

    wiped_free(layer->data);
    g_free(layer);
}

/* Takes data over, which may be NULL. */
static void add_layer(struct search *search, struct wiped *data, unsigned depth)
{
    struct layer *layer;

    if (!data)
        return;
    if (data->size > search->left) {
        wiped_free(data);
        return;
    }
    search->left -= data->size;
    layer = g_new(struct layer, 1);
    *layer = (struct layer){data, depth};
    g_queue_push_tail(&search->waiting, layer);
}

/* The text in it: its words, and what can be taken off it. */
static enum secret look_at_text(struct search *search, struct view text, unsigned depth)
{
    auto_ptr(wiped) folded = fold_text(text);
    struct view plain = folded ? wiped_view(folded) : text;

    if (words_find(plain))
        return SECRET_PRIVATE_KEY;
    if (depth == DEEPEST)
        return SECRET_NONE;
    add_layer(search, layers_take_off_zeros(text), depth + 1);
    for (layer_take_off *const *take_off = layers; *take_off && search->left > plain.size / 4;
         take_off++)
        add_layer(search, (*take_off)(plain), depth + 1);
    return SECRET_NONE;
}

static enum secret look_at(struct search *search, struct view data, unsigned depth)
{
    enum secret found = forms_find(data);

    if (found != SECRET_NONE)
        return found;
    if (depth < DEEPEST)
        add_layer(search, unpack(data, MIN(search->left, MOST_UNPACKED)), depth + 1);
    return depth == 0 || layers_is_text(data) ? look_at_text(search, data, depth) : SECRET_NONE;
}

enum secret secret_find(const void *data, size_t size)
{
    struct search search = {.waiting = G_QUEUE_INIT, .left = size * MOST_FOR_EACH + MOST_AT_LEAST};
    enum secret found = look_at(&search, (struct view){data, size}, 0);
    struct layer *layer;

    while (found == SECRET_NONE && (layer = g_queue_pop_head(&search.waiting))) {
        found = look_at(&search, wiped_view(layer->data), layer->depth);
        layer_free(layer);
    }
    g_queue_clear_full(&search.waiting, layer_free);
    return found;
}
