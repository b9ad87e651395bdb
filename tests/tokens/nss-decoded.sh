# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# NSS's softokn where CKA_EC_POINT is the bare point, without the OCTET STRING around it.

# shellcheck source=tests/tokens/nss.sh
. "$SOURCE_DIR/tests/tokens/nss.sh"
export NSS_USE_DECODED_CKA_EC_POINT=1
