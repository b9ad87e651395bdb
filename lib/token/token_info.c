/* SPDX-License-Identifier: Apache-2.0 */
#include "token/token_info.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

void ce_token_info_text(char *out, size_t size, const unsigned char *field, size_t length)
{
    /* The fields are blank-padded (PKCS#11 v2.40 §3.2); some modules pad with NULs. */
    const unsigned char *nul = memchr(field, '\0', length);

    ce_text_clean(out, size, (const char *)field, nul ? (size_t)(nul - field) : length);
}

void ce_token_info_fill(certenroll_token_info *info, CK_SLOT_ID slot, const CK_TOKEN_INFO *raw)
{
    info->raw = *raw;
    info->slot = slot;
    ce_token_info_text(info->label, sizeof(info->label), raw->label, sizeof(raw->label));
    ce_token_info_text(info->serial, sizeof(info->serial), raw->serialNumber,
                       sizeof(raw->serialNumber));
    ce_token_info_text(info->manufacturer, sizeof(info->manufacturer), raw->manufacturerID,
                       sizeof(raw->manufacturerID));
    ce_token_info_text(info->model, sizeof(info->model), raw->model, sizeof(raw->model));
}

int ce_token_info_same(const CK_TOKEN_INFO *one, const CK_TOKEN_INFO *other)
{
    return memcmp(one->serialNumber, other->serialNumber, sizeof(one->serialNumber)) == 0 &&
           memcmp(one->label, other->label, sizeof(one->label)) == 0;
}

const char *certenroll_token_info_label(const certenroll_token_info *info)
{
    return info->label;
}

const char *certenroll_token_info_serial(const certenroll_token_info *info)
{
    return info->serial;
}

const char *certenroll_token_info_manufacturer(const certenroll_token_info *info)
{
    return info->manufacturer;
}

const char *certenroll_token_info_model(const certenroll_token_info *info)
{
    return info->model;
}

const char *certenroll_token_info_uri(const certenroll_token_info *info)
{
    return info->uri;
}

const char *certenroll_token_info_module(const certenroll_token_info *info)
{
    return info->module;
}

uint32_t certenroll_token_info_flags(const certenroll_token_info *info)
{
    static const struct {
        CK_FLAGS theirs;
        certenroll_token_flags ours;
    } flags[] = {
        { CKF_TOKEN_INITIALIZED, CERTENROLL_TOKEN_INITIALIZED },
        { CKF_USER_PIN_INITIALIZED, CERTENROLL_TOKEN_USER_PIN_SET },
        { CKF_LOGIN_REQUIRED, CERTENROLL_TOKEN_LOGIN_REQUIRED },
        { CKF_WRITE_PROTECTED, CERTENROLL_TOKEN_WRITE_PROTECTED },
        { CKF_USER_PIN_COUNT_LOW, CERTENROLL_TOKEN_PIN_COUNT_LOW },
        { CKF_USER_PIN_FINAL_TRY, CERTENROLL_TOKEN_PIN_FINAL_TRY },
        { CKF_USER_PIN_LOCKED, CERTENROLL_TOKEN_PIN_LOCKED },
        { CKF_USER_PIN_TO_BE_CHANGED, CERTENROLL_TOKEN_PIN_TO_BE_CHANGED },
        { CKF_PROTECTED_AUTHENTICATION_PATH, CERTENROLL_TOKEN_PIN_ON_READER },
        { CKF_SO_PIN_COUNT_LOW, CERTENROLL_TOKEN_SO_PIN_COUNT_LOW },
        { CKF_SO_PIN_FINAL_TRY, CERTENROLL_TOKEN_SO_PIN_FINAL_TRY },
        { CKF_SO_PIN_LOCKED, CERTENROLL_TOKEN_SO_PIN_LOCKED },
        { CKF_SO_PIN_TO_BE_CHANGED, CERTENROLL_TOKEN_SO_PIN_TO_BE_CHANGED },
    };
    uint32_t set = 0;

    for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
        if (info->raw.flags & flags[i].theirs)
            set |= (uint32_t)flags[i].ours;
    return set;
}
