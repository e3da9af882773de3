import Control
import Net

// libFuzzer feeds what clients of the control socket send. Run it with `make fuzz`; what it finds
// belongs into Tests/Fuzz/corpus/request, which the plain tests run too.

/// What a request says; nil where it is none. What is understood can be said again.
func understood(_ bytes: [UInt8]) -> ControlRequest? {
    do throws(ControlRefusal) {
        let request = try ControlRequest.decode(bytes)
        guard let line = request.encode() else {
            // Quotes and backslashes make it longer than a line may be.
            precondition(bytes.count > ControlRequest.limit / 2 - 32, "cannot be said again")
            return request
        }
        let again = try ControlRequest.decode(line)
        precondition(again == request, "means something else when it is said again")
        return request
    } catch {
        precondition(!error.text.isEmpty, "no reason")
        return nil
    }
}
