noinst_LIBRARIES += libservice.a
libservice_a_SOURCES = %D%/office.h
libservice_a_SOURCES += %D%/amendment.c %D%/amendment.h
libservice_a_SOURCES += %D%/enrolment.c %D%/enrolment.h
libservice_a_SOURCES += %D%/owners.c %D%/owners.h
libservice_a_SOURCES += %D%/ownership.c %D%/ownership.h
libservice_a_SOURCES += %D%/notices/delivery.c %D%/notices/delivery.h
libservice_a_SOURCES += %D%/notices/text.c %D%/notices/text.h %D%/notices/texts.def
libservice_a_SOURCES += %D%/upkeep/certificates.c %D%/upkeep/upkeep.h
libservice_a_SOURCES += %D%/upkeep/confirmations.c
libservice_a_SOURCES += %D%/upkeep/ownership-round.c
libservice_a_SOURCES += %D%/question.c %D%/question.h
libservice_a_SOURCES += %D%/relay-view.c %D%/relay-view.h
libservice_a_SOURCES += %D%/sources.c %D%/sources.h
libservice_a_SOURCES += %D%/import.c %D%/import.h
libservice_a_SOURCES += %D%/standing.c %D%/standing.h
libservice_a_LIBADD =
include src/service/relay/local.mk
