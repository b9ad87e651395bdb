# Warnings, hardening and sanitizers, for every target of ours.
include(CheckCCompilerFlag)
include(CheckPIESupported)
check_pie_supported()

set(CERTENROLL_WARNINGS -Wall -Wextra -Wconversion -Wshadow -Wformat=2 -Wstrict-prototypes
    -Wmissing-prototypes -Wvla -Wundef)
if(CERTENROLL_WERROR)
    list(APPEND CERTENROLL_WARNINGS -Werror)
endif()

if(CERTENROLL_SANITIZE)
    add_compile_options(-fsanitize=${CERTENROLL_SANITIZE} -fno-omit-frame-pointer
                        -fno-sanitize-recover=all)
    add_link_options(-fsanitize=${CERTENROLL_SANITIZE})
else()
    # _FORTIFY_SOURCE and the sanitizers' interceptors do not mix.
    add_compile_options(-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -fstack-protector-strong)
    foreach(flag -fstack-clash-protection -fcf-protection)
        string(MAKE_C_IDENTIFIER "HAVE${flag}" have)
        check_c_compiler_flag(${flag} ${have})
        if(${have})
            add_compile_options(${flag})
        endif()
    endforeach()
    add_link_options(LINKER:-z,relro LINKER:-z,now LINKER:-z,noexecstack)
    set(CMAKE_C_FLAGS_RELWITHDEBINFO "-O2 -g")
endif()
