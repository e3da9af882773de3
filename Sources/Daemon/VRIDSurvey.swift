import Config
import Linux
import Net
import VRRP

/// Which VRIDs are in use on a link, found out by listening to all of them for a while: what is
/// free, in an alarm about one that two clusters share.
struct VRIDSurvey: Hashable {
    /// Longer than Master_Down_Interval at the usual interval of one second.
    static let duration = Interval.seconds(5)

    let end: Instant
    private var heard = VRIDSet()

    init(at now: Instant) { end = now + VRIDSurvey.duration }

    mutating func insert(_ vrid: UInt8) { heard.insert(vrid) }

    func contains(_ vrid: UInt8) -> Bool { heard.contains(vrid) }

    /// The free ones, those that the configuration names counting as used: "1-50, 52, 54-255".
    func freeText(used: VRIDSet) -> String {
        var text = ""
        var first = 0
        for vrid in 1...256 {
            let isFree =
                vrid < 256 && !heard.contains(UInt8(vrid)) && !used.contains(UInt8(vrid))
            if isFree {
                if first == 0 { first = vrid }
            } else if first > 0 {
                if !text.isEmpty { text += ", " }
                text += first == vrid - 1 ? "\(first)" : "\(first)-\(vrid - 1)"
                first = 0
            }
        }
        return text.isEmpty ? "none" : text
    }
}

// Alarms about VRIDs that are used twice.
extension Engine {
    /// Another cluster has our VRID: says so, and listens for which one is free.
    func raiseAlarm(_ index: Int, at now: Instant) {
        guard let position = ports[index].lane, lanes[position]?.survey == nil else { return }
        lanes[position]?.survey = VRIDSurvey(at: now)
        updateFilter(position)
    }

    /// What a survey hears.
    func noteVRID(of payload: Span<UInt8>, _ lane: Lane) {
        guard let vrid = peekVRID(payload, isAuthenticated: lane.key.isAuthenticated) else {
            return
        }
        lane.survey?.insert(vrid)
    }

    /// When the next survey ends.
    var surveyDeadline: Instant? {
        var result: Instant? = nil
        for position in lanes.indices { result = earliest(result, lanes[position]?.survey?.end) }
        return result
    }

    func endSurveys(at now: Instant) {
        guard let deadline = surveyDeadline, deadline <= now else { return }
        for position in lanes.indices {
            guard let lane = lanes[position], let survey = lane.survey, survey.end <= now else {
                continue
            }
            lanes[position]?.survey = nil
            updateFilter(position)
            let name = interfaces.link(index: lane.key.interfaceIndex)?.name ?? ""
            log.write(
                .critical,
                "virtual_router_id free on \(name), by what was heard in "
                    + "\(VRIDSurvey.duration.nanoseconds / 1_000_000_000) s: "
                    + survey.freeText(used: lane.vrids))
        }
    }
}
