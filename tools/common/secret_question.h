/* SPDX-License-Identifier: Apache-2.0 */
/* The words in which a person is asked for a PIN or a password. */
#ifndef TOOLS_COMMON_SECRET_QUESTION_H
#define TOOLS_COMMON_SECRET_QUESTION_H

#include <certenroll/secret.h>

#define SECRET_QUESTION_SIZE 1024

/* Which secret, of which token or account, and how it stands with its tries. */
void secret_question(char question[SECRET_QUESTION_SIZE], const certenroll_secret_request *request);

/* The same for what is typed on the card reader. */
void secret_question_of_reader(char question[SECRET_QUESTION_SIZE],
                               const certenroll_secret_request *request);

#endif
