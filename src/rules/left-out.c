/* SPDX-License-Identifier: MIT
 *
 * The reasons, their codes and words.
 */
#include "rules/left-out.h"

static const struct {
    const char *code, *words;
    bool partly, expected;
} reasons[LEFT_OUT_REASONS] = {
    [LEFT_OUT_CERTIFICATE_ENDED] = {"certificate-ended", "has expired and is no longer accepted",
                                    .expected = true},
    [LEFT_OUT_NO_LOCATION] = {"no-location", "is in a location that is no longer configured"},
    [LEFT_OUT_OUTSIDE] = {"outside", "is outside its locations"},
    [LEFT_OUT_PARTLY_OUTSIDE] = {"partly-outside", "has an address outside its locations",
                                 .partly = true},
    [LEFT_OUT_NO_ADDRESS] = {"no-address", "has no address in DNS"},
    [LEFT_OUT_NOT_LOOKED_UP] = {"not-looked-up", "could not be looked up in DNS"},
    [LEFT_OUT_TOO_MANY_ADDRESSES] = {"too-many-addresses", "has too many addresses in DNS"},
    [LEFT_OUT_TOO_MANY_KEPT] = {"too-many-kept",
                                "has too many addresses in DNS; those that it had before are kept "
                                "for some days",
                                .partly = true},
    [LEFT_OUT_UNFIT] = {"unfit", "cannot be written into the relay's maps"},
};

const char *left_out_code(enum left_out reason)
{
    return reasons[reason].code;
}

bool left_out_parse(const char *code, enum left_out *reason)
{
    for (int i = 0; i < LEFT_OUT_REASONS; i++)
        if (g_str_equal(reasons[i].code, code)) {
            *reason = (enum left_out)i;
            return true;
        }
    return false;
}

bool left_out_is_whole(enum left_out reason)
{
    return !reasons[reason].partly;
}

bool left_out_is_expected(enum left_out reason)
{
    return reasons[reason].expected;
}

char *left_out_words(const char *code, const char *detail)
{
    enum left_out reason;
    const char *words = left_out_parse(code, &reason) ? reasons[reason].words
                                                      : "is left out by the relay";

    return *detail ? g_strdup_printf("%s (%s)", words, detail) : g_strdup(words);
}
