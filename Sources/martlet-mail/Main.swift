import CMail
import Mail
import Net

// The helper that sends mail: started by the keeper as an unprivileged user, with a socket as
// descriptor 0. It takes one order after the other, answers each with its outcome, and ends when
// the other side does. Only here is a name resolved and a server waited for.

@main enum Main {
    static func main() {
        cmail_confine()
        var buffer = [UInt8](repeating: 0, count: MailOrder.limit)
        while true {
            let length = unsafe buffer.withUnsafeMutableBufferPointer { part in
                unsafe cmail_receive(part.baseAddress, UInt(part.count))
            }
            guard length > 0 else { return }
            let answer = send([UInt8](buffer.prefix(length))).encode()
            unsafe answer.withUnsafeBufferPointer { part in
                unsafe cmail_reply(part.baseAddress, UInt(part.count))
            }
        }
    }

    private static func send(_ bytes: [UInt8]) -> MailOutcome {
        guard let order = MailOrder(bytes) else { return .refused("the order is no order") }
        let post = Post(order)
        return post.send()
    }
}
