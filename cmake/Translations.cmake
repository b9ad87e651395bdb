# Message catalogues: lib/locale is the library's ("certenroll"), tools/locale the tools'
# ("certenroll-tools"). The target `pot` extracts the texts anew and brings every .po file up to
# date; tests/interop/translations.sh fails while one lacks a text.
find_program(MSGFMT msgfmt REQUIRED)
find_program(MSGMERGE msgmerge)
find_program(XGETTEXT xgettext)

# certenroll_catalogue(DOMAIN FOLDER): FOLDER/**/*.c and FOLDER/locale/<language>.po
function(certenroll_catalogue domain folder)
    set(base "${PROJECT_SOURCE_DIR}/${folder}")
    set(pot "${PROJECT_BINARY_DIR}/locale/${domain}.pot")
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS RELATIVE "${PROJECT_SOURCE_DIR}" "${base}/*.c")
    file(GLOB translations CONFIGURE_DEPENDS "${base}/locale/*.po")
    list(SORT sources)

    set(catalogues)
    set(merge)
    foreach(po IN LISTS translations)
        get_filename_component(language "${po}" NAME_WE)
        set(folder_mo "${PROJECT_BINARY_DIR}/locale/${language}/LC_MESSAGES")
        add_custom_command(OUTPUT "${folder_mo}/${domain}.mo"
            COMMAND ${CMAKE_COMMAND} -E make_directory "${folder_mo}"
            COMMAND ${MSGFMT} --check -o "${folder_mo}/${domain}.mo" "${po}"
            DEPENDS "${po}" VERBATIM)
        list(APPEND catalogues "${folder_mo}/${domain}.mo")
        list(APPEND merge COMMAND ${MSGMERGE} --quiet --update --backup=none --width=100 "${po}" "${pot}")
        install(FILES "${folder_mo}/${domain}.mo"
            DESTINATION "${CMAKE_INSTALL_LOCALEDIR}/${language}/LC_MESSAGES")
    endforeach()
    add_custom_target(translations_${domain} ALL DEPENDS ${catalogues})

    if(XGETTEXT AND MSGMERGE)
        add_custom_target(pot_${domain}
            COMMAND ${CMAKE_COMMAND} -E make_directory "${PROJECT_BINARY_DIR}/locale"
            COMMAND ${XGETTEXT} ${XGETTEXT_FLAGS} --package-name=certenroll -o "${pot}" ${sources}
            ${merge}
            WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}" VERBATIM)
        add_dependencies(pot pot_${domain})
    endif()
endfunction()

set(XGETTEXT_FLAGS --language=C --from-code=UTF-8 --keyword=_ --keyword=N_ --add-comments=TRANSLATORS
    --no-location --sort-by-file)
add_custom_target(pot)
certenroll_catalogue(certenroll lib)
certenroll_catalogue(certenroll-tools tools)
