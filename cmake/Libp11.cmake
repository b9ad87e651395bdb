# The component for programs that are built on libp11 (lib/bridge): made where libp11 is, unless it is
# wanted or not wanted by name.
set(CERTENROLL_LIBP11 AUTO CACHE STRING "Build libcertenroll-libp11: AUTO, ON or OFF")
set_property(CACHE CERTENROLL_LIBP11 PROPERTY STRINGS AUTO ON OFF)

set(CERTENROLL_WITH_LIBP11 OFF)
if(CERTENROLL_LIBP11 STREQUAL "AUTO")
    pkg_check_modules(LIBP11 IMPORTED_TARGET libp11>=0.4.12)
elseif(CERTENROLL_LIBP11)
    pkg_check_modules(LIBP11 REQUIRED IMPORTED_TARGET libp11>=0.4.12)
endif()
if(CERTENROLL_LIBP11 AND LIBP11_FOUND)
    set(CERTENROLL_WITH_LIBP11 ON)
else()
    message(STATUS "Without libcertenroll-libp11: libp11 is missing, or CERTENROLL_LIBP11 is OFF")
endif()
