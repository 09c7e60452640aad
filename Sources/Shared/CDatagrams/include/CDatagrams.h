#ifndef P2PMSG_CDATAGRAMS_H
#define P2PMSG_CDATAGRAMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How many datagrams one call sends or receives at the most. */
enum { P2PMSG_DATAGRAMS_AT_ONCE = 64 };

/* One datagram, and where it goes or comes from: an address in host order, IPv4 in the low half. */
typedef struct {
    const void *bytes;
    size_t count;
    uint64_t high, low;
    uint16_t port;
    bool is_ipv6;
} p2pmsg_datagram;

/* sendmmsg(2). Returns how many of the datagrams were sent, at least one, or the negative errno of the first one:
   whatever that is, it says nothing about the others. Never blocks. */
int p2pmsg_send_datagrams(int socket, bool socket_is_ipv6, const p2pmsg_datagram *datagrams, unsigned int count);

/* recvmmsg(2) into a room of `count` places of `bytes_each`; longer datagrams are cut. Returns how many came, or a
   negative errno. Never blocks. */
int p2pmsg_receive_datagrams(int socket, void *room, size_t bytes_each, p2pmsg_datagram *datagrams, unsigned int count);

/* What p2pmsg_wait found. */
enum { P2PMSG_READABLE = 1, P2PMSG_BROKEN = 2, P2PMSG_WOKEN = 4 };

/* ppoll(2): waits until a datagram can be read, the socket has an error, the alarm rings, or the time is over (negative:
   without end). A socket below 0 is not looked at. */
int p2pmsg_wait(int socket, int alarm, int64_t nanoseconds);

/* An alarm that any thread can ring; -1 and errno where there can be none. p2pmsg_wait stops it. */
int p2pmsg_make_alarm(void);
void p2pmsg_ring(int alarm);

#endif
