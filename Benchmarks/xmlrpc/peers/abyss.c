// An echo server with xmlrpc-c and its Abyss web server. Prints its port; ends when it is killed.
#include <arpa/inet.h>
#include <stdio.h>
#include <sys/socket.h>
#include <xmlrpc-c/base.h>
#include <xmlrpc-c/server.h>
#include <xmlrpc-c/server_abyss.h>

static xmlrpc_value *echo(xmlrpc_env *env, xmlrpc_value *parameters, void *info, void *call) {
    xmlrpc_value *value = NULL;
    xmlrpc_array_read_item(env, parameters, 0, &value);
    return value;
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
    xmlrpc_registry *registry = xmlrpc_registry_new(&env);
    struct xmlrpc_method_info3 method = {.methodName = "echo", .methodFunction = echo};
    xmlrpc_registry_add_method3(&env, registry, &method);
    int port;
    int descriptor = listening_socket(&port);
    if (descriptor < 0) return 1;
    printf("%d\n", port);
    fflush(stdout);

    xmlrpc_server_abyss_parms parameters = {
        .config_file_name = NULL,
        .registryP = registry,
        .socket_bound = 1,
        .socket_handle = descriptor,
        // Connections are kept, and never given up for the number of their calls.
        .keepalive_timeout = 60,
        .keepalive_max_conn = 1000000000,
        .timeout = 60,
    };
    xmlrpc_server_abyss(&env, &parameters, XMLRPC_APSIZE(socket_handle));
    fprintf(stderr, "%s\n", env.fault_string ? env.fault_string : "ended");
    return 1;
}
