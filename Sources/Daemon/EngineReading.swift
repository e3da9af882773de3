import Config
import Linux
import Net

/// A new configuration that is being understood, a little each turn.
struct Reading {
    let bundle: Bundle
    var parsing: Parsing
    /// What is understood, once all is: it comes into force in a turn of its own.
    var configuration: Configuration?

    /// The longest that an advertisement may have to wait for it.
    static let patience = Interval.microseconds(200)
}

// Advertisements go out on time meanwhile: between two steps a whole turn is served.
extension Engine {
    func beginReload(_ descriptor: Descriptor?) {
        guard let bundle = descriptor.flatMap({ Bundle($0) }) else {
            return tell(.unreadable)
        }
        reading = Reading(bundle: bundle, parsing: bundle.archive.parsing(options))
    }

    func readOn() {
        guard self.reading != nil else { return }
        // Taken out, so that it is the only one who holds it.
        guard var reading = reading.take(), !isStopping else { return }
        // What is due goes out first.
        batch.flush()
        if let configuration = reading.configuration {
            return reload(to: configuration, reading.bundle)
        }
        let end = Clock.boot() + Reading.patience
        while reading.parsing.step() {
            if Clock.boot() >= end {
                self.reading = reading
                return
            }
        }
        let result = reading.bundle.archive.finish(&reading.parsing)
        reading.configuration = result.configuration.withoutUnusableScripts(reading.bundle.table)
        self.reading = reading
    }
}
