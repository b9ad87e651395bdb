/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "x509/name.h"
#include "x509/request.h"

#include <stdio.h>
#include <stdlib.h>

/* --- distinguished names --- */

static X509_NAME *parse(const char *text)
{
    certenroll_error *error = NULL;
    X509_NAME *name = NULL;

    assert_ok(ce_name_parse(&name, text, &error), error);
    return name;
}

static void assert_formats(const char *text, const char *expected)
{
    certenroll_error *error = NULL;
    X509_NAME *name = parse(text);
    char *written = NULL;

    assert_ok(ce_name_format(&written, name, &error), error);
    assert_string_equal(written, expected);
    free(written);
    X509_NAME_free(name);
}

static void round_trips(void **state)
{
    static const char *const names[] = {
        "CN=Suzuki,O=Example,C=JP",
        "CN=鈴木 太郎,O=例,C=JP",
        "CN=a\\,b\\+c\\\"d\\\\e\\<f\\>g\\;h",
        "CN=\\ lead and trail\\ ",
        "CN=\\#not BER",
        "CN=a=b",
        "CN=double  space",
        "emailAddress=a@example.com,serialNumber=42,street=Main St 1,ST=Tokyo,L=Minato",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        assert_formats(names[i], names[i]);
}

static void accepts_other_spellings(void **state)
{
    (void)state;
    assert_formats("cn=a , o = b,  commonname=c", "CN=a,O=b,CN=c");
    assert_formats("2.5.4.3=a,2.5.4.10=b", "CN=a,O=b");
    /* The attributes of one RDN are a set (X.501), which OpenSSL writes from its end. */
    assert_formats("UID=1+CN=Two in one,DC=example", "CN=Two in one+UID=1,DC=example");
}

static void unescapes(void **state)
{
    (void)state;
    assert_formats("CN=\\41\\e9\\88\\B4", "CN=A鈴");
    assert_formats("CN=a\\2Cb", "CN=a\\,b");
    assert_formats("CN=a\\=b\\ c", "CN=a=b c");
    assert_formats("CN=#0C03616263", "CN=abc");
    assert_formats("1.2.3.4=#0C03616263,CN=x", "1.2.3.4=#0C03616263,CN=x");
}

static void is_in_der_order(void **state)
{
    X509_NAME *name = parse("CN=a+UID=b,OU=c,C=JP");
    static const int nids[] = { NID_countryName, NID_organizationalUnitName, NID_commonName,
                                NID_userId };

    (void)state;
    assert_int_equal(X509_NAME_entry_count(name), 4);
    for (int i = 0; i < 4; i++) {
        X509_NAME_ENTRY *entry = X509_NAME_get_entry(name, i);

        assert_int_equal(OBJ_obj2nid(X509_NAME_ENTRY_get_object(entry)), nids[i]);
        assert_int_equal(X509_NAME_ENTRY_set(entry), i < 3 ? i : 2);
    }
    X509_NAME_free(name);
}

static void chooses_string_types(void **state)
{
    X509_NAME *name = parse("CN=a,emailAddress=a@b,DC=c,serialNumber=1,C=JP");
    static const int types[] = { V_ASN1_PRINTABLESTRING, V_ASN1_PRINTABLESTRING, V_ASN1_IA5STRING,
                                 V_ASN1_IA5STRING, V_ASN1_UTF8STRING };

    (void)state;
    for (int i = 0; i < 5; i++)
        assert_int_equal(ASN1_STRING_type(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, i))),
                         types[i]);
    X509_NAME_free(name);
}

static void refuse(const char *text, const char *clause)
{
    certenroll_error *error = NULL;
    X509_NAME *name = NULL;
    int status = ce_name_parse(&name, text, &error);

    if (status != CERTENROLL_E_ARGUMENT || !strstr(certenroll_error_message(error), clause))
        fail_msg("\"%s\": %d, %s; \"%s\" was expected", text, status,
                 certenroll_error_message(error), clause);
    assert_null(name);
    certenroll_error_free(error);
}

