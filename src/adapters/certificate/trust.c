/* SPDX-License-Identifier: MIT
 *
 * The roots, read once when a program starts.
 */
#include "adapters/certificate/trust.h"

#include "base/error.h"

static void anchor_free(gpointer data)
{
    struct anchor *anchor = data;

    X509_free(anchor->certificate);
    g_free(anchor);
}

static struct trust *trust_new(void)
{
    struct trust *trust = g_new(struct trust, 1);

    trust->anchors = g_ptr_array_new_with_free_func(anchor_free);
    trust->intermediates = g_ptr_array_new_with_free_func(x509_release);
    return trust;
}

void trust_free(struct trust *trust)
{
    if (!trust)
        return;
    g_ptr_array_unref(trust->anchors);
    g_ptr_array_unref(trust->intermediates);
    g_free(trust);
}

/* Takes the certificate. Only one that issued itself is where a path may end. */
static void add(struct trust *trust, X509 *certificate, bool added)
{
    struct anchor *anchor;

    if (!(X509_get_extension_flags(certificate) & EXFLAG_SS)) {
        g_ptr_array_add(trust->intermediates, certificate);
        return;
    }
    anchor = g_new(struct anchor, 1);
    *anchor = (struct anchor){certificate, added};
    g_ptr_array_add(trust->anchors, anchor);
}

/* Reads all certificates; false when one of them is broken. */
static bool add_all(struct trust *trust, const char *text, size_t size, bool added)
{
    g_autoptr(BIO) memory = BIO_new_mem_buf(text, (int)size);
    bool whole;

    for (X509 *one; (one = PEM_read_bio_X509(memory, NULL, NULL, NULL));)
        add(trust, one, added);
    whole = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    ERR_clear_error();
    return whole;
}

static bool load(struct trust *trust, const char *file, bool added, GError **error)
{
    g_autofree char *text = NULL;
    size_t size = 0;
    guint before = trust->anchors->len;
    GError *reason = NULL;

    if (!g_file_get_contents(file, &text, &size, &reason)) {
        g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_CONFIGURATION,
                    "could not read the roots: %s", reason->message);
        g_clear_error(&reason);
        return false;
    }
    if (size > G_MAXINT || !add_all(trust, text, size, added)) {
        g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_CONFIGURATION,
                    "cannot use the roots in \"%s\": a certificate in it is damaged", file);
        return false;
    }
    if (trust->anchors->len == before) {
        g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_CONFIGURATION,
                    "cannot use the roots in \"%s\": it holds no root certificate as PEM", file);
        return false;
    }
    return true;
}

struct trust *trust_load(const char *store, const GPtrArray *private_roots, GError **error)
{
    auto_ptr(trust) trust = trust_new();

    if (!load(trust, store, false, error))
        return NULL;
    for (guint i = 0; private_roots && i < private_roots->len; i++)
        if (!load(trust, g_ptr_array_index(private_roots, i), true, error))
            return NULL;
    return g_steal_pointer(&trust);
}
