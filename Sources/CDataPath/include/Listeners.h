/// Whose socket takes connections to an address of this machine.
#ifndef C_DATA_PATH_LISTENERS_H
#define C_DATA_PATH_LISTENERS_H

#include <stdint.h>

/// Asks the kernel for the one socket that a new connection to the address would come to: it finds it as it does for a
/// connection, whatever else is open on the machine.
///
/// `address` has 4 bytes for AF_INET and 16 for AF_INET6, in network order; `port` is in the machine's order.
/// Returns 0 with the user that the socket belongs to in `user`, or an errno: ENOENT where nobody listens.
int mr_user_of_listener(int family, const void *address, uint16_t port, uint32_t *user);

#endif
