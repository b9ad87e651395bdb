/* SPDX-License-Identifier: Apache-2.0 */
/* The person is asked: for consent, for the PIN, whether what is there is kept. By pinentry, or on
 * the terminal where none is configured. The signatures are those of certenroll_ra_view; `user` is
 * the certenroll_ra_config. */
#ifndef AGENT_PERSON_H
#define AGENT_PERSON_H

#include <certenroll/ra.h>

int ask_consent(void *user, const certenroll_ra_plan *plan, certenroll_error **error);

int ask_keep(void *user, int *keep, const certenroll_ra_plan *plan, certenroll_error **error);

int ask_pin(void *user, const certenroll_secret_request *request, int was_wrong, char *buffer,
            size_t capacity, size_t *length, certenroll_error **error);

#endif