static void refuses_what_is_wrong(void **state)
{
    static const struct {
        const char *text;
        const char *clause;
    } wrong[] = {
        { "", "character 1: an attribute type" },
        { "CN=a,", "character 6: an attribute type" },
        { "CN=a,,O=b", "character 6: an attribute type" },
        { ",CN=a", "character 1: an attribute type" },
        { "CN", "character 3: \"=\" is missing" },
        { "鈴=a", "character 1: an attribute type" },
        { "CN=鈴,XYZ=a", "character 6: the attribute type is not known" },
        { "99.1=a", "character 1: the attribute type is not known" },
        { "1.2.=a", "character 1: the attribute type is not known" },
        { "CN=", "character 4: the value is empty" },
        { "CN=  ,O=b", "character 6: the value is empty" },
        { "CN=#0C00", "character 4: the value is empty" },
        { "CN=a\\", "character 5: \"\\\" is not followed" },
        { "CN=a\\z", "character 5: \"\\\" is not followed" },
        { "CN=a\\4", "character 5: \"\\\" is not followed" },
        { "CN=a\\00b", "character 5: a value may not hold" },
        { "CN=#0C0100", "character 4: the \"#\" value" },
        { "CN=a;O=b", "character 5: this character needs" },
        { "CN=\"a\"", "character 4: this character needs" },
        { "CN=a<b", "character 5: this character needs" },
        { "CN=#0C0361626", "character 13: a \"#\" value takes" },
        { "CN=#0C0361", "character 4: the \"#\" value is not" },
        { "CN=#0C01616162", "character 4: the \"#\" value is not" },
        { "CN=#020101", "character 4: the \"#\" value is not" },
        { "CN=#3000", "character 4: the \"#\" value is not" },
        { "CN=#", "character 4: the \"#\" value is not" },
        { "CN=\\ff", "character 4: the value is not UTF-8" },
        { "CN=\\c0\\af", "character 4: the value is not UTF-8" },
        { "CN=\\ed\\a0\\80", "character 4: the value is not UTF-8" },
        { "CN=\xe9\x88", "character 4: the value is not UTF-8" },
        { "C=Japan", "character 3: the value is longer" },
        { "C=J", "character 3: the value is longer" },
        { "serialNumber=番号", "character 14: the value has characters" },
        { "DC=例", "character 4: the value has characters" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        refuse(wrong[i].text, wrong[i].clause);
}

/* "CN=xxx..." with `count` of the same character. */
static char *repeat(const char *before, const char *unit, size_t count)
{
    size_t size = strlen(unit), start = strlen(before);
    char *text = malloc(start + size * count + 1);

    assert_non_null(text);
    memcpy(text, before, start);
    for (size_t i = 0; i < count; i++)
        memcpy(text + start + i * size, unit, size);
    text[start + size * count] = '\0';
    return text;
}

static void keeps_bounds(void **state)
{
    char *just = repeat("CN=", "a", 64), *over = repeat("CN=", "a", 65);
    char *rdns = repeat("CN=a", ",CN=a", 31), *more = repeat("CN=a", ",CN=a", 32);
    char *joined = repeat("CN=a", "+CN=a", 64);
    char *longest = repeat("CN=a,description=", "\\41", 1024);
    char *long_type = repeat("", "A", 64);
    char *too_long = repeat("CN=", "a", 4094);

    (void)state;
    X509_NAME_free(parse(just));
    X509_NAME_free(parse(rdns));
    X509_NAME_free(parse(longest));
    refuse(over, "longer or shorter");
    refuse(more, "more than 32");
    refuse(joined, "too many attributes");
    refuse(long_type, "too long");
    refuse(too_long, "longer than 4096 bytes");
    free(just);
    free(over);
    free(rdns);
    free(more);
    free(joined);
    free(longest);
    free(long_type);
    free(too_long);
}

/* A name as a hostile CA might make it, which our own parser would refuse. */
static X509_NAME *raw_name(int nid, int type, const char *bytes, int length)
{
    X509_NAME *name = X509_NAME_new();

    assert_non_null(name);
    assert_int_equal(
        X509_NAME_add_entry_by_NID(name, nid, type, (const unsigned char *)bytes, length, -1, 0),
        1);
    return name;
}

static void neutralises_what_acts_on_a_display(void **state)
{
    static const char hostile[] = "a\x1b[31m\nb\xe2\x80\xae"
                                  "c\xc2\x9b"
                                  "d";
    X509_NAME *name = raw_name(NID_commonName, V_ASN1_UTF8STRING, hostile, sizeof(hostile) - 1);
    certenroll_error *error = NULL;
    char *text = NULL;

    (void)state;
    assert_ok(ce_name_format(&text, name, &error), error);
    assert_string_equal(text, "CN=a\\1B[31m\\0Ab?c?d");
    free(text);
    assert_ok(ce_name_common_name(&text, name, &error), error);
    assert_null(strpbrk(text, "\x1b\n"));
    assert_null(strstr(text, "\xe2\x80\xae"));
    free(text);
    assert_ok(ce_name_common_name_plain(&text, name, &error), error);
    assert_memory_equal(text, hostile, sizeof(hostile));
    free(text);
    X509_NAME_free(name);
}

static void survives_malformed_strings(void **state)
{
    X509_NAME *name = raw_name(NID_commonName, V_ASN1_UTF8STRING, "\xff\xfe", 2);
    certenroll_error *error = NULL;
    char *text = NULL;

    (void)state;
    assert_ok(ce_name_format(&text, name, &error), error);
    assert_string_equal(text, "CN=??");
    free(text);
    assert_ok(ce_name_common_name(&text, name, &error), error);
    assert_string_equal(text, "");
    free(text);
    X509_NAME_free(name);
}

/* It would pass for the name before the NUL. */
static void a_common_name_with_nul_is_none(void **state)
{
    X509_NAME *name = raw_name(NID_commonName, V_ASN1_UTF8STRING, "a\0b", 3);
    certenroll_error *error = NULL;
    char *text = NULL;

    (void)state;
    assert_ok(ce_name_common_name_plain(&text, name, &error), error);
    assert_string_equal(text, "");
    free(text);
    X509_NAME_free(name);
}

static void finds_the_most_specific_common_name(void **state)
{
    X509_NAME *name = parse("UID=1,CN=Suzuki,CN=Group,O=Example");
    X509_NAME *none = parse("O=Example");
    certenroll_error *error = NULL;
    char *text = NULL;

    (void)state;
    assert_ok(ce_name_common_name(&text, name, &error), error);
    assert_string_equal(text, "Suzuki");
    free(text);
    assert_ok(ce_name_common_name_plain(&text, name, &error), error);
    assert_string_equal(text, "Suzuki");
    free(text);
    assert_ok(ce_name_common_name_plain(&text, none, &error), error);
    assert_string_equal(text, "");
    free(text);
    assert_ok(ce_name_common_name(&text, none, &error), error);
    assert_string_equal(text, "");
    free(text);
    X509_NAME_free(name);
    X509_NAME_free(none);
}

/* --- alternative names --- */

static void alt_names_round_trip(void **state)
{
    static const struct {
        const char *text;
        const char *shown;
    } names[] = {
        { "dns:pc1.example.com", "dns:pc1.example.com" },
        { "dns:*.example.com", "dns:*.example.com" },
        { "dns:xn--fsq.example", "dns:xn--fsq.example" },
        { "email:suzuki.t+x@example.com", "email:suzuki.t+x@example.com" },
        { "ip:192.0.2.1", "ip:192.0.2.1" },
        { "ip:2001:db8::1", "ip:2001:db8:0:0:0:0:0:1" },
        { "uri:urn:uuid:f81d4fae-7dec", "uri:urn:uuid:f81d4fae-7dec" },
        { "uri:https://example.com/a?b=c,d", "uri:https://example.com/a?b=c,d" },
        { "upn:鈴木@example.com", "upn:鈴木@example.com" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        certenroll_error *error = NULL;
        GENERAL_NAME *name = NULL;
        char shown[128];

        assert_ok(ce_alt_name_parse(&name, names[i].text, &error), error);
        ce_alt_name_describe(shown, sizeof(shown), name);
        assert_string_equal(shown, names[i].shown);
        GENERAL_NAME_free(name);
    }
}

static void alt_names_are_refused(void **state)
{
    static const char *const wrong[] = {
        "",           "dns",           "DNS:a.example", "dns:",           "dns:a..b",
        "dns:.a",     "dns:a.",        "dns:-a",        "dns:a-",         "dns:a b",
        "dns:a_b",    "dns:a,dns:b",   "dns:*",         "dns:*.",         "dns:a.*.b",
        "dns:a*.b",   "dns:例.jp",     "dns:a\nb",      "email:",         "email:a",
        "email:@b",   "email:a@",      "email:a@b@c",   "email:a b@c",    "email:鈴木@c",
        "email:.a@b", "email:a.@b",    "email:a@b,c",   "email:a@-b",     "ip:",
        "ip:1.2.3",   "ip:1.2.3.256",  "ip:1.2.3.4/8",  "ip:g::1",        "ip:example",
        "uri:",       "uri:nothing",   "uri:a:",        "uri:1a:b",       "uri:a: b",
        "uri::b",     "uri:http://例", "upn:",          "upn:\xff@x",     "rid:1.2.3",
        "uri:a:\"b",  "dirname:x",     "otherName:1",   "email:a@b.c\r\n"
    };

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        certenroll_error *error = NULL;
        GENERAL_NAME *name = NULL;

        if (ce_alt_name_parse(&name, wrong[i], &error) != CERTENROLL_E_ARGUMENT || name)
            fail_msg("\"%s\" was taken", wrong[i]);
        assert_true(certenroll_error_why(error)[0] != '\0');
        certenroll_error_free(error);
    }
}

static void alt_names_have_bounds(void **state)
{
    char *label = repeat("dns:", "a", 64), *name = repeat("dns:a", ".abcdefghi", 26);
    char *local = repeat("email:", "a", 65);
    char *texts[3] = { label, name, local };

    (void)state;
    strcpy(local + strlen(local) - 2, "@b"); /* 63 characters and a host: fits */
    for (int i = 0; i < 3; i++) {
        certenroll_error *error = NULL;
        GENERAL_NAME *parsed = NULL;
        int status = ce_alt_name_parse(&parsed, texts[i], &error);

        assert_int_equal(status, i < 2 ? CERTENROLL_E_ARGUMENT : CERTENROLL_OK);
        certenroll_error_free(error);
        GENERAL_NAME_free(parsed);
        free(texts[i]);
    }
}

static int same(const char *a, const char *b)
{
    certenroll_error *error = NULL;
    GENERAL_NAME *left = NULL, *right = NULL;
    int result;

    assert_ok(ce_alt_name_parse(&left, a, &error), error);
    assert_ok(ce_alt_name_parse(&right, b, &error), error);
    result = ce_alt_name_same(left, right);
    GENERAL_NAME_free(left);
    GENERAL_NAME_free(right);
    return result;
}

static void alt_names_are_compared(void **state)
{
    (void)state;
    assert_true(same("dns:A.Example", "dns:a.example"));
    assert_false(same("dns:a.example", "dns:a.exampl"));
    assert_false(same("dns:a.example", "uri:a:a.example"));
    assert_true(same("email:a@B.example", "email:a@b.example"));
    assert_false(same("email:A@b.example", "email:a@b.example"));
    assert_false(same("uri:a:B", "uri:a:b"));
    assert_true(same("ip:2001:db8::1", "ip:2001:DB8:0::1"));
    assert_true(same("upn:a@b", "upn:a@b"));
    assert_false(same("upn:a@b", "upn:a@c"));
    assert_false(same("upn:a@b", "email:a@b"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(round_trips),
        cmocka_unit_test(accepts_other_spellings),
        cmocka_unit_test(unescapes),
        cmocka_unit_test(is_in_der_order),
        cmocka_unit_test(chooses_string_types),
        cmocka_unit_test(refuses_what_is_wrong),
        cmocka_unit_test(keeps_bounds),
        cmocka_unit_test(neutralises_what_acts_on_a_display),
        cmocka_unit_test(survives_malformed_strings),
        cmocka_unit_test(a_common_name_with_nul_is_none),
        cmocka_unit_test(finds_the_most_specific_common_name),
        cmocka_unit_test(alt_names_round_trip),
        cmocka_unit_test(alt_names_are_refused),
        cmocka_unit_test(alt_names_have_bounds),
        cmocka_unit_test(alt_names_are_compared),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
