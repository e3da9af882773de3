// libnl-3 as a Swift module: sockets, groups, messages and attributes. libnl-route is left out:
// its constructors alone cost half a megabyte, and messages of attributes need nothing of it.
#pragma once
#include <netlink/netlink.h>
#include <netlink/msg.h>
#include <netlink/attr.h>
#include <linux/rtnetlink.h>
#include <linux/if_link.h>
#include <linux/if_addr.h>
#include <linux/if.h>
#include <linux/ip.h>
#include <linux/netconf.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#ifndef SO_RCVBUFFORCE
#define SO_RCVBUFFORCE 33
#endif

/// Frees what nl_recv allocated.
static inline void cnetlink_release(void *buffer) { free(buffer); }

/// Sets a receive buffer of so many bytes, beyond rmem_max where we may. 0 or an errno.
static inline int cnetlink_set_receive_buffer(int descriptor, int size) {
  if (setsockopt(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) == 0) return 0;
  return setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, sizeof size) == 0 ? 0 : errno;
}

/// The errno that a failed libnl call left behind: its own codes fold several into one.
static inline int cnetlink_errno(void) { return errno; }
