/* SPDX-License-Identifier: Apache-2.0 */
#include "base/message.h"
#include "base/platform.h"
#include "token/ck_rv.h"
#include "token/token_info.h"
#include "token/uri.h"

#include <stdlib.h>
#include <string.h>

/* Slots asked for in the one call that lists and counts; and the most that are believed. */
#define SLOTS_FIRST 64
#define SLOTS_MAX 4096

static void clear_info(certenroll_token_info *info)
{
    free(info->uri);
    free(info->module);
}

void ce_token_info_free(certenroll_token_info *info)
{
    if (!info)
        return;
    clear_info(info);
    free(info);
}

void certenroll_token_list_free(certenroll_token_list *list)
{
    if (!list)
        return;
    for (size_t i = 0; i < list->count; i++)
        clear_info(&list->infos[i]);
    free(list->infos);
    free(list);
}

/* --- one module's slots --- */

/* C_GetSlotList with a token in the slot. The usual two calls (count, then list) are one here, and
 * more only where the buffer was too small. */
static CK_RV list_slots(CK_SLOT_ID **out, CK_ULONG *count, CK_FUNCTION_LIST *functions)
{
    CK_ULONG room = SLOTS_FIRST;
    CK_RV rv;

    for (;;) {
        *out = calloc(room, sizeof(**out));
        if (!*out)
            return CKR_HOST_MEMORY;
        *count = room;
        rv = functions->C_GetSlotList(CK_TRUE, *out, count);
        if (rv == CKR_OK && *count > room)
            rv = CKR_GENERAL_ERROR;
        if (rv == CKR_OK)
            return CKR_OK;
        free(*out);
        *out = NULL;
        if (rv != CKR_BUFFER_TOO_SMALL || room >= SLOTS_MAX)
            return rv;
        room *= 4;
    }
}

/* Asked for the number alone: only then some modules (OpenSC) look which readers there are. */
static CK_RV list_slots_anew(CK_SLOT_ID **out, CK_ULONG *count, CK_FUNCTION_LIST *functions)
{
    CK_RV rv = functions->C_GetSlotList(CK_TRUE, NULL, count);

    *out = NULL;
    return rv == CKR_OK ? list_slots(out, count, functions) : rv;
}

CK_RV ce_token_slot_search(CK_SLOT_ID *out, CK_FUNCTION_LIST *functions, ce_token_test is_it,
                           const CK_TOKEN_INFO *wanted)
{
    CK_SLOT_ID *slots;
    CK_ULONG count = 0;
    size_t found = 0;
    CK_RV rv = list_slots_anew(&slots, &count, functions);

    for (CK_ULONG i = 0; rv == CKR_OK && i < count; i++) {
        CK_TOKEN_INFO info;

        memset(&info, 0, sizeof(info));
        if (functions->C_GetTokenInfo(slots[i], &info) != CKR_OK || !is_it(&info, wanted))
            continue;
        *out = slots[i];
        found++;
    }
    free(slots);
    return rv == CKR_OK && found != 1 ? CKR_TOKEN_NOT_PRESENT : rv;
}

CK_RV ce_token_slot_find(CK_SLOT_ID *out, CK_FUNCTION_LIST *functions, const CK_TOKEN_INFO *wanted)
{
    return ce_token_slot_search(out, functions, ce_token_info_same, wanted);
}

static int matches_slot(CK_FUNCTION_LIST *functions, CK_SLOT_ID slot, P11KitUri *uri)
{
    CK_SLOT_ID wanted = p11_kit_uri_get_slot_id(uri);
    CK_SLOT_INFO info;

    if (wanted != (CK_SLOT_ID)-1 && wanted != slot)
        return 0;
    return !ce_uri_names_slot(uri) || (functions->C_GetSlotInfo(slot, &info) == CKR_OK &&
                                       p11_kit_uri_match_slot_info(uri, &info));
}

static int matches_library(CK_FUNCTION_LIST *functions, P11KitUri *uri)
{
    CK_INFO info;

    return !ce_uri_names_library(uri) ||
           (functions->C_GetInfo(&info) == CKR_OK && p11_kit_uri_match_module_info(uri, &info));
}

