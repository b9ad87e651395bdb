/* SPDX-License-Identifier: Apache-2.0 */
/* The way into pcscd: vsmartcard's driver listens on a TCP port of the loopback for a card. */
#ifndef PIV_VPCD_H
#define PIV_VPCD_H

#include "card.h"

/* When the card is to be pulled: the program ends by SIGKILL. */
struct pull {
    unsigned long number; /* with this command carried out and not answered; or 0 */
    unsigned before; /* at the first command of this INS that has data, before it is carried out */
    unsigned with;   /* the same, carried out and not answered; or 0 */
};

struct vpcd {
    unsigned port;
    const char *ready_path; /* made once pcscd has the card, or NULL */
    int log, count;         /* files, or -1 */
    struct pull pull;
};

/* Is the card in that reader until pcscd ends: 0, or until something fails: -1, after a message. */
int vpcd_serve(const struct vpcd *vpcd, struct card *card);

#endif
