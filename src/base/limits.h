/* SPDX-License-Identifier: MIT
 *
 * Every maximum of the project in one list: a buffer is born with one of these.
 * Floor: base. Sizes are in bytes unless the name says otherwise.
 */
#ifndef APPSMTP_BASE_LIMITS_H
#define APPSMTP_BASE_LIMITS_H

#define LIMIT_REQUEST_BODY (256 * 1024)   /* a form with its file; more is 413 */
#define LIMIT_CERTIFICATE_FILE (128 * 1024) /* one uploaded or pasted bundle; told in KB by pages */
#define LIMIT_CERTIFICATES_IN_FILE 40
#define LIMIT_SAN_NAMES 1000              /* names that one certificate may carry */
#define LIMIT_RSA_BITS 8192               /* a longer key costs too much to check */
#define LIMIT_PATH_DEPTH 8                /* intermediates between a leaf and its root */
#define LIMIT_PATH_ATTEMPTS 100           /* whole paths verified for one upload */
#define LIMIT_PATH_STEPS 5000             /* certificates stepped on while looking for paths */
#define LIMIT_PATH_SIGNATURES 1000        /* verified for one upload, in units of 50 microseconds */
#define LIMIT_NAME_COMPARISONS (1 << 20)  /* of names with name constraints, for one upload */
#define LIMIT_ROOTS_DAYS 365              /* since the file of common roots was written */
#define LIMIT_NAME_TEXT 500               /* characters kept of a subject or an issuer */

#define LIMIT_ADDRESS 254                 /* RFC 5321 4.5.3.1.3, less the angle brackets */
#define LIMIT_LOCAL_PART 64               /* RFC 5321 4.5.3.1.1 */
#define LIMIT_HOSTNAME 253                /* RFC 1035 3.1, as text without the last dot */
#define LIMIT_NETWORK_TEXT 253            /* of one entry as typed; also a name can stand there */
#define LIMIT_LABEL 63                    /* RFC 1035 2.3.4 */
#define LIMIT_LOGIN 64                    /* characters */
#define LIMIT_PASSWORD 1024

#define LIMIT_APPLICATION_NAME 100        /* characters */
#define LIMIT_NOTE 2000                   /* characters */
#define LIMIT_REASON 500                  /* characters */
#define LIMIT_RECIPIENTS_PER_HOUR 1000000 /* that an operator can allow a registration */
#define LIMIT_RESTORE_DAYS 30             /* a retired registration can be brought back for */
#define LIMIT_SOURCES 500                 /* of one registration */
#define LIMIT_HOSTNAMES 50                /* of one form: each is two DNS questions */
#define LIMIT_HOSTNAME_ADDRESSES 16       /* that one name may bring: more would pass by the size of networks */
#define LIMIT_OWNERS 50                   /* of one registration */

#define LIMIT_QUESTIONS 300               /* whether a message would be accepted, of one person ... */
#define LIMIT_STRANGERS_QUESTIONS 200     /* ... or of an address: fewer than a /24 has ... */
#define LIMIT_QUESTION_MINUTES 5          /* ... within so many minutes */

#define LIMIT_NOTICE_PAUSE_HOURS 24       /* between two attempts to send one */
#define LIMIT_NOTICE_REFUSED_DAYS 5       /* a recipient whom the mail server refuses for so long */
#define LIMIT_NOTICES_PER_HOUR 6          /* of changes of one registration, to one recipient */
#define LIMIT_NOTICES_TO_ONE 12           /* to one address, over all registrations and roles; the digest included */
#define LIMIT_DIGEST 1000                 /* notices that one digest tells of; the others wait for the next */
#define LIMIT_DIGEST_TEXT (64 * 1024)
#define LIMIT_NOTICE_REASONS 5            /* told apart, why some could not be sent */
#define LIMIT_NOTICE_REASON 200           /* characters of one of them in the log */
#define LIMIT_NOTICE_MEMBERS 50           /* of a group that has no address of mail */
#define LIMIT_NOTICE_VALUE 1000           /* characters of one value in its text */

#define LIMIT_FAULTS_PERCENT 30           /* of registrations that may get into trouble on one day */
#define LIMIT_CHECK_HOURS 23              /* between two looks at one account: a day, less what runs wander */
#define LIMIT_FAULT_HOURS 46              /* that a fault has to last: two such days */
#define LIMIT_FAULTS_FEW 10               /* with fewer, one of them may */
#define LIMIT_ROUND_LIMITED 10            /* that one round passes over, for a limit of the set-up */

/* What a directory server may say, which all stands in memory. A group of 100,000 members is a
   third of the one. */
#define LIMIT_DIRECTORY_MESSAGE (32 << 20)
#define LIMIT_DIRECTORY_ANSWER (64 << 20) /* to one question: all of its messages */

#define LIMIT_IMPORT_FILE (32 << 20)
#define LIMIT_IMPORT_LINES 50000

#define LIMIT_SECRET_FILE 4096
#define LIMIT_HEADER 65536                /* one From: or Sender: of a message */
#define LIMIT_POLICY_REQUEST (16 * 1024)  /* one policy delegation request */
#define LIMIT_RECIPIENTS 1000000          /* of one message, that the mail server counts */
#define LIMIT_POLICY_CONNECTIONS 4000     /* at a time; the others wait */
#define LIMIT_POLICY_USES 100000          /* sources noted as used and not written down yet */
#define LIMIT_POLICY_BUCKETS 100000       /* senders, or their sources, that are counted at a time */
#define LIMIT_POLICY_TAKES 20000          /* messages whose recipients can be put back */
#define LIMIT_RATES_FILE (128 << 20)      /* more than so many buckets fill */
#define LIMIT_USES_FILE (64 << 20)        /* that waits for an export; beyond, uses are forgotten */
#define LIMIT_GENERATIONS 10              /* that the export keeps */
#define LIMIT_CHILD_OUTPUT 65536          /* that is kept of what a program says, or of a line of it */
#define LIMIT_EXPORT_NOTE 4096            /* one note from a run of the export to the next */
#define LIMIT_EXPORT_FILE (256 << 20)     /* any other text file of the export's own that is read whole */
#define LIMIT_AWAITED 20000               /* senders that wait for a generation, and are told so */
#define LIMIT_HOSTNAME_KEPT_DAYS 14       /* last good addresses while DNS cannot be asked */

#endif
