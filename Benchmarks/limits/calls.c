// 64 connections over loopback, a server and a client thread with epoll, fixed bytes of an echo call and its answer; plain, and
// by TLS 1.3 with AES-128-GCM, in turn: what TLS costs calls when nothing but the kernel and OpenSSL is at work. Benchmarks/encryption
// compiles and runs it.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <netinet/tcp.h>
#include <time.h>
#include <unistd.h>

enum { CONNECTIONS = 64, REQUEST = 320, ANSWER = 330 };
static int encrypts, port;
static SSL_CTX *server_context, *client_context;
static volatile int done;

struct end { int fd; SSL *ssl; int got; };

static int transfer_read(struct end *e, char *b, int n) {
    if (!e->ssl) { int r = read(e->fd, b, n); return r; }
    int r = SSL_read(e->ssl, b, n);
    return r;
}
static void transfer_write(struct end *e, const char *b, int n) {
    int r = e->ssl ? SSL_write(e->ssl, b, n) : (int)write(e->fd, b, n);
    if (r != n) { perror("write"); exit(1); }
}
static void *serve(void *argument) {
    int listener = *(int *)argument, poll = epoll_create1(0);
    struct end ends[CONNECTIONS] = {0};
    char buffer[4096];
    for (int i = 0; i < CONNECTIONS; i++) {
        ends[i].fd = accept(listener, 0, 0);
        int one = 1; setsockopt(ends[i].fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        if (encrypts) {
            ends[i].ssl = SSL_new(server_context);
            SSL_set_fd(ends[i].ssl, ends[i].fd);
            if (SSL_accept(ends[i].ssl) != 1) exit(2);
        }
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = &ends[i]};
        epoll_ctl(poll, EPOLL_CTL_ADD, ends[i].fd, &event);
    }
    struct epoll_event events[CONNECTIONS];
    while (!done) {
        int count = epoll_wait(poll, events, CONNECTIONS, 100);
        for (int i = 0; i < count; i++) {
            struct end *e = events[i].data.ptr;
            int r = transfer_read(e, buffer, sizeof buffer);
            if (r <= 0) continue;
            e->got += r;
            while (e->got >= REQUEST) { e->got -= REQUEST; transfer_write(e, buffer, ANSWER); }
        }
    }
    return 0;
}
static double run(int calls) {
    done = 0;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    bind(listener, (void *)&address, sizeof address); listen(listener, 128);
    socklen_t length = sizeof address; getsockname(listener, (void *)&address, &length);
    pthread_t thread; pthread_create(&thread, 0, serve, &listener);
    struct end ends[CONNECTIONS] = {0};
    int poll = epoll_create1(0);
    char buffer[4096]; memset(buffer, 'x', sizeof buffer);
    for (int i = 0; i < CONNECTIONS; i++) {
        ends[i].fd = socket(AF_INET, SOCK_STREAM, 0);
        connect(ends[i].fd, (void *)&address, sizeof address);
        int one = 1; setsockopt(ends[i].fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        if (encrypts) {
            ends[i].ssl = SSL_new(client_context);
            SSL_set_fd(ends[i].ssl, ends[i].fd);
            if (SSL_connect(ends[i].ssl) != 1) exit(3);
        }
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = &ends[i]};
        epoll_ctl(poll, EPOLL_CTL_ADD, ends[i].fd, &event);
    }
    struct timespec a, b; clock_gettime(CLOCK_MONOTONIC, &a);
    for (int i = 0; i < CONNECTIONS; i++) transfer_write(&ends[i], buffer, REQUEST);
    struct epoll_event events[CONNECTIONS];
    int answered = 0;
    while (answered < calls) {
        int count = epoll_wait(poll, events, CONNECTIONS, 1000);
        for (int i = 0; i < count; i++) {
            struct end *e = events[i].data.ptr;
            int r = transfer_read(e, buffer, sizeof buffer);
            if (r <= 0) continue;
            e->got += r;
            while (e->got >= ANSWER) { e->got -= ANSWER; answered++; transfer_write(e, buffer, REQUEST); }
        }
    }
    clock_gettime(CLOCK_MONOTONIC, &b);
    done = 1; pthread_join(thread, 0);
    for (int i = 0; i < CONNECTIONS; i++) close(ends[i].fd);
    close(listener);
    return calls / ((b.tv_sec - a.tv_sec) + (b.tv_nsec - a.tv_nsec) / 1e9);
}
int main(void) {
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = X509_new();
    X509_gmtime_adj(X509_getm_notBefore(certificate), 0); X509_gmtime_adj(X509_getm_notAfter(certificate), 86400);
    X509_set_pubkey(certificate, key); X509_sign(certificate, key, EVP_sha256());
    server_context = SSL_CTX_new(TLS_server_method()); client_context = SSL_CTX_new(TLS_client_method());
    SSL_CTX_use_certificate(server_context, certificate); SSL_CTX_use_PrivateKey(server_context, key);
    SSL_CTX_set_num_tickets(server_context, 0);
    SSL_CTX_set_min_proto_version(server_context, TLS1_3_VERSION);
    SSL_CTX_set_ciphersuites(client_context, "TLS_AES_128_GCM_SHA256");
    double sum[2] = {0}, ratios[9];
    for (int round = 0; round < 9; round++) {
        double rate[2];
        for (encrypts = 0; encrypts < 2; encrypts++) { rate[encrypts] = run(200000); sum[encrypts] += rate[encrypts] / 9; }
        ratios[round] = rate[1] / rate[0];
    }
    for (int i = 0; i < 9; i++) for (int j = i + 1; j < 9; j++) if (ratios[j] < ratios[i]) { double t = ratios[i]; ratios[i] = ratios[j]; ratios[j] = t; }
    printf("plain %.0f calls/s, TLS %.0f calls/s, median ratio %.3f\n", sum[0], sum[1], ratios[4]);
}
