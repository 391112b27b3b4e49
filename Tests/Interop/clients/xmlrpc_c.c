// The xmlrpc-c library against a server: prints FEATURE, ok | n/a | FAILED, and the reason, between tabs.
// Values are compared as the library writes them, so that their types count.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xmlrpc-c/base.h>
#include <xmlrpc-c/client.h>

static xmlrpc_env env;
static const char *url, *password;

static void report(const char *feature, const char *limit) {
    if (env.fault_occurred) {
        printf("%s\tFAILED\t%d %.150s\n", feature, env.fault_code, env.fault_string);
    } else {
        printf("%s\t%s\t%s\n", feature, limit ? "n/a" : "ok", limit ? limit : "");
    }
    xmlrpc_env_clean(&env);
    xmlrpc_env_init(&env);
}

static char *written(xmlrpc_value *value) {
    xmlrpc_mem_block *block = XMLRPC_MEMBLOCK_NEW(char, &env, 0);
    xmlrpc_serialize_value(&env, block, value);
    XMLRPC_MEMBLOCK_APPEND(char, &env, block, "", 1);
    char *text = strdup(XMLRPC_MEMBLOCK_CONTENTS(char, block));
    XMLRPC_MEMBLOCK_FREE(char, block);
    return text;
}

static void expect(xmlrpc_value *got, xmlrpc_value *want) {
    if (env.fault_occurred) return;
    char *left = written(got), *right = written(want);
    if (!env.fault_occurred && strcmp(left, right) != 0)
        xmlrpc_env_set_fault_formatted(&env, 1, "%.100s where %.100s was expected", left, right);
    free(left);
    free(right);
}

// Consumes the parameters and what is expected.
static void call(const char *method, xmlrpc_value *parameters, xmlrpc_value *want) {
    if (env.fault_occurred) return;
    xmlrpc_server_info *server = xmlrpc_server_info_new(&env, url);
    if (password) {
        xmlrpc_server_info_set_user(&env, server, "mr", password);
        xmlrpc_server_info_allow_auth_basic(&env, server);
    }
    xmlrpc_value *got = xmlrpc_client_call_server_params(&env, server, method, parameters);
    xmlrpc_server_info_free(server);
    xmlrpc_DECREF(parameters);
    if (env.fault_occurred) return;
    if (want) {
        expect(got, want);
        xmlrpc_DECREF(want);
    }
    xmlrpc_DECREF(got);
}

static xmlrpc_value *parse(const char *content) {
    if (env.fault_occurred) return NULL;
    xmlrpc_value *value = NULL;
    char *document;
    if (asprintf(&document, "<?xml version=\"1.0\"?><methodResponse><params><param><value>%s</value></param></params>"
                            "</methodResponse>", content) < 0) exit(1);
    int fault_code;
    const char *fault_string;
    xmlrpc_parse_response2(&env, document, strlen(document), &value, &fault_code, &fault_string);
    free(document);
    return value;
}

// An array of one value, written as XML-RPC has it.
static xmlrpc_value *parameters(const char *content) {
    char *text;
    if (asprintf(&text, "<array><data><value>%s</value></data></array>", content) < 0) exit(1);
    xmlrpc_value *array = parse(text);
    free(text);
    return array;
}

static void same(const char *content) { call("test.echo", parameters(content), parse(content)); }

static void expect_fault(const char *method, xmlrpc_value *values, int code, const char *text) {
    call(method, values, NULL);
    int good = env.fault_occurred && env.fault_code == code && (!text || strstr(env.fault_string, text));
    char problem[200];
    snprintf(problem, sizeof problem, "fault %d %.100s came", env.fault_code,
             env.fault_string ? env.fault_string : "none");
    xmlrpc_env_clean(&env);
    xmlrpc_env_init(&env);
    if (!good) xmlrpc_env_set_fault(&env, 1, problem);
}

#define MEMBER(name, value) "<member><name>" name "</name><value>" value "</value></member>"
#define INT(number) "<i4>" #number "</i4>"
#define STOOGES(curly) "<struct>" MEMBER("curly", INT(curly)) MEMBER("larry", INT(2)) MEMBER("moe", INT(1)) "</struct>"

// Items of one array; nothing when something has failed before, as everything here.
static xmlrpc_value *array(int count, xmlrpc_value *(*item)(int number)) {
    if (env.fault_occurred) return NULL;
    xmlrpc_value *items = xmlrpc_array_new(&env);
    for (int number = 0; number < count; number++) {
        xmlrpc_value *value = item(number);
        xmlrpc_array_append_item(&env, items, value);
        xmlrpc_DECREF(value);
    }
    return items;
}

static xmlrpc_value *number_item(int number) { return xmlrpc_int_new(&env, number); }

static xmlrpc_value *text_item(int number) { return xmlrpc_string_new(&env, number == 149 ? "last" : "first"); }

// An array of one parameter; consumes it.
static xmlrpc_value *alone(xmlrpc_value *value) {
    if (env.fault_occurred) return NULL;
    xmlrpc_value *values = xmlrpc_build_value(&env, "(V)", value);
    xmlrpc_DECREF(value);
    return values;
}

