# SPDX-License-Identifier: Apache-2.0
# The msgids of a .pot file (the second one) that stand at one of the places in the first.
FNR == NR { places[$0]; next }
/^#: / {
    for (i = 2; i <= NF; i++)
        wanted = wanted || $i in places
}
/^msgid / {
    text = substr($0, 8, length($0) - 8)
    more = text == ""
    next
}
more && /^"/ { text = text substr($0, 2, length($0) - 2); next }
/^msgstr/ {
    if (wanted && text != "")
        print text
    wanted = more = 0
}
