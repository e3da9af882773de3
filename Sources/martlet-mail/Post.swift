import CMail
import Mail
import Net

/// An order in the form that the C library takes.
struct Post {
    private let order: MailOrder
    private let recipients: TextList

    init(_ order: MailOrder) {
        self.order = order
        recipients = TextList(order.values("to"))
    }

    func send() -> MailOutcome {
        let names = ["server", "port", "hello", "ca", "user", "password", "from"]
        let texts = TextList(names.map { order.value($0) })
        var reply = [CChar](repeating: 0, count: 512)
        var replies = [UInt8](repeating: 0, count: recipients.count + 1)
        let verdict = unsafe texts.withPointers { texts in
            unsafe recipients.withPointers { recipients in
                unsafe order.message.withUnsafeBufferPointer { message in
                    unsafe withBuffers(&reply, &replies) { reply, replies in
                        var raw = unsafe cmail_order(
                            server: texts[0], port: texts[1], hello: texts[2],
                            authorities: texts[3], user: texts[4], password: texts[5],
                            sender: texts[6], recipients: recipients.baseAddress,
                            message: message.baseAddress, length: UInt(message.count),
                            timeout: timeout, encryption: encryption)
                        return unsafe cmail_send(
                            &raw, reply.baseAddress, UInt(reply.count), replies.baseAddress,
                            UInt(replies.count))
                    }
                }
            }
        }
        let end = reply.firstIndex(of: 0) ?? 0
        let whole = MailOutcome(
            [UInt8(bitPattern: verdict)] + reply[0..<end].map { UInt8(bitPattern: $0) })
        return MailOutcome(whole, replies: replies, to: order)
    }

    private var timeout: Int { max(1, Int(order.value("timeout").description) ?? 30) }

    private var encryption: Int32 {
        Int32(MailEncryption(keyword: order.value("tls"))?.rawValue ?? 0)
    }
}

private func withBuffers<Result>(
    _ text: inout [CChar], _ bytes: inout [UInt8],
    _ body: (UnsafeMutableBufferPointer<CChar>, UnsafeMutableBufferPointer<UInt8>) -> Result
) -> Result {
    unsafe text.withUnsafeMutableBufferPointer { text in
        unsafe bytes.withUnsafeMutableBufferPointer { bytes in unsafe body(text, bytes) }
    }
}

/// An array of texts as C wants it, ended by null.
private struct TextList {
    private var text: [CChar] = []
    private var starts: [Int] = []

    var count: Int { starts.count }

    init(_ words: [ByteString]) {
        for word in words {
            starts.append(text.count)
            text += word.bytes.map { CChar(bitPattern: $0) }
            text.append(0)
        }
        text.append(0)
    }

    func withPointers<Result>(
        _ body: (UnsafeBufferPointer<UnsafePointer<CChar>?>) -> Result
    ) -> Result {
        unsafe text.withUnsafeBufferPointer { text in
            var pointers: [UnsafePointer<CChar>?] = unsafe []
            for start in starts {
                unsafe pointers.append(text.baseAddress.map { unsafe $0 + start })
            }
            unsafe pointers.append(nil)
            return unsafe pointers.withUnsafeBufferPointer { unsafe body($0) }
        }
    }
}
