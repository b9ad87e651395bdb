/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AGENT_DATE_H
#define AGENT_DATE_H

#include <stdint.h>

/* A moment as the person's locale writes it, in local time; "" when it is out of range. */
#define DATE_SIZE 96
void date_text(char out[DATE_SIZE], int64_t when);

#endif
