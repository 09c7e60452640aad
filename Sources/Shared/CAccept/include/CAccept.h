#ifndef P2PMSG_CACCEPT_H
#define P2PMSG_CACCEPT_H

#include <stdint.h>

/* Connections that were closed at once because too few descriptors were left. */
uint64_t p2pmsg_refused_connections(void);

#endif
