# SPDX-License-Identifier: Apache-2.0
# FILE:LINE for each line of C where a text is an advice: within the parentheses of a call of
# certenroll_error_advise(), and within a table whose texts are given to it.
FNR == 1 { depth = 0; table = 0 }
FILENAME == "lib/context/status.c" && /^static const struct status_row rows/ { table = 1 }
FILENAME == "tools/certenroll/tool.c" && /^} remedies\[\]/ { table = 1 }
/^};/ { table = 0 }
{
    line = $0
    if (depth == 0 && (at = index(line, "certenroll_error_advise(")) > 0) {
        line = substr(line, at + length("certenroll_error_advise"))
        calls = 1
    }
    if (depth > 0 || calls) {
        print FILENAME ":" FNR
        gsub(/"([^"\\]|\\.)*"/, "", line)
        depth += gsub(/\(/, "", line) - gsub(/\)/, "", line)
        calls = 0
    } else if (table) {
        print FILENAME ":" FNR
    }
}
