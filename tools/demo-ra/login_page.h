/* SPDX-License-Identifier: Apache-2.0 */
/* Who logged on with the client certificate, or why nobody did. */
#ifndef DEMO_RA_LOGIN_PAGE_H
#define DEMO_RA_LOGIN_PAGE_H

#include "server.h"

void login_page(struct reply *reply, const struct request *request);

#endif
