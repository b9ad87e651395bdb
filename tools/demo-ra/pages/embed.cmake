# SPDX-License-Identifier: Apache-2.0
# cmake -DOUTPUT=FILE.c -DASSETS=NAME=FILE,... -P embed.cmake: files as arrays of C, asset_NAME and
# asset_NAME_length.
set(text "#include <stddef.h>\n")
string(REPLACE "," ";" ASSETS "${ASSETS}")
foreach(asset IN LISTS ASSETS)
    string(REGEX MATCH "^([a-z_]+)=(.+)$" matched "${asset}")
    set(name "${CMAKE_MATCH_1}")
    file(READ "${CMAKE_MATCH_2}" bytes HEX)
    string(REGEX REPLACE "(..)" "0x\\1," bytes "${bytes}")
    string(APPEND text "extern const unsigned char asset_${name}[];\n"
        "extern const size_t asset_${name}_length;\n"
        "const unsigned char asset_${name}[] = { ${bytes} };\n"
        "const size_t asset_${name}_length = sizeof(asset_${name});\n")
endforeach()
file(WRITE "${OUTPUT}" "${text}")
