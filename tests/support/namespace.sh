# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# For scripts that put files of their own over the machine's, or need an address of their own. Read
# by `.`, after test.sh.

# in_namespace OPTIONS PROBE "$@": goes on in namespaces by these options of unshare(1): the script
# starts again, so this comes first of all. Root may do that, others where the kernel has user
# namespaces for them. The probe is a shell command that does in there what the test will do (mount,
# for one); where it or unshare is refused, as in many containers, the test is skipped.
in_namespace() {
    [ -z "${IN_NAMESPACE-}" ] || return 0
    namespaces=$1 probe=$2
    shift 2
    needs unshare
    [ "$(id -u)" -eq 0 ] || namespaces="$namespaces --user --map-root-user"
    # shellcheck disable=SC2086 # several words
    refusal=$(unshare $namespaces sh -c "$probe" 2>&1) ||
        skipped "namespaces of its own ($namespaces) are refused here: $refusal"
    # shellcheck disable=SC2086
    IN_NAMESPACE=entered exec unshare $namespaces sh "$0" "$@"
}