static int look_at_slot(certenroll_token_list *list, CK_FUNCTION_LIST *functions, CK_SLOT_ID slot,
                        certenroll_context *context, P11KitUri *uri, certenroll_error **error)
{
    char name[CE_CK_RV_NAME_SIZE];
    certenroll_token_info *grown, *info;
    CK_TOKEN_INFO raw;
    CK_RV rv;

    if (!matches_slot(functions, slot, uri))
        return CERTENROLL_OK;
    memset(&raw, 0, sizeof(raw));
    rv = functions->C_GetTokenInfo(slot, &raw);
    if (rv != CKR_OK) {
        /* pulled just now, or a card that this module does not know */
        ce_log(context, CERTENROLL_LOG_INFO, "slot %lu: no token info: %s", (unsigned long)slot,
               ce_ck_rv_name(name, sizeof(name), rv));
        list->silent = rv;
        return CERTENROLL_OK;
    }
    if (!p11_kit_uri_match_token_info(uri, &raw))
        return CERTENROLL_OK;
    grown = realloc(list->infos, (list->count + 1) * sizeof(*grown));
    if (!grown)
        return certenroll_error_set_memory(error);
    list->infos = grown;
    info = &grown[list->count++];
    memset(info, 0, sizeof(*info));
    info->functions = functions;
    ce_token_info_fill(info, slot, &raw);
    info->module = ce_module_file_name(functions);
    return info->module ? CERTENROLL_OK : certenroll_error_set_memory(error);
}

static int look_at_module(certenroll_token_list *list, CK_FUNCTION_LIST *functions,
                          certenroll_context *context, P11KitUri *uri, certenroll_error **error)
{
    CK_SLOT_ID *slots;
    CK_ULONG count = 0;
    int status = CERTENROLL_OK;
    CK_RV rv;

    if (!matches_library(functions, uri))
        return CERTENROLL_OK;
    rv = list_slots(&slots, &count, functions);
    if (rv != CKR_OK)
        return ce_fail_ck(error, rv, _("the PKCS#11 module does not list its slots"));
    for (CK_ULONG i = 0; status == CERTENROLL_OK && i < count; i++)
        status = look_at_slot(list, functions, slots[i], context, uri, error);
    free(slots);
    return status;
}

/* --- one module, while a token is waited for --- */

int ce_token_present(CK_FUNCTION_LIST *functions, P11KitUri *uri)
{
    CK_SLOT_ID *slots;
    CK_ULONG count = 0;
    int found = 0;

    if (!matches_library(functions, uri) || list_slots_anew(&slots, &count, functions) != CKR_OK)
        return 0;
    for (CK_ULONG i = 0; !found && i < count; i++) {
        CK_TOKEN_INFO info;

        memset(&info, 0, sizeof(info));
        found = matches_slot(functions, slots[i], uri) &&
                functions->C_GetTokenInfo(slots[i], &info) == CKR_OK &&
                info.flags & CKF_TOKEN_INITIALIZED && p11_kit_uri_match_token_info(uri, &info);
    }
    free(slots);
    return found;
}

int ce_token_card_present(CK_FUNCTION_LIST *functions)
{
    CK_SLOT_ID *slots;
    CK_ULONG count = 0;
    int found = 0;

    if (list_slots_anew(&slots, &count, functions) != CKR_OK)
        return 0;
    for (CK_ULONG i = 0; !found && i < count; i++) {
        CK_SLOT_INFO info;

        memset(&info, 0, sizeof(info));
        found = functions->C_GetSlotInfo(slots[i], &info) == CKR_OK &&
                info.flags & CKF_REMOVABLE_DEVICE;
    }
    free(slots);
    return found;
}

/* --- URIs that tell the found ones apart --- */

static int write_uri(certenroll_token_info *info, int with_slot, int with_module,
                     certenroll_error **error)
{
    P11KitUri *uri = p11_kit_uri_new();
    P11KitUriType parts = P11_KIT_URI_FOR_TOKEN;
    int result = P11_KIT_URI_NO_MEMORY;

    if (!uri)
        return certenroll_error_set_memory(error);
    *p11_kit_uri_get_token_info(uri) = info->raw;
    if (with_slot) {
        p11_kit_uri_set_slot_id(uri, info->slot);
        parts |= P11_KIT_URI_FOR_SLOT;
    }
    if (with_module) {
        p11_kit_uri_set_module_path(uri, info->module);
        parts |= P11_KIT_URI_FOR_MODULE;
    }
    result = p11_kit_uri_format(uri, parts, &info->uri);
    p11_kit_uri_free(uri);
    return result == P11_KIT_URI_OK ? CERTENROLL_OK : certenroll_error_set_memory(error);
}

