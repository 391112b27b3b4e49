// The least that a server can do: reads whatever a client sends and writes the same bytes back each time, without looking
// at anything. One thread, epoll. Stands for what the kernel and wrk take. Prints its port.
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

static const char body[] = "<?xml version=\"1.0\"?><methodResponse><params><param><value><string>to be or not to be"
                           "</string></value></param></params></methodResponse>";

int main(void) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0), queue = epoll_create1(0), one = 1;
    if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 128) ||
        getsockname(listener, (struct sockaddr *)&address, &length))
        return 1;
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    char answer[1000];
    int answer_length = snprintf(answer, sizeof answer, "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n"
                                 "Content-Length: %zu\r\n\r\n%s", sizeof body - 1, body);
    struct epoll_event wanted = {.events = EPOLLIN, .data.fd = listener};
    epoll_ctl(queue, EPOLL_CTL_ADD, listener, &wanted);
    for (;;) {
        struct epoll_event events[64];
        int count = epoll_wait(queue, events, 64, -1);
        for (int index = 0; index < count; index++) {
            int descriptor = events[index].data.fd;
            if (descriptor == listener) {
                wanted.data.fd = accept(listener, NULL, NULL);
                setsockopt(wanted.data.fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
                epoll_ctl(queue, EPOLL_CTL_ADD, wanted.data.fd, &wanted);
                continue;
            }
            char request[4096];
            ssize_t received = read(descriptor, request, sizeof request);
            // A call in two pieces, as Python sends it, is answered when its end has come.
            int is_whole = received > 0 && memmem(request, received, "</methodCall>", 13) != NULL;
            if (received <= 0)
                close(descriptor);
            else if (is_whole && write(descriptor, answer, answer_length) != answer_length)
                close(descriptor);
        }
    }
}
