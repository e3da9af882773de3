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
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/fib_rules.h>
#include <linux/filter.h>
#include <linux/lwtunnel.h>
#include <linux/mpls_iptunnel.h>
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#ifndef SO_RCVBUFFORCE
#define SO_RCVBUFFORCE 33
#endif

/// Reads one datagram without waiting, with one call (nl_recv needs two and an allocation): its
/// whole length, which may be more than there was room for, or minus an errno. Any process may send
/// to a netlink socket: *port is the sender's, 0 the kernel's.
static inline long cnetlink_receive(
    int descriptor, unsigned char *buffer, unsigned long size, unsigned *port) {
  struct sockaddr_nl sender = {0};
  struct iovec part = {buffer, size};
  struct msghdr message = {
      .msg_name = &sender, .msg_namelen = sizeof sender, .msg_iov = &part, .msg_iovlen = 1};
  long count;
  do count = recvmsg(descriptor, &message, MSG_DONTWAIT | MSG_TRUNC);
  while (count < 0 && errno == EINTR);
  *port = sender.nl_pid;
  return count < 0 ? -errno : count;
}

/// Sets a receive buffer of so many bytes, beyond rmem_max where we may. 0 or an errno.
static inline int cnetlink_set_receive_buffer(int descriptor, int size) {
  if (setsockopt(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) == 0) return 0;
  return setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, sizeof size) == 0 ? 0 : errno;
}

/// The highest byte of a message's sequence number.
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define CNETLINK_SEQUENCE_TOP 11
#else
#define CNETLINK_SEQUENCE_TOP 8
#endif

/// Of what is heard of routes and rules lets through only removals, and of routes only those of one
/// protocol: others' tables may change a thousand times a second. Of added addresses it keeps back
/// those that the socket of that port asked for under a sequence number with the top bit set; 0: of
/// none. 0 or an errno.
static inline int cnetlink_filter(int descriptor, unsigned char protocol, unsigned port) {
  struct sock_filter code[] = {
      BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 4),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htons(RTM_NEWADDR), 5, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htons(RTM_NEWROUTE), 9, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htons(RTM_NEWRULE), 8, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htons(RTM_DELROUTE), 0, 6),
      BPF_STMT(BPF_LD | BPF_B | BPF_ABS, NLMSG_HDRLEN + 5),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, protocol, 4, 5),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 12),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htonl(port), 0, 2),
      BPF_STMT(BPF_LD | BPF_B | BPF_ABS, CNETLINK_SEQUENCE_TOP),
      BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 0x80, 1, 0),
      BPF_STMT(BPF_RET | BPF_K, 0xffffffff),
      BPF_STMT(BPF_RET | BPF_K, 0),
  };
  struct sock_fprog program = {sizeof code / sizeof code[0], code};
  int result = setsockopt(descriptor, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
  return result == 0 ? 0 : errno;
}

/// The errno that a failed libnl call left behind: its own codes fold several into one.
static inline int cnetlink_errno(void) { return errno; }
