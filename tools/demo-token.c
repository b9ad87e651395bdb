/* SPDX-License-Identifier: Apache-2.0 */
/* Makes a SoftHSM token for tools/demo, with the PINs taken from files: softhsm2-util wants them on
 * its command line or from a terminal.
 *
 *     demo-token MODULE LABEL SO-PIN-FILE USER-PIN-FILE */
#include <p11-kit/p11-kit.h>
#include <p11-kit/pkcs11.h>

#include <stdio.h>
#include <string.h>

struct pin {
    unsigned char bytes[64];
    unsigned long length;
};

static int read_pin(struct pin *pin, const char *path)
{
    FILE *file = fopen(path, "rb");

    if (file == NULL)
        return 0;
    setvbuf(file, NULL, _IONBF, 0);
    pin->length = fread(pin->bytes, 1, sizeof(pin->bytes), file);
    fclose(file);
    while (pin->length > 0 && pin->bytes[pin->length - 1] == '\n')
        pin->length--;
    return pin->length > 0;
}

/* SoftHSM always has one slot more, for the token to come. */
static CK_RV find_free_slot(CK_FUNCTION_LIST *module, CK_SLOT_ID *slot)
{
    CK_SLOT_ID slots[64];
    unsigned long count = sizeof(slots) / sizeof(slots[0]);
    CK_TOKEN_INFO info;
    CK_RV rv = module->C_GetSlotList(1, slots, &count);

    for (unsigned long i = 0; rv == CKR_OK && i < count; i++) {
        rv = module->C_GetTokenInfo(slots[i], &info);
        *slot = slots[i];
        if (rv == CKR_OK && !(info.flags & CKF_TOKEN_INITIALIZED))
            return CKR_OK;
    }
    return rv == CKR_OK ? CKR_TOKEN_NOT_PRESENT : rv;
}

/* PKCS#11 v2.40 §5.5: the SO makes the token, and sets the user's first PIN. */
static CK_RV make_token(CK_FUNCTION_LIST *module, const char *label, struct pin *so,
                        struct pin *user)
{
    unsigned char padded[32];
    CK_SESSION_HANDLE session;
    CK_SLOT_ID slot;
    CK_RV rv = find_free_slot(module, &slot);

    memset(padded, ' ', sizeof(padded));
    memcpy(padded, label, strnlen(label, sizeof(padded)));
    if (rv == CKR_OK)
        rv = module->C_InitToken(slot, so->bytes, so->length, padded);
    if (rv == CKR_OK)
        rv = module->C_OpenSession(slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL, &session);
    if (rv == CKR_OK)
        rv = module->C_Login(session, CKU_SO, so->bytes, so->length);
    if (rv == CKR_OK)
        rv = module->C_InitPIN(session, user->bytes, user->length);
    return rv;
}

int main(int argc, char **argv)
{
    CK_FUNCTION_LIST *module;
    struct pin so, user;
    CK_RV rv;

    if (argc != 5 || !read_pin(&so, argv[3]) || !read_pin(&user, argv[4])) {
        fprintf(stderr, "usage: demo-token MODULE LABEL SO-PIN-FILE USER-PIN-FILE\n");
        return 2;
    }
    module = p11_kit_module_load(argv[1], 0);
    if (module == NULL) {
        fprintf(stderr, "demo-token: %s: %s\n", argv[1], p11_kit_message());
        return 1;
    }
    rv = p11_kit_module_initialize(module);
    if (rv == CKR_OK) {
        rv = make_token(module, argv[2], &so, &user);
        p11_kit_module_finalize(module);
    }
    p11_kit_module_release(module);
    if (rv != CKR_OK)
        fprintf(stderr, "demo-token: %s: CK_RV 0x%lx\n", argv[2], rv);
    return rv == CKR_OK ? 0 : 1;
}
