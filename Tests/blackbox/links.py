"""What links and frames tell of an instance whose addresses have an interface of their own."""
import json
import socket
import threading
import time


class Frames:
    """Every frame on the LAN: (time, source MAC, EtherType, payload)."""

    def __init__(self):
        self.list = []
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        self.socket.bind(('lan', 0))
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        while True:
            frame = self.socket.recv(4096)
            self.list.append((time.time(), frame[6:12].hex(':'), frame[12:14].hex(), frame[14:]))

    def adverts(self, source):
        """(MAC, priority) of each VRRP advertisement over IPv4 from an address."""
        return [(mac, payload[22]) for _, mac, kind, payload in list(self.list)
                if kind == '0800' and payload[9] == 112
                and socket.inet_ntoa(payload[12:16]) == source]

    def adverts6(self):
        """(MAC, source, priority) of each VRRP advertisement over IPv6."""
        return [(mac, socket.inet_ntop(socket.AF_INET6, payload[8:24]), payload[42])
                for _, mac, kind, payload in list(self.list)
                if kind == '86dd' and payload[6] == 112]

    def arps(self, sender):
        """MACs that ARP said an address is at, in the Ethernet and in the ARP header."""
        return {(mac, payload[8:14].hex(':')) for _, mac, kind, payload in list(self.list)
                if kind == '0806' and socket.inet_ntoa(payload[14:18]) == sender}

    def neighbours(self, target):
        """MACs that Neighbor Advertisements said an address is at: Ethernet header and option."""
        wanted = socket.inet_pton(socket.AF_INET6, target)
        return {(mac, payload[66:72].hex(':')) for _, mac, kind, payload in list(self.list)
                if kind == '86dd' and payload[6] == 58 and payload[40] == 136
                and payload[48:64] == wanted}


def link(node, name):
    """What `ip -d link` knows of an interface; None where there is none."""
    for one in json.loads(node.run('ip', '-d', '-j', 'link')):
        if one.get('ifname') == name:
            return one
    return None


def setting(node, interface, name):
    return int(node.run('cat', '/proc/sys/net/ipv4/conf/%s/%s' % (interface, name)))


def holds(node, device='vrrp.51', address='192.0.2.100'):
    return any(one[:2] == (device, address) for one in node.addresses())


def is_up(node, device='vrrp.51'):
    """It is up and holds the address."""
    found = link(node, device)
    return found is not None and 'UP' in found['flags'] and holds(node, device)


def arp_settings(node, interface='eth0'):
    """What the parent of a macvlan is to have again when that is gone."""
    return [setting(node, interface, name) for name in ('arp_ignore', 'arp_filter', 'arp_announce')]
