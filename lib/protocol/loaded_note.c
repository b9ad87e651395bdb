/* SPDX-License-Identifier: Apache-2.0 */
/* Tells packaging tools about libcurl and jansson, which they do not find among the libraries
 * linked: the ELF note of https://systemd.io/ELF_DLOPEN_METADATA. */
#include <stdint.h>

#define OWNER "FDO"
#define TYPE_DLOPEN UINT32_C(0x407c0c0a)
#define CONTENT                                                                                    \
    "[{\"feature\":\"est\",\"description\":\"Enrolment over HTTPS\","                              \
    "\"priority\":\"recommended\",\"soname\":[\"" LIBCURL_SONAME "\"]},"                           \
    "{\"feature\":\"json\",\"description\":\"An RA's reasons in JSON\","                           \
    "\"priority\":\"suggested\",\"soname\":[\"" JANSSON_SONAME "\"]}]"

static const struct {
    uint32_t owner_size;
    uint32_t content_size;
    uint32_t type;
    char owner[sizeof(OWNER)];
    _Alignas(uint32_t) char content[sizeof(CONTENT)];
} note __attribute__((used, aligned(4), section(".note.dlopen"))) = {
    sizeof(OWNER), sizeof(CONTENT), TYPE_DLOPEN, OWNER, CONTENT,
};
