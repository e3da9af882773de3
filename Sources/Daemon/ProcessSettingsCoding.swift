import Config
import Net

extension ProcessSettings {
    func encode(into writer: inout ByteWriter) {
        for value in [niceness, realTimePriority, realTimeLimit] {
            writer.append(value != nil)
            writer.append(Int64(value ?? 0))
        }
        writer.append(each: processors) { $1.append(Int64($0)) }
        writer.append(locksMemory)
        writer.append(Int64(automaticPriorityLimit))
        writer.append(automaticPriorityDelay.nanoseconds)
        writer.append(keeperName)
        writer.append(engineName)
    }

    init(from reader: inout ByteReader) throws(DecodingError) {
        self.init()
        niceness = try reader.optionalNumber()
        realTimePriority = try reader.optionalNumber()
        realTimeLimit = try reader.optionalNumber()
        processors = try reader.list { (r) throws(DecodingError) in Int(try r.number(Int64.self)) }
        locksMemory = try reader.flag()
        automaticPriorityLimit = Int(try reader.number(Int64.self))
        automaticPriorityDelay = try reader.interval()
        keeperName = try reader.text()
        engineName = try reader.text()
    }
}

extension ByteReader {
    fileprivate mutating func optionalNumber() throws(DecodingError) -> Int? {
        let isThere = try flag()
        let value = Int(try number(Int64.self))
        return isThere ? value : nil
    }
}
