/* SPDX-License-Identifier: Apache-2.0 */
/* The one table of statuses: name, class, remedy. */
#ifndef CE_CONTEXT_STATUS_H
#define CE_CONTEXT_STATUS_H

/* What to do about `status` when the place that failed knows nothing better; translated. */
const char *ce_status_advice(int status);

#endif
