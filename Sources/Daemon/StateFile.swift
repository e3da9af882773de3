import Linux
import Net

/// The addresses that are held now, on disk beside the pid file: what a start after both processes
/// were killed has to remove, also where the configuration no longer names it. One line each:
/// address, prefix length, interface.
struct StateFile {
    let path: ByteString

    /// An absent or broken file names nothing.
    func read() -> [DeclaredAddress] {
        do throws(SystemError) {
            return StateFile.parse(try Files.read(path, limit: 1 << 20))
        } catch {
            return []
        }
    }

    static func parse(_ text: [UInt8]) -> [DeclaredAddress] {
        var result: [DeclaredAddress] = []
        for line in text.split(separator: UInt8(ascii: "\n")) {
            let words = line.split(separator: UInt8(ascii: " "))
            guard words.count == 2, let prefix = Prefix(text: words[0]) else { continue }
            result.append(
                DeclaredAddress(prefix: prefix, interface: ByteString(words[1]), isOwners: false))
        }
        return result
    }

    static func text(_ addresses: [DeclaredAddress]) -> [UInt8] {
        var text: [UInt8] = []
        for address in addresses {
            text += [UInt8]("\(address.prefix) ".utf8) + address.interface.bytes
            text.append(UInt8(ascii: "\n"))
        }
        return text
    }

    func write(_ addresses: [DeclaredAddress]) throws(SystemError) {
        try Files.replace(path, with: StateFile.text(addresses), mode: 0o600)
    }

    func remove() { Files.remove(path) }
}

extension Keeper {
    /// After each transition: what is mastered now. Adopted addresses are not ours to remove.
    func recordMasters() {
        var held: [DeclaredAddress] = []
        for index in slots.masters(count: bundle.table.virtualRouters.count) {
            let isAdopted = slots.state(of: index)?.hasAdopted ?? true
            for address in bundle.table.virtualRouters[index].addresses
            where !(address.isOwners && isAdopted) {
                held.append(address)
            }
        }
        guard held != recorded else { return }
        recorded = held
        do throws(SystemError) {
            try stateFile.write(held)
        } catch {
            log.write(.warning, "cannot write \(stateFile.path): \(error)")
        }
    }
}

extension DeclaredAddress {
    /// As far as its removal goes.
    var desired: DesiredAddress {
        DesiredAddress(
            interface: interface, spec: AddressSpec(interfaceIndex: 0, prefix: prefix),
            isTracked: false, adopts: false)
    }
}
