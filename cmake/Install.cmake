# What `cmake --install` gives to programs that use the library: the library, its headers, the
# pkg-config file, the CMake package, the manual pages and the documents. The tools install
# themselves (tools/).
include(CMakePackageConfigHelpers)

set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/certenroll")

install(TARGETS certenroll EXPORT certenroll
    LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}"
    INCLUDES DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
install(DIRECTORY "${CERTENROLL_PUBLIC_INCLUDE}/certenroll"
    DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}" FILES_MATCHING PATTERN "*.h"
    REGEX "/(libp11|ra|ra_json)\\.h$" EXCLUDE)
install(DIRECTORY "${CERTENROLL_MAN3_DIR}" DESTINATION "${CMAKE_INSTALL_MANDIR}")

# The prefix is told from where the file lies, so that `cmake --install --prefix` may move it.
set(pkgconfig_dir "${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig")
file(RELATIVE_PATH PREFIX_FROM_PKGCONFIG "${pkgconfig_dir}" "${CMAKE_INSTALL_PREFIX}")
string(REGEX REPLACE "/$" "" PREFIX_FROM_PKGCONFIG "${PREFIX_FROM_PKGCONFIG}")
configure_file("${PROJECT_SOURCE_DIR}/cmake/certenroll.pc.in" certenroll.pc @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/certenroll.pc"
    DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")

# What has dependencies of its own is a component: find_package(certenroll COMPONENTS ra).
function(certenroll_install_component name)
    list(TRANSFORM ARGN PREPEND "${CERTENROLL_PUBLIC_INCLUDE}/certenroll/")
    install(FILES ${ARGN} DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/certenroll")
    install(TARGETS certenroll_${name} EXPORT certenroll-${name}
        LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}")
    configure_file("${PROJECT_SOURCE_DIR}/cmake/certenroll-${name}.pc.in" certenroll-${name}.pc @ONLY)
    install(FILES "${PROJECT_BINARY_DIR}/certenroll-${name}.pc"
        DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
    install(EXPORT certenroll-${name} NAMESPACE certenroll:: FILE certenroll-${name}-targets.cmake
        DESTINATION "${package_dir}")
endfunction()
certenroll_install_component(ra ra.h ra_json.h)
if(CERTENROLL_WITH_LIBP11)
    certenroll_install_component(libp11 libp11.h)
endif()

install(EXPORT certenroll NAMESPACE certenroll:: FILE certenrollTargets.cmake
    DESTINATION "${package_dir}")
configure_package_config_file("${PROJECT_SOURCE_DIR}/cmake/certenrollConfig.cmake.in"
    "${PROJECT_BINARY_DIR}/certenrollConfig.cmake" INSTALL_DESTINATION "${package_dir}")
write_basic_package_version_file("${PROJECT_BINARY_DIR}/certenrollConfigVersion.cmake"
    COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/certenrollConfig.cmake"
              "${PROJECT_BINARY_DIR}/certenrollConfigVersion.cmake"
    DESTINATION "${package_dir}")

file(GLOB documents "${PROJECT_SOURCE_DIR}/docs/*.md" "${PROJECT_SOURCE_DIR}/docs/*.svg")
install(FILES LICENSE NEWS README.md README.ja.md DESTINATION "${CMAKE_INSTALL_DOCDIR}")
install(FILES ${documents} DESTINATION "${CMAKE_INSTALL_DOCDIR}/docs")
install(DIRECTORY docs/examples DESTINATION "${CMAKE_INSTALL_DOCDIR}"
    FILES_MATCHING PATTERN "*.c")
