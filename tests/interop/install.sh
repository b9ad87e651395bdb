#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# `cmake --install` into a scratch prefix, then a program built the two ways that others build
# against the library; and what the library and its headers show to the outside.
set -eu
. "${SOURCE_DIR:?}/tests/support/test.sh"
scratch_begin
umask 022
prefix=$scratch/prefix

cached() { sed -n "s/^$1:[A-Z]*=//p" "$BUILD_DIR/CMakeCache.txt"; }

CC=$(cached CMAKE_C_COMPILER)
flags=${SANITIZE:+-fsanitize=$SANITIZE}
version=$(cached CMAKE_PROJECT_VERSION)

cmake --install "$BUILD_DIR" --prefix "$prefix" >"$scratch/log" 2>&1 ||
    { cat "$scratch/log" >&2; fail "cmake --install failed"; }
library=$(find "$prefix" -name "libcertenroll.so.$version")
[ -n "$library" ] || fail "no libcertenroll.so.$version"
library_dir=$(dirname "$library")
[ -f "$prefix/share/man/man3/certenroll.3" ] || fail "no manual pages"
[ -n "$(find "$prefix/share/doc" -name LICENSE)" ] || fail "no licence"

# Ends with the class for a wrong call: the library was found, loaded and asked.
run_example() {
    LD_LIBRARY_PATH=$library_dir "$@" && status=0 || status=$?
    [ "$status" -eq 2 ] || fail "$* ended with $status"
}

# --- pkg-config ---
PKG_CONFIG_PATH=$(dirname "$(find "$prefix" -name certenroll.pc)")
export PKG_CONFIG_PATH
[ "$(pkg-config --modversion certenroll)" = "$version" ] || fail "pkg-config: another version"
case $(pkg-config --libs certenroll) in
*-lcurl*) fail "pkg-config hands out libraries that a program does not call" ;;
esac
# shellcheck disable=SC2046,SC2086 # flags are several words
"$CC" $flags $(pkg-config --cflags certenroll) "$SOURCE_DIR/docs/examples/enrol.c" \
    -o "$scratch/by-pkg-config" $(pkg-config --libs certenroll)
run_example "$scratch/by-pkg-config"

# --- find_package ---
mkdir "$scratch/consumer"
cat >"$scratch/consumer/CMakeLists.txt" <<END
cmake_minimum_required(VERSION 3.25)
project(consumer LANGUAGES C)
find_package(certenroll 0.1 REQUIRED)
add_executable(by-cmake "$SOURCE_DIR/docs/examples/enrol.c")
target_link_libraries(by-cmake PRIVATE certenroll::certenroll)
END
{
    cmake -S "$scratch/consumer" -B "$scratch/consumer/build" -DCMAKE_PREFIX_PATH="$prefix" \
        -DCMAKE_C_COMPILER="$CC" -DCMAKE_C_FLAGS="$flags"
    cmake --build "$scratch/consumer/build"
} >"$scratch/log" 2>&1 || { cat "$scratch/log" >&2; fail "find_package(certenroll) failed"; }
run_example "$scratch/consumer/build/by-cmake"

# --- the components ---

# component NAME EXAMPLE PKG-CONFIG-MODULES CMAKE-LIBRARIES: the same two ways, and what it shows.
component() {
    shown=CERTENROLL_$(echo "$1" | tr '[:lower:]' '[:upper:]')_0
    # shellcheck disable=SC2046,SC2086 # flags are several words
    "$CC" $flags $(pkg-config --cflags "certenroll-$1") "$SOURCE_DIR/docs/examples/$2" \
        -o "$scratch/with-$1" $(pkg-config --libs "certenroll-$1" $3)
    run_example "$scratch/with-$1"
    cat >"$scratch/consumer/CMakeLists.txt" <<END
cmake_minimum_required(VERSION 3.25)
project(consumer LANGUAGES C)
find_package(certenroll 0.1 REQUIRED COMPONENTS $1)
add_executable(with-$1 "$SOURCE_DIR/docs/examples/$2")
target_link_libraries(with-$1 PRIVATE certenroll::$1 $4)
END
    {
        cmake -S "$scratch/consumer" -B "$scratch/consumer/$1" -DCMAKE_PREFIX_PATH="$prefix" \
            -DCMAKE_C_COMPILER="$CC" -DCMAKE_C_FLAGS="$flags"
        cmake --build "$scratch/consumer/$1"
    } >"$scratch/log" 2>&1 || { cat "$scratch/log" >&2; fail "the component $1 failed"; }
    run_example "$scratch/consumer/$1/with-$1"
    nm -D --defined-only "$library_dir/libcertenroll-$1.so" | grep -v -e " $shown\.[0-9]" \
        -e " certenroll_$1_[a-z0-9_]*@@$shown\.[0-9]\$" &&
        fail "the component $1 exports what is not its own"
    return 0
}

