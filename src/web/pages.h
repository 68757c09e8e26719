/* SPDX-License-Identifier: MIT
 *
 * The pages, one file each in pages/, as the table of routes names them.
 */
#ifndef APPSMTP_WEB_PAGES_H
#define APPSMTP_WEB_PAGES_H

#include "web/request.h"
#include "web/response.h"

extern const struct field sign_in_query[];
extern const struct field sign_in_form[];
extern const struct field sign_out_form[];
extern const struct field registrations_query[];
extern const struct field addresses_query[];
extern const struct field check_query[];
extern const struct field check_form[];
extern const struct field new_registration_query[];
extern const struct field new_registration_form[];

extern const struct field history_query[];
extern const struct field operator_search_query[];
extern const struct field button_form[];
extern const struct field reason_form[];
extern const struct field rate_form[];
extern const struct field sources_query[];
extern const struct field sources_form[];
extern const struct field owners_form[];
extern const struct field operator_sessions_query[];
extern const struct field operator_sessions_form[];
extern const struct field edit_form[];

struct response *page_start(struct request *request, GError **error);
struct response *page_sign_in(struct request *request, GError **error);
struct response *page_sign_in_submit(struct request *request, GError **error);
struct response *page_sign_out(struct request *request, GError **error);
struct response *page_sessions(struct request *request, GError **error);
struct response *page_session_end(struct request *request, GError **error);
struct response *page_sessions_end_others(struct request *request, GError **error);
struct response *page_operator_sessions(struct request *request, GError **error);
struct response *page_operator_sessions_end(struct request *request, GError **error);
struct response *page_registrations(struct request *request, GError **error);
struct response *page_new_registration(struct request *request, GError **error);
struct response *page_new_registration_submit(struct request *request, GError **error);
struct response *page_registration(struct request *request, GError **error);
struct response *page_addresses(struct request *request, GError **error);
struct response *page_question(struct request *request, GError **error);
struct response *page_question_submit(struct request *request, GError **error);
struct response *page_help(struct request *request, GError **error);
struct response *page_history(struct request *request, GError **error);
struct response *page_sources(struct request *request, GError **error);
struct response *page_sources_submit(struct request *request, GError **error);
struct response *page_source_renewal(struct request *request, GError **error);
struct response *page_source_remove(struct request *request, GError **error);
struct response *page_edit(struct request *request, GError **error);
struct response *page_edit_submit(struct request *request, GError **error);
struct response *page_owners(struct request *request, GError **error);
struct response *page_owners_submit(struct request *request, GError **error);
struct response *page_owner_remove(struct request *request, GError **error);
struct response *page_join(struct request *request, GError **error);
struct response *page_retire(struct request *request, GError **error);
struct response *page_retire_submit(struct request *request, GError **error);
struct response *page_confirm(struct request *request, GError **error);
struct response *page_operator(struct request *request, GError **error);
struct response *page_operator_search(struct request *request, GError **error);
struct response *page_operator_registration(struct request *request, GError **error);
struct response *page_operator_rate(struct request *request, GError **error);
struct response *page_operator_rate_submit(struct request *request, GError **error);
struct response *page_operator_history(struct request *request, GError **error);
struct response *page_operator_suspend(struct request *request, GError **error);
struct response *page_operator_resume(struct request *request, GError **error);
struct response *page_operator_restore(struct request *request, GError **error);
struct response *page_my_address(struct request *request, GError **error);
struct response *page_alive(struct request *request, GError **error);
struct response *page_ready(struct request *request, GError **error);

#endif
