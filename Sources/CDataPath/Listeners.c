#define _GNU_SOURCE
#include "Listeners.h"

#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

/// What a kernel that answers at all needs microseconds for.
static const struct timeval patience = {.tv_sec = 1};

static int ask(int channel, const void *message, size_t byte_count, uint32_t *user) {
    if (setsockopt(channel, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) != 0) return errno;
    struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
    if (sendto(channel, message, byte_count, 0, (struct sockaddr *)&kernel, sizeof kernel) < 0) return errno;
    union {
        struct nlmsghdr head;
        char bytes[4096];
    } answer;
    ssize_t count;
    do {
        count = recv(channel, &answer, sizeof answer, 0);
    } while (count < 0 && errno == EINTR);
    if (count < 0) return errno;
    if (!NLMSG_OK(&answer.head, (size_t)count)) return EBADMSG;
    if (answer.head.nlmsg_type == NLMSG_ERROR) {
        if (answer.head.nlmsg_len < NLMSG_LENGTH(sizeof(struct nlmsgerr))) return EBADMSG;
        const struct nlmsgerr *error = NLMSG_DATA(&answer.head);
        return error->error < 0 ? -error->error : EBADMSG;
    }
    if (answer.head.nlmsg_type != SOCK_DIAG_BY_FAMILY
        || answer.head.nlmsg_len < NLMSG_LENGTH(sizeof(struct inet_diag_msg)))
        return EBADMSG;
    const struct inet_diag_msg *found = NLMSG_DATA(&answer.head);
    // 10 is TCP_LISTEN.
    if (found->idiag_state != 10) return ENOENT;
    *user = found->idiag_uid;
    return 0;
}

int mr_user_of_listener(int family, const void *address, uint16_t port, uint32_t *user) {
    struct {
        struct nlmsghdr head;
        struct inet_diag_req_v2 request;
    } message = {
        .head = {.nlmsg_len = sizeof message, .nlmsg_type = SOCK_DIAG_BY_FAMILY, .nlmsg_flags = NLM_F_REQUEST},
        .request = {
            .sdiag_family = (uint8_t)family,
            .sdiag_protocol = IPPROTO_TCP,
            .id = {.idiag_sport = htons(port), .idiag_cookie = {INET_DIAG_NOCOOKIE, INET_DIAG_NOCOOKIE}},
        },
    };
    memcpy(message.request.id.idiag_src, address, family == AF_INET ? 4 : 16);
    int channel = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
    if (channel < 0) return errno;
    int error = ask(channel, &message, sizeof message, user);
    close(channel);
    return error;
}
