package import Config
package import Net
import VRRP

/// A configuration as advice needs it: its values, and where they are written.
package struct Node: Sendable {
    /// For people: "web1".
    package var name: ByteString
    package var configuration: Configuration
    package var places: Places
    /// Whether the user keepalived_script exists; nil: on another machine.
    package var hasScriptUser: Bool?

    package init(name: ByteString, configuration: Configuration, places: Places) {
        self.name = name
        self.configuration = configuration
        self.places = places
    }

    func title(_ instance: Int) -> ByteString {
        "vrrp_instance " + configuration.instances[instance].name
    }

    func place(_ keyword: String, of instance: Int) -> SourceLocation? {
        places.place(keyword, in: title(instance))
    }

    func place(of address: IPAddress, of instance: Int) -> SourceLocation? {
        places.place(
            of: address, sections: ["virtual_ipaddress", "virtual_ipaddress_excluded"],
            in: title(instance))
    }

    /// Whether the text itself says so.
    func writes(_ keyword: String, _ instance: Int) -> Bool {
        places.line(keyword, in: title(instance)) != nil
    }

    /// Position of the group that an instance is in.
    func group(of instance: Int) -> Int? {
        for (number, group) in configuration.plan.groups.enumerated()
        where group.members.contains(instance) {
            return number
        }
        return nil
    }

    /// "chk_nginx"
    func name(ofObject object: Int) -> ByteString {
        let objects = configuration.trackedObjects
        guard objects.indices.contains(object) else { return "" }
        switch objects[object] {
        case .interface(let name), .device(let name), .staticGroup(let name), .bfd(let name):
            return name
        case .script(let number):
            let list = configuration.scripts
            return list.indices.contains(number) ? list[number].name : ""
        case .file(let number):
            let list = configuration.files
            return list.indices.contains(number) ? list[number].name : ""
        case .process(let number):
            let list = configuration.processes
            return list.indices.contains(number) ? list[number].name : ""
        }
    }

    /// Where an instance, else its group, tracks an object.
    func placeOfTracking(_ object: Int, by instance: Int) -> SourceLocation? {
        let name = name(ofObject: object)
        var titles = [title(instance)]
        if let group = group(of: instance) {
            titles.append("vrrp_sync_group " + configuration.groups[group].name)
        }
        for title in titles {
            for section in ["track_script", "track_interface", "track_file", "track_process"] {
                if let found = places.entry(name, section: section, in: title) { return found }
            }
        }
        return places.block(title(instance))
    }
}

/// Collects what is found, each once.
struct Collector {
    private(set) var list: [Diagnostic] = []
    private var seen: Set<Diagnostic> = []

    mutating func add(
        _ lint: Lint, _ message: String, at location: SourceLocation?,
        and related: SourceLocation? = nil, block: ByteString, word: ByteString = "", hint: String
    ) {
        var finding = Diagnostic(
            lint.severity, lint.rawValue, ByteString(message), at: location, block: block,
            word: word, hint: ByteString(hint))
        finding.related = related
        if seen.insert(finding).inserted { list.append(finding) }
    }
}