static int looks_alike(const CK_TOKEN_INFO *one, const CK_TOKEN_INFO *other)
{
    return ce_token_info_same(one, other) &&
           memcmp(one->manufacturerID, other->manufacturerID, sizeof(one->manufacturerID)) == 0 &&
           memcmp(one->model, other->model, sizeof(one->model)) == 0;
}

/* The four token attributes do, unless a twin was seen (one card may show through two modules) or
 * the token is not initialized yet and has neither label nor serial. */
static int write_uris(certenroll_token_list *list, certenroll_error **error)
{
    int status = CERTENROLL_OK;

    for (size_t i = 0; status == CERTENROLL_OK && i < list->count; i++) {
        certenroll_token_info *info = &list->infos[i];
        int with_slot = !(info->raw.flags & CKF_TOKEN_INITIALIZED), with_module = 0;

        for (size_t j = 0; j < list->count; j++) {
            const certenroll_token_info *twin = &list->infos[j];
            if (j == i || !looks_alike(&info->raw, &twin->raw))
                continue;
            with_slot |= twin->functions == info->functions;
            with_module |= twin->functions != info->functions;
        }
        status = write_uri(info, with_slot, with_module, error);
    }
    return status;
}

/* --- all of them --- */

int ce_token_list_look(certenroll_token_list **out, struct ce_modules *modules,
                       certenroll_context *context, P11KitUri *uri, certenroll_error **error)
{
    certenroll_token_list *list = *out = calloc(1, sizeof(*list));
    int status = list ? CERTENROLL_OK : certenroll_error_set_memory(error);

    for (size_t i = 0; status == CERTENROLL_OK && i < modules->count; i++) {
        const size_t before = list->count;

        status = ce_module_initialize(&modules->list[i], error);
        if (status == CERTENROLL_OK)
            status = look_at_module(list, modules->list[i].functions, context, uri, error);
        /* A failing module is passed over unless it was named. */
        if (status < 0 && !modules->named && status != CERTENROLL_E_MEMORY) {
            ce_log(context, CERTENROLL_LOG_WARNING, "passed over: %s",
                   error ? certenroll_error_message(*error) : "a module that fails");
            certenroll_error_clear(error);
            status = CERTENROLL_OK;
        }
        if (list->count == before)
            ce_module_close(&modules->list[i]);
    }
    if (status == CERTENROLL_OK)
        status = write_uris(list, error);
    if (status < 0) {
        certenroll_token_list_free(list);
        *out = NULL;
    }
    return status;
}

int ce_token_list_take(certenroll_token_info **out, certenroll_token_list *list, size_t index,
                       certenroll_error **error)
{
    *out = malloc(sizeof(**out));
    if (!*out)
        return certenroll_error_set_memory(error);
    **out = list->infos[index];
    list->infos[index].uri = NULL;
    list->infos[index].module = NULL;
    return CERTENROLL_OK;
}

/* --- the public list --- */

int certenroll_token_list_new(certenroll_token_list **out, certenroll_context *context,
                              const char *uri, const char *module_path, certenroll_error **error)
{
    struct ce_modules modules;
    P11KitUri *parsed;
    int status;

    *out = NULL;
    status = ce_uri_parse(&parsed, uri ? uri : "pkcs11:", error);
    if (status < 0)
        return status;
    ce_sigpipe_hold();
    status = ce_modules_load(&modules, context, parsed, module_path, error);
    if (status == CERTENROLL_OK)
        status = ce_token_list_look(out, &modules, context, parsed, error);
    ce_modules_free(&modules);
    ce_sigpipe_release();
    p11_kit_uri_free(parsed);
    return status;
}

size_t certenroll_token_list_count(const certenroll_token_list *list)
{
    return list->count;
}

const certenroll_token_info *certenroll_token_list_at(const certenroll_token_list *list,
                                                      size_t index)
{
    return index < list->count ? &list->infos[index] : NULL;
}
