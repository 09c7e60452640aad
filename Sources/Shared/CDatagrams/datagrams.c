#define _GNU_SOURCE
#include "CDatagrams.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* Returns the length of the address. An IPv6 socket sends to IPv4 addresses as ::ffff:a.b.c.d (RFC 4291, 2.5.5.2). */
static socklen_t write_address(const p2pmsg_datagram *datagram, bool socket_is_ipv6, struct sockaddr_storage *storage) {
    memset(storage, 0, sizeof *storage);
    if (!datagram->is_ipv6 && !socket_is_ipv6) {
        struct sockaddr_in *address = (struct sockaddr_in *)storage;
        address->sin_family = AF_INET;
        address->sin_port = htons(datagram->port);
        address->sin_addr.s_addr = htonl((uint32_t)datagram->low);
        return sizeof *address;
    }
    struct sockaddr_in6 *address = (struct sockaddr_in6 *)storage;
    uint64_t low = datagram->is_ipv6 ? datagram->low : (uint64_t)0xffff << 32 | (uint32_t)datagram->low;
    address->sin6_family = AF_INET6;
    address->sin6_port = htons(datagram->port);
    for (int byte = 0; byte < 8; byte++) {
        address->sin6_addr.s6_addr[byte] = (uint8_t)(datagram->high >> (56 - 8 * byte));
        address->sin6_addr.s6_addr[8 + byte] = (uint8_t)(low >> (56 - 8 * byte));
    }
    return sizeof *address;
}

static void read_address(const struct sockaddr_storage *storage, p2pmsg_datagram *datagram) {
    datagram->high = datagram->low = 0;
    datagram->port = 0;
    datagram->is_ipv6 = storage->ss_family == AF_INET6;
    if (storage->ss_family == AF_INET) {
        const struct sockaddr_in *address = (const struct sockaddr_in *)storage;
        datagram->low = ntohl(address->sin_addr.s_addr);
        datagram->port = ntohs(address->sin_port);
    } else if (storage->ss_family == AF_INET6) {
        const struct sockaddr_in6 *address = (const struct sockaddr_in6 *)storage;
        for (int byte = 0; byte < 8; byte++) {
            datagram->high = datagram->high << 8 | address->sin6_addr.s6_addr[byte];
            datagram->low = datagram->low << 8 | address->sin6_addr.s6_addr[8 + byte];
        }
        datagram->port = ntohs(address->sin6_port);
    }
}

int p2pmsg_send_datagrams(int socket, bool socket_is_ipv6, const p2pmsg_datagram *datagrams, unsigned int count) {
    struct mmsghdr messages[P2PMSG_DATAGRAMS_AT_ONCE];
    struct iovec vectors[P2PMSG_DATAGRAMS_AT_ONCE];
    struct sockaddr_storage addresses[P2PMSG_DATAGRAMS_AT_ONCE];
    if (count > P2PMSG_DATAGRAMS_AT_ONCE) count = P2PMSG_DATAGRAMS_AT_ONCE;
    memset(messages, 0, count * sizeof messages[0]);
    for (unsigned int i = 0; i < count; i++) {
        vectors[i].iov_base = (void *)datagrams[i].bytes;
        vectors[i].iov_len = datagrams[i].count;
        messages[i].msg_hdr.msg_name = &addresses[i];
        messages[i].msg_hdr.msg_namelen = write_address(&datagrams[i], socket_is_ipv6, &addresses[i]);
        messages[i].msg_hdr.msg_iov = &vectors[i];
        messages[i].msg_hdr.msg_iovlen = 1;
    }
    int sent;
    do {
        sent = sendmmsg(socket, messages, count, MSG_DONTWAIT | MSG_NOSIGNAL);
    } while (sent < 0 && errno == EINTR);
    return sent < 0 ? -errno : sent;
}

int p2pmsg_receive_datagrams(int socket, void *room, size_t bytes_each, p2pmsg_datagram *datagrams, unsigned int count) {
    struct mmsghdr messages[P2PMSG_DATAGRAMS_AT_ONCE];
    struct iovec vectors[P2PMSG_DATAGRAMS_AT_ONCE];
    struct sockaddr_storage addresses[P2PMSG_DATAGRAMS_AT_ONCE];
    if (count > P2PMSG_DATAGRAMS_AT_ONCE) count = P2PMSG_DATAGRAMS_AT_ONCE;
    memset(messages, 0, count * sizeof messages[0]);
    for (unsigned int i = 0; i < count; i++) {
        vectors[i].iov_base = (uint8_t *)room + i * bytes_each;
        vectors[i].iov_len = bytes_each;
        messages[i].msg_hdr.msg_name = &addresses[i];
        messages[i].msg_hdr.msg_namelen = sizeof addresses[i];
        messages[i].msg_hdr.msg_iov = &vectors[i];
        messages[i].msg_hdr.msg_iovlen = 1;
    }
    int received;
    do {
        received = recvmmsg(socket, messages, count, MSG_DONTWAIT, NULL);
    } while (received < 0 && errno == EINTR);
    if (received < 0) return -errno;
    for (int i = 0; i < received; i++) {
        datagrams[i].bytes = vectors[i].iov_base;
        datagrams[i].count = messages[i].msg_len;
        read_address(&addresses[i], &datagrams[i]);
    }
    return received;
}

int p2pmsg_wait(int socket, int alarm, int64_t nanoseconds) {
    struct pollfd watched[2] = {{.fd = socket, .events = POLLIN}, {.fd = alarm, .events = POLLIN}};
    struct timespec time = {.tv_sec = nanoseconds / 1000000000, .tv_nsec = nanoseconds % 1000000000};
    if (ppoll(watched, 2, nanoseconds < 0 ? NULL : &time, NULL) <= 0) return 0;
    int found = 0;
    if (watched[0].revents & POLLIN) found |= P2PMSG_READABLE;
    if (watched[0].revents & (POLLERR | POLLHUP | POLLNVAL)) found |= P2PMSG_BROKEN;
    if (watched[1].revents) {
        uint64_t rings;
        if (read(alarm, &rings, sizeof rings) < 0) { /* somebody else stopped it */ }
        found |= P2PMSG_WOKEN;
    }
    return found;
}

int p2pmsg_make_alarm(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

void p2pmsg_ring(int alarm) {
    uint64_t once = 1;
    /* It fails only when it has rung 2^64 times already. */
    if (write(alarm, &once, sizeof once) < 0) { }
}