static void validator1(void) {
    call("validator1.arrayOfStructsTest",
         parameters("<array><data><value>" STOOGES(3) "</value><value>" STOOGES(-4) "</value><value>" STOOGES(5)
                    "</value></data></array>"), parse(INT(4)));
    call("validator1.countTheEntities", parameters("<string>&lt;&lt;&gt;&amp;&amp;&amp;''\"</string>"),
         parse("<struct>" MEMBER("ctAmpersands", INT(3)) MEMBER("ctApostrophes", INT(2))
               MEMBER("ctLeftAngleBrackets", INT(2)) MEMBER("ctQuotes", INT(1)) MEMBER("ctRightAngleBrackets", INT(1))
               "</struct>"));
    call("validator1.easyStructTest", parameters(STOOGES(3)), parse(INT(6)));
    const char *nested = "<struct>" MEMBER("a", STOOGES(7)) "</struct>";
    call("validator1.echoStructTest", parameters(nested), parse(nested));
    const char *types =
        "<array><data><value><i4>7</i4></value><value><boolean>1</boolean></value><value><string>text</string></value>"
        "<value><double>2.5</double></value><value><dateTime.iso8601>20261121T14:08:55</dateTime.iso8601></value>"
        "<value><base64>eHl6</base64></value></data></array>";
    call("validator1.manyTypesTest", parse(types), parse(types));
    call("validator1.moderateSizeArrayCheck", alone(array(150, text_item)), parse("firstlast"));
    call("validator1.nestedStructTest",
         parameters("<struct>" MEMBER("2000", "<struct>" MEMBER("04", "<struct>" MEMBER("01", STOOGES(3)) "</struct>")
                    "</struct>") "</struct>"), parse(INT(6)));
    call("validator1.simpleStructReturnTest", parameters(INT(3)),
         parse("<struct>" MEMBER("times10", INT(30)) MEMBER("times100", INT(300)) MEMBER("times1000", INT(3000))
               "</struct>"));
    report("validator1", NULL);
}

static void big(void) {
    char *text = malloc(1000001);
    memset(text, 'x', 1000000);
    text[1000000] = 0;
    same(text);
    free(text);
    call("test.echo", alone(array(10000, number_item)), array(10000, number_item));
    report("big", NULL);
}

// From https://mr:PASSWORD@HOST to https://HOST: the library wants them by themselves.
static void take_credentials(void) {
    char *begin = strstr(url, "//mr:"), *at = begin ? strchr(begin, '@') : NULL;
    if (!at) return;
    password = strndup(begin + 5, at - begin - 5);
    char *text;
    if (asprintf(&text, "%.*s//%s", (int)(begin - url), url, at + 1) < 0) exit(1);
    url = text;
}

int main(int argc, char **argv) {
    url = argv[1];
    take_credentials();
    xmlrpc_env_init(&env);
    // Of the library's own, which is far below a document of 1 MB.
    xmlrpc_limit_set(XMLRPC_XML_SIZE_LIMIT_ID, 8 << 20);
    struct xmlrpc_curl_xportparms transport = {.cainfo = argc > 2 ? argv[2] : NULL};
    struct xmlrpc_clientparms client = {
        .transport = "curl", .transportparmsP = &transport, .transportparm_size = XMLRPC_CXPSIZE(cainfo)};
    xmlrpc_client_init2(&env, XMLRPC_CLIENT_NO_FLAGS, "interop", "1.0", &client, XMLRPC_CPSIZE(transportparm_size));
    validator1();
    same(INT(0)), same(INT(-1)), same(INT(2147483647)), same(INT(-2147483648));
    report("int", NULL);
    same("<boolean>1</boolean>"), same("<boolean>0</boolean>");
    report("boolean", NULL);
    same("<double>0.5</double>"), same("<double>-2.25</double>"), same("<double>-1234567.875</double>");
    report("double", NULL);
    same("plain"), same("  spaces  "), same("&lt;&amp;&gt;\"'"), same("]]&gt;"), same("&amp;amp;"), same("tab\tand\nline");
    report("string", NULL);
    same("grün"), same("日本語"), same("e\u0301");
    report("unicode", NULL);
    report("emoji", "refuses characters past U+FFFF");
    report("CR", "turns CR into LF when a string is read");
    same(""), same("<array><data></data></array>"), same("<struct></struct>");
    report("empty", NULL);
    same("<base64>AAECAwT/</base64>"), same("<base64></base64>");
    report("base64", NULL);
    same("<dateTime.iso8601>20261121T14:08:55</dateTime.iso8601>");
    report("dateTime", NULL);
    same("<struct>" MEMBER("a", "<array><data><value><i4>1</i4></value><value>" STOOGES(1)
         "</value></data></array>") MEMBER("b", "<struct>" MEMBER("c", "x") "</struct>") "</struct>");
    report("nested", NULL);
    big();
    same("<nil/>");
    report("nil", NULL);
    same("<i8>2147483648</i8>"), same("<i8>-9223372036854775808</i8>");
    report("i8", NULL);
    expect_fault("test.fail", xmlrpc_build_value(&env, "(is)", 42, "what went <wrong>"), 42, "what went <wrong>");
    if (!env.fault_occurred) expect_fault("test.missing", xmlrpc_array_new(&env), -32601, NULL);
    report("fault", NULL);
    call("system.listMethods", xmlrpc_array_new(&env), NULL);
    call("system.methodHelp", parameters("test.echo"), NULL);
    call("system.methodSignature", parameters("validator1.easyStructTest"),
         parse("<array><data><value><array><data><value>int</value><value>struct</value></data></array></value></data></array>"));
    report("introspection", NULL);
    call("system.multicall",
         xmlrpc_build_value(&env, "(({s:s,s:(i)}{s:s,s:(is)}))", "methodName", "test.echo", "params", 1, "methodName",
                            "test.fail", "params", 42, "inside"),
         xmlrpc_build_value(&env, "((i){s:i,s:s})", 1, "faultCode", 42, "faultString", "inside"));
    report("multicall", NULL);
    xmlrpc_client_cleanup();
    return 0;
}
