/* SPDX-License-Identifier: MIT
 *
 * Which schema a database has, and which one this program needs: the numbered files of the
 * folder schema (001-....sql), each run once and noted in the table schema_file. Floor:
 * adapters. migration.h runs them.
 */
#ifndef APPSMTP_SCHEMA_H
#define APPSMTP_SCHEMA_H

#include "adapters/database/database.h"

struct schema_file {
    char *name; /* "001-registrations.sql" */
    char *text;
    char *sha256; /* of the text, in hexadecimal */
};

/* The files of this program in their order: of struct schema_file; caller unrefs. */
GPtrArray *schema_files(GError **error);

enum schema_state {
    SCHEMA_CURRENT,
    SCHEMA_ABSENT,
    SCHEMA_OLDER,    /* files of this program have not been run */
    SCHEMA_CHANGED,  /* a file was run that is another one here */
    SCHEMA_NEWER,    /* files were run that this program does not have */
    SCHEMA_NOT_UTF8, /* whatever it holds, it counts characters wrongly */
};

/* Compares the database with the files. False and the error when it could not be asked. */
bool schema_look(struct database *database, enum schema_state *state, GError **error);

/* One sentence that says so, and what to do. Static. */
const char *schema_sentence(enum schema_state state);

/* That sentence where the database does not fit; NULL where it fits, or was not to be known. */
const char *schema_misfit(struct database *database);

#endif