component ra collect.c "" ""
ldd "$library" | grep jansson && fail "the library links jansson"
if [ -e "$library_dir/libcertenroll-libp11.so" ]; then
    component libp11 libp11.c libcrypto "p11 crypto"
    ldd "$library" | grep libp11.so && fail "the library links libp11"
else
    [ ! -e "$prefix/include/certenroll/libp11.h" ] || fail "a header without its library"
fi

# --- symbols ---
ldd "$library" | grep libcurl && fail "the library links libcurl, which is loaded on first use"

nm -D --defined-only "$library" >"$scratch/symbols"
grep -q 'certenroll_version@@CERTENROLL_0\.1$' "$scratch/symbols" || fail "no versioned symbols"
if grep -v -e ' certenroll_[a-z0-9_]*@@CERTENROLL_0\.1$' -e ' CERTENROLL_0\.1' "$scratch/symbols"; then
    fail "the library exports what is not its own"
fi

# --- headers: each by itself, in C and C++, with the initialisers of its option structs ---
initialisers() {
    sed -n 's/^#define \(CERTENROLL_[A-Z_]*\)_INIT\( .*\)*$/\1/p' "$1" | while read -r macro; do
        type=$(echo "$macro" | tr '[:upper:]' '[:lower:]')
        echo "extern $type ${type}_value; $type ${type}_value = ${macro}_INIT;"
    done
}

for header in "$prefix"/include/certenroll/*.h; do
    name=${header##*/}
    { echo "#include <certenroll/$name>"; initialisers "$header"; } >"$scratch/alone.c"
    "$CC" -std=c11 -Wall -Wextra -Wpedantic -Werror -fsyntax-only -I"$prefix/include" \
        "$scratch/alone.c" || fail "<certenroll/$name> alone is not C11"
    command -v g++ >/dev/null || continue
    g++ -x c++ -std=c++11 -Wall -Wextra -Wpedantic -Werror -fsyntax-only -I"$prefix/include" \
        "$scratch/alone.c" || fail "<certenroll/$name> alone is not C++11"
done

# --- moved: programs and library find their catalogues from where they lie ---

moved=$scratch/moved
mv "$prefix" "$moved"
catalogues=$(find "$moved" -name ja -type d -path '*/locale/ja')
[ -n "$catalogues" ] || fail "no catalogues"
# in_japanese ARGUMENT...: what certenroll says then
in_japanese() {
    LD_LIBRARY_PATH=$moved/${library_dir#"$prefix"/} LC_ALL=ja_JP.UTF-8 \
        "$moved/bin/certenroll" "$@" >"$scratch/said" 2>&1 || :
}
# speaks: the tools, whose usage is not "Usage", and the library, whose module is not there.
speaks() {
    in_japanese list --help
    grep -q '使い方' "$scratch/said" || return 1
    in_japanese list --module /nonexistent
    grep -q 'PKCS#11 モジュール /nonexistent' "$scratch/said"
}
speaks || fail "it has no Japanese where it was moved to: $(cat "$scratch/said")"
mv "$catalogues" "$scratch/away"
# Where it is installed on this computer, too, that one's catalogues are the next.
if [ ! -e "$(cached CMAKE_INSTALL_PREFIX)/share/locale/ja/LC_MESSAGES/certenroll.mo" ]; then
    in_japanese list --help
    grep -q '^Usage' "$scratch/said" || fail "it speaks without its catalogues: $(cat "$scratch/said")"
    in_japanese list --module /nonexistent
    grep -q 'PKCS#11 module /nonexistent' "$scratch/said" ||
        fail "the library speaks without its catalogues: $(cat "$scratch/said")"
fi
