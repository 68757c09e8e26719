/* SPDX-License-Identifier: MIT
 *
 * Messages by GMime.
 */
#include "adapters/mail/mail.h"

#include <gmime/gmime.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC(GMimeMessage, g_object_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GMimePart, g_object_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GMimeStream, g_object_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GMimeDataWrapper, g_object_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GMimeFormatOptions, g_mime_format_options_free)

void mail_init(void)
{
    g_mime_init();
}

/* One line of well-formed UTF-8. Caller frees. */
static char *header_text(const char *text)
{
    char *line = g_utf8_make_valid(text, -1);

    for (char *at = line; *at; at++)
        if (g_ascii_iscntrl(*at))
            *at = ' ';
    return line;
}

static void set_header(GMimeMessage *message, const char *name, const char *value)
{
    g_autofree char *line = header_text(value);

    g_mime_object_set_header(GMIME_OBJECT(message), name, line, "UTF-8");
}

static void add_people(GMimeMessage *message, const struct mail *mail)
{
    g_autofree char *name = header_text(mail->from_name);
    g_autofree char *from = header_text(mail->from);
    g_autofree char *to = header_text(mail->to);

    g_mime_message_add_mailbox(message, GMIME_ADDRESS_TYPE_FROM, name, from);
    g_mime_message_add_mailbox(message, GMIME_ADDRESS_TYPE_TO, NULL, to);
}

static void add_headers(GMimeMessage *message, const struct mail *mail)
{
    g_autofree char *subject = header_text(mail->subject);
    g_autofree char *id = header_text(mail->message_id);
    g_autoptr(GDateTime) date = g_date_time_new_from_unix_utc(mail->date);

    g_mime_message_set_subject(message, subject, "UTF-8");
    g_mime_message_set_date(message, date);
    g_mime_message_set_message_id(message, id);
    set_header(message, "Auto-Submitted", "auto-generated");
    /* Exchange answers with notes of absence unless told not to. */
    set_header(message, "X-Auto-Response-Suppress", "All");
}

/* The text as it is, in UTF-8: GMime's own text part would choose a smaller charset. */
static GMimePart *text_part(const char *text)
{
    g_autofree char *sound = g_utf8_make_valid(text, -1);
    g_autoptr(GMimeStream) stream = g_mime_stream_mem_new_with_buffer(sound, strlen(sound));
    g_autoptr(GMimeDataWrapper) content =
        g_mime_data_wrapper_new_with_stream(stream, GMIME_CONTENT_ENCODING_DEFAULT);
    GMimePart *part = g_mime_part_new_with_type("text", "plain");

    g_mime_object_set_content_type_parameter(GMIME_OBJECT(part), "charset", "utf-8");
    g_mime_part_set_content(part, content);
    g_mime_part_set_content_encoding(part, GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE);
    return part;
}

char *mail_compose(const struct mail *mail)
{
    g_autoptr(GMimeMessage) message = g_mime_message_new(TRUE);
    g_autoptr(GMimePart) part = text_part(mail->text);
    g_autoptr(GMimeFormatOptions) options = g_mime_format_options_new();

    add_people(message, mail);
    add_headers(message, mail);
    g_mime_message_set_mime_part(message, GMIME_OBJECT(part));
    g_mime_format_options_set_newline_format(options, GMIME_NEWLINE_FORMAT_DOS);
    return g_mime_object_to_string(GMIME_OBJECT(message), options);
}
