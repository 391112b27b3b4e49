// xmlrpc-c on its Abyss web server, with the methods that the client is tried on. Prints its port.
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <xmlrpc-c/base.h>
#include <xmlrpc-c/server.h>
#include <xmlrpc-c/server_abyss.h>

static int member(xmlrpc_env *env, xmlrpc_value *structure, const char *name) {
    xmlrpc_value *value = NULL;
    int number = 0;
    xmlrpc_struct_find_value(env, structure, name, &value);
    if (env->fault_occurred || !value) return 0;
    xmlrpc_read_int(env, value, &number);
    xmlrpc_DECREF(value);
    return number;
}

static xmlrpc_value *first(xmlrpc_env *env, xmlrpc_value *parameters) {
    xmlrpc_value *value = NULL;
    xmlrpc_array_read_item(env, parameters, 0, &value);
    return value;
}

static xmlrpc_value *stooges(xmlrpc_env *env, xmlrpc_value *value) {
    return xmlrpc_int_new(env, member(env, value, "moe") + member(env, value, "larry") + member(env, value, "curly"));
}

#define METHOD(name) \
    static xmlrpc_value *name(xmlrpc_env *env, xmlrpc_value *parameters, void *info, void *call)

METHOD(echo) { return first(env, parameters); }

METHOD(fail) {
    int code;
    const char *text;
    xmlrpc_decompose_value(env, parameters, "(is)", &code, &text);
    if (!env->fault_occurred) xmlrpc_env_set_fault(env, code, text);
    return NULL;
}

METHOD(array_of_structs) {
    xmlrpc_value *rows = first(env, parameters);
    int sum = 0;
    for (int index = 0; index < xmlrpc_array_size(env, rows); index++) {
        xmlrpc_value *row = NULL;
        xmlrpc_array_read_item(env, rows, index, &row);
        sum += member(env, row, "curly");
        xmlrpc_DECREF(row);
    }
    xmlrpc_DECREF(rows);
    return xmlrpc_int_new(env, sum);
}

METHOD(count_entities) {
    const char *text;
    int counts[256] = {0};
    xmlrpc_decompose_value(env, parameters, "(s)", &text);
    for (const unsigned char *byte = (const unsigned char *)text; *byte; byte++) counts[*byte]++;
    return xmlrpc_build_value(env, "{s:i,s:i,s:i,s:i,s:i}", "ctLeftAngleBrackets", counts['<'], "ctRightAngleBrackets",
                              counts['>'], "ctAmpersands", counts['&'], "ctApostrophes", counts['\''], "ctQuotes",
                              counts['"']);
}

METHOD(easy_struct) { return stooges(env, first(env, parameters)); }

METHOD(many_types) {
    xmlrpc_INCREF(parameters);
    return parameters;
}

METHOD(moderate_size) {
    xmlrpc_value *items = first(env, parameters), *start = NULL, *end = NULL;
    const char *head, *tail;
    char text[1000];
    xmlrpc_array_read_item(env, items, 0, &start);
    xmlrpc_array_read_item(env, items, xmlrpc_array_size(env, items) - 1, &end);
    xmlrpc_read_string(env, start, &head);
    xmlrpc_read_string(env, end, &tail);
    snprintf(text, sizeof text, "%s%s", head, tail);
    return xmlrpc_string_new(env, text);
}

METHOD(nested_struct) {
    xmlrpc_value *value = first(env, parameters);
    const char *names[] = {"2000", "04", "01"};
    for (int level = 0; level < 3; level++) {
        xmlrpc_value *inner = NULL;
        xmlrpc_struct_find_value(env, value, names[level], &inner);
        if (env->fault_occurred || !inner) return NULL;
        value = inner;
    }
    return stooges(env, value);
}

METHOD(simple_return) {
    int number;
    xmlrpc_decompose_value(env, parameters, "(i)", &number);
    return xmlrpc_build_value(env, "{s:i,s:i,s:i}", "times10", number * 10, "times100", number * 100, "times1000",
                              number * 1000);
}

static int listening_socket(int *port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int descriptor = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(descriptor, (struct sockaddr *)&address, sizeof address) || listen(descriptor, 128) ||
        getsockname(descriptor, (struct sockaddr *)&address, &length))
        return -1;
    *port = ntohs(address.sin_port);
    return descriptor;
}

int main(void) {
    xmlrpc_env env;
    xmlrpc_env_init(&env);
    // Of the library's own, which is far below a document of 1 MB.
    xmlrpc_limit_set(XMLRPC_XML_SIZE_LIMIT_ID, 8 << 20);
    xmlrpc_registry *registry = xmlrpc_registry_new(&env);
    struct xmlrpc_method_info3 methods[] = {
        {.methodName = "test.echo", .methodFunction = echo},
        {.methodName = "test.fail", .methodFunction = fail},
        {.methodName = "validator1.arrayOfStructsTest", .methodFunction = array_of_structs},
        {.methodName = "validator1.countTheEntities", .methodFunction = count_entities},
        {.methodName = "validator1.easyStructTest", .methodFunction = easy_struct, .signatureString = "i:S"},
        {.methodName = "validator1.echoStructTest", .methodFunction = echo},
        {.methodName = "validator1.manyTypesTest", .methodFunction = many_types},
        {.methodName = "validator1.moderateSizeArrayCheck", .methodFunction = moderate_size},
        {.methodName = "validator1.nestedStructTest", .methodFunction = nested_struct},
        {.methodName = "validator1.simpleStructReturnTest", .methodFunction = simple_return},
    };
    for (size_t index = 0; index < sizeof methods / sizeof methods[0]; index++)
        xmlrpc_registry_add_method3(&env, registry, &methods[index]);
    int port;
    int descriptor = listening_socket(&port);
    if (descriptor < 0) return 1;
    printf("%d\n", port);
    fflush(stdout);
    xmlrpc_server_abyss_parms parameters = {
        .config_file_name = NULL, .registryP = registry, .socket_bound = 1, .socket_handle = descriptor, .timeout = 60};
    xmlrpc_server_abyss(&env, &parameters, XMLRPC_APSIZE(socket_handle));
    fprintf(stderr, "%s\n", env.fault_string ? env.fault_string : "ended");
    return 1;
}
