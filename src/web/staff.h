/* SPDX-License-Identifier: MIT
 *
 * Who of the relay team or the support desk makes a request. Floor: web.
 *
 * The directory is asked each time: who is taken out of the group is out with the next
 * click, and an outage is never a no.
 */
#ifndef APPSMTP_WEB_STAFF_H
#define APPSMTP_WEB_STAFF_H

#include "web/request.h"

/* Sets request->staff. False and the error when the directory could not be asked. */
bool staff_find(struct request *request, GError **error);

#endif
