#ifndef P2PMSG_CZEROMQ_SHIM_H
#define P2PMSG_CZEROMQ_SHIM_H

#include <errno.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <zmq.h>

/* The flags of eventfd(2) are an enum and macros of the same names at once, which Swift cannot read. */
static inline int p2pmsg_eventfd_create(void) {
    return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
}

/* prctl(2) is variadic, which Swift cannot call. */
static inline void p2pmsg_name_thread(const char *name) {
    prctl(PR_SET_NAME, name, 0, 0, 0);
}

/* libzmq has had this option since 4.3.0, but its header hides it among the drafts. */
#ifndef ZMQ_ZAP_ENFORCE_DOMAIN
#define ZMQ_ZAP_ENFORCE_DOMAIN 93
#endif

#endif
