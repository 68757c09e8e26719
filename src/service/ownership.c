/* SPDX-License-Identifier: MIT
 *
 * From the directory's answer to what a person is told.
 */
#include "service/ownership.h"

enum finding_id ownership_explain_sign_in(enum sign_in_answer answer)
{
    switch (answer) {
    case SIGN_IN_BAD_LOGIN:
        return FINDING_SIGN_IN_LOGIN;
    case SIGN_IN_SEVERAL:
        return FINDING_SIGN_IN_SEVERAL;
    case SIGN_IN_PASSWORD_EXPIRED:
        return FINDING_SIGN_IN_PASSWORD_EXPIRED;
    case SIGN_IN_MUST_CHANGE:
        return FINDING_SIGN_IN_MUST_CHANGE;
    case SIGN_IN_ACCOUNT_EXPIRED:
        return FINDING_SIGN_IN_ACCOUNT_EXPIRED;
    case SIGN_IN_LOCKED:
        return FINDING_SIGN_IN_LOCKED;
    case SIGN_IN_DISABLED:
        return FINDING_SIGN_IN_DISABLED;
    case SIGN_IN_NOT_NOW:
        return FINDING_SIGN_IN_NOT_NOW;
    case SIGN_IN_ACCEPTED:
    case SIGN_IN_WRONG:
    default:
        return FINDING_SIGN_IN_WRONG;
    }
}

void ownership_explain(enum role_answer answer, const char *address, struct findings *findings)
{
    enum finding_id id;

    switch (answer) {
    case ROLE_OWNER:
    case ROLE_ADMINISTRATOR:
        return;
    case ROLE_NOT_ELIGIBLE:
        id = FINDING_ADDRESS_NOT_ELIGIBLE;
        break;
    case ROLE_NOT_PRIMARY:
        id = FINDING_ADDRESS_NOT_PRIMARY;
        break;
    case ROLE_PERSON_NOT_ELIGIBLE:
        id = FINDING_PERSON_NOT_ELIGIBLE;
        break;
    case ROLE_PERSON_SEVERAL:
        id = FINDING_PERSON_SEVERAL;
        break;
    case ROLE_NONE:
    case ROLE_NOT_FOUND:
    case ROLE_AMBIGUOUS:
    case ROLE_PERSON_NOT_FOUND:
    case ROLE_SYNTAX:
    default:
        id = FINDING_ADDRESS_NOT_YOURS;
        break;
    }
    findings_add(findings, id, address, NULL);
}

bool ownership_check(struct directory *directory, const char *login, const char *address,
                     struct deadline deadline, struct findings *findings, enum role_answer *answer,
                     struct account **account, GError **error)
{
    if (!directory_role(directory, login, address, deadline, answer, account, error))
        return false;
    ownership_explain(*answer, address, findings);
    return true;
}
