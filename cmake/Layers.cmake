# The layers of lib/, and which may see which.
#
# Each layer is an OBJECT library whose include path holds its own headers and those of the layers
# it may see, and no others: `#include "token/key.h"` in x509/ does not compile, because x509 never
# gets token's directory. (The directories on the include path hold generated one-line headers,
# because "lib/" itself on the path would open every layer to every other.)

# certenroll_layer(NAME [SEES layer...] [LINKS target...] SOURCES file...)
function(certenroll_layer name)
    cmake_parse_arguments(ARG "" "" "SEES;LINKS;SOURCES" ${ARGN})
    set(source_dir "${CMAKE_CURRENT_SOURCE_DIR}/${name}")
    list(TRANSFORM ARG_SOURCES PREPEND "${source_dir}/")
    file(GLOB headers CONFIGURE_DEPENDS "${source_dir}/*.h")

    certenroll_refuse_climbing(${ARG_SOURCES} ${headers})
    foreach(header IN LISTS headers)
        get_filename_component(file "${header}" NAME)
        file(CONFIGURE OUTPUT "${CMAKE_CURRENT_BINARY_DIR}/layers/${name}/${name}/${file}"
             CONTENT "#include \"${header}\"\n" @ONLY)
    endforeach()

    add_library(layer_${name} OBJECT ${ARG_SOURCES})
    target_compile_options(layer_${name} PRIVATE ${CERTENROLL_WARNINGS})
    target_include_directories(layer_${name} PRIVATE
        "${CMAKE_CURRENT_BINARY_DIR}/layers/${name}" "${CERTENROLL_PUBLIC_INCLUDE}")
    foreach(seen IN LISTS ARG_SEES)
        target_include_directories(layer_${name} PRIVATE
            "${CMAKE_CURRENT_BINARY_DIR}/layers/${seen}")
    endforeach()
    target_link_libraries(layer_${name} PRIVATE ${ARG_LINKS})
    set_property(GLOBAL APPEND PROPERTY CERTENROLL_LAYERS layer_${name})
endfunction()

# A path that climbs ("../token/key.h") would step around the rule.
function(certenroll_refuse_climbing)
    foreach(file IN LISTS ARGN)
        set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${file}")
        file(STRINGS "${file}" climbing REGEX "^[ \t]*#[ \t]*include.*\\.\\./")
        if(climbing)
            message(FATAL_ERROR "${file}: an include may not climb out of its layer: ${climbing}")
        endif()
    endforeach()
endfunction()
