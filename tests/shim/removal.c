/* SPDX-License-Identifier: Apache-2.0 */
#include "removal.h"

#include "control.h"

#include <pthread.h>
#include <string.h>

#define SLOTS_MAX 16
#define NO_SLOT ((CK_SLOT_ID)-1)

/* A slot whose token is out, and the slot of the one in its place, or NO_SLOT. */
struct moved {
    CK_SLOT_ID slot;
    CK_SLOT_ID behind;
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct control_removal seen;
static struct moved moved[SLOTS_MAX];
static unsigned moved_count;

static int has_serial(CK_FUNCTION_LIST *real, CK_SLOT_ID slot, const char *serial)
{
    CK_TOKEN_INFO info;
    size_t length = strlen(serial);

    return real->C_GetTokenInfo(slot, &info) == CKR_OK &&
           memcmp(info.serialNumber, serial, length) == 0 &&
           (length == sizeof(info.serialNumber) || info.serialNumber[length] == ' ');
}

static void take_out(CK_FUNCTION_LIST *real, CK_SLOT_ID slot, CK_SLOT_ID behind)
{
    real->C_CloseAllSessions(slot);
    moved[moved_count++] = (struct moved){ slot, behind };
}

/* The slots as `seen` has them; a module that is not initialised has none. */
static void take_out_all(CK_FUNCTION_LIST *real)
{
    CK_SLOT_ID slots[SLOTS_MAX], first = NO_SLOT, second = NO_SLOT;
    unsigned long count = SLOTS_MAX;

    moved_count = 0;
    if (seen.kind == CONTROL_IN_PLACE || real->C_GetSlotList(0, slots, &count) != CKR_OK) {
        seen.kind = CONTROL_IN_PLACE;
        return;
    }
    for (unsigned long i = 0; i < count; i++) {
        if (seen.serial[0] == '\0')
            take_out(real, slots[i], NO_SLOT);
        else if (has_serial(real, slots[i], seen.serial))
            first = slots[i];
        else if (seen.other[0] != '\0' && has_serial(real, slots[i], seen.other))
            second = slots[i];
    }
    if (first != NO_SLOT)
        take_out(real, first, second);
    if (second != NO_SLOT)
        take_out(real, second, NO_SLOT);
}

void removal_look(CK_FUNCTION_LIST *real)
{
    struct control_removal now;

    control_removal(&now);
    pthread_mutex_lock(&mutex);
    if (now.kind != seen.kind || strcmp(now.serial, seen.serial) != 0 ||
        strcmp(now.other, seen.other) != 0) {
        seen = now;
        take_out_all(real);
    }
    pthread_mutex_unlock(&mutex);
}

static unsigned number_out(void)
{
    unsigned out;

    pthread_mutex_lock(&mutex);
    out = moved_count;
    pthread_mutex_unlock(&mutex);
    return out;
}

CK_SLOT_ID removal_behind(CK_SLOT_ID slot)
{
    CK_SLOT_ID behind = slot;

    pthread_mutex_lock(&mutex);
    for (unsigned i = 0; i < moved_count; i++) {
        if (moved[i].slot == slot)
            behind = moved[i].behind;
    }
    pthread_mutex_unlock(&mutex);
    return behind;
}

int removal_is_empty(CK_SLOT_ID slot)
{
    return removal_behind(slot) == NO_SLOT;
}

CK_RV removal_slot_list(CK_FUNCTION_LIST *real, unsigned char present, CK_SLOT_ID *slots,
                        unsigned long *count)
{
    CK_SLOT_ID all[SLOTS_MAX];
    unsigned long found = SLOTS_MAX, kept = 0;
    CK_RV rv;

    if (number_out() == 0)
        return real->C_GetSlotList(present, slots, count);
    rv = real->C_GetSlotList(present, all, &found);
    if (rv != CKR_OK)
        return rv;
    for (unsigned long i = 0; i < found; i++) {
        if (present && removal_is_empty(all[i]))
            continue;
        all[kept++] = all[i];
    }
    rv = slots != NULL && *count < kept ? CKR_BUFFER_TOO_SMALL : CKR_OK;
    if (slots != NULL && rv == CKR_OK)
        memcpy(slots, all, kept * sizeof(all[0]));
    *count = kept;
    return rv;
}

CK_RV removal_answer(CK_RV rv)
{
    unsigned out = number_out();

    if (out > 0 && rv == CKR_SESSION_HANDLE_INVALID)
        return CKR_DEVICE_REMOVED;
    if (out > 0 && rv == CKR_SLOT_ID_INVALID)
        return CKR_TOKEN_NOT_PRESENT;
    return rv;
}
