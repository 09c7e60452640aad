/*
 * accept(2) and accept4(2) that keep some descriptors for ourselves.
 *
 * libzmq ends the process when accept says EMFILE (its ipc listener, up to 4.3.5 at least), and there is no option that
 * bounds its connections: 1,024 connections to the bus would end a router of a system with the usual limit. A definition
 * in the program comes before that of the C library, for every shared library too, so libzmq gets this one.
 *
 * A connection that would leave too few descriptors is taken and closed at once: its peer sees that it is refused, it does
 * not stay in the queue of the listening socket (which would wake the I/O thread again and again), and files and sockets
 * that the process needs for those who are here can still be opened. ECONNABORTED is what accept says of a connection
 * that ended before it was taken; every caller has to go on after it, and libzmq does.
 */
#include "CAccept.h"

#include <errno.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Descriptors for files, sockets and eventfds of our own: a store opens about ten, a client of the bus three a peer. */
enum { RESERVED = 32 };

/* Of a small limit, no more than this part. */
enum { RESERVED_PART = 4 };

/* Microseconds; with the reserve gone as well, the listening socket would otherwise keep a thread busy. */
enum { PAUSE = 1000 };

static _Atomic uint64_t refused;

uint64_t p2pmsg_refused_connections(void) { return atomic_load_explicit(&refused, memory_order_relaxed); }

static int is_reserved(int descriptor) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return 0;
    rlim_t reserve = limit.rlim_cur / RESERVED_PART;
    if (reserve > RESERVED) reserve = RESERVED;
    /* The kernel gives out the lowest number that is free, so a high one says that the lower ones are taken. */
    return (rlim_t)descriptor >= limit.rlim_cur - reserve;
}

int accept4(int listener, struct sockaddr *address, socklen_t *length, int flags) {
    int descriptor = (int)syscall(SYS_accept4, listener, address, length, flags);
    if (descriptor >= 0) {
        if (!is_reserved(descriptor)) return descriptor;
        close(descriptor);
    } else if (errno == EMFILE) {
        usleep(PAUSE);
    } else {
        return -1;
    }
    atomic_fetch_add_explicit(&refused, 1, memory_order_relaxed);
    errno = ECONNABORTED;
    return -1;
}

int accept(int listener, struct sockaddr *address, socklen_t *length) { return accept4(listener, address, length, 0); }
