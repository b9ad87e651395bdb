# The API's manual pages, generated from the docstrings of the public headers (man-pages.awk).
find_program(AWK NAMES awk mawk gawk original-awk REQUIRED)

file(GLOB public_headers CONFIGURE_DEPENDS "${CERTENROLL_PUBLIC_INCLUDE}/certenroll/*.h")
if(NOT CERTENROLL_WITH_LIBP11)
    list(FILTER public_headers EXCLUDE REGEX "/libp11\\.h$")
endif()
set(CERTENROLL_MAN3_DIR "${PROJECT_BINARY_DIR}/man/man3")
add_custom_command(OUTPUT "${PROJECT_BINARY_DIR}/man/man3.stamp"
    COMMAND ${CMAKE_COMMAND} -E rm -rf "${CERTENROLL_MAN3_DIR}"
    COMMAND ${CMAKE_COMMAND} -E make_directory "${CERTENROLL_MAN3_DIR}"
    COMMAND ${AWK} -v "outdir=${CERTENROLL_MAN3_DIR}" -v "version=${PROJECT_VERSION}"
            -v "date=${CERTENROLL_RELEASE_DATE}"
            -f "${PROJECT_SOURCE_DIR}/cmake/man-pages.awk" ${public_headers}
    COMMAND ${CMAKE_COMMAND} -E touch "${PROJECT_BINARY_DIR}/man/man3.stamp"
    DEPENDS ${public_headers} "${PROJECT_SOURCE_DIR}/cmake/man-pages.awk"
    COMMENT "Generating the API's manual pages"
    VERBATIM)
add_custom_target(man_pages ALL DEPENDS "${PROJECT_BINARY_DIR}/man/man3.stamp")
