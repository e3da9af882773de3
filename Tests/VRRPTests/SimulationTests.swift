import Glibc
import Net
import Testing
import VRRP

private func setting(_ name: String, _ standard: UInt64) -> UInt64 {
    guard let text = getenv(name) else { return standard }
    return UInt64(String(cString: text)) ?? standard
}

/// Ten thousand histories of two to five machines. MARTLET_HISTORIES gives another count,
/// MARTLET_SEED another first seed; a failure names the seed with which it comes again, and
/// MARTLET_STORY=1 then tells all of it.
@Test(arguments: 0..<4)
func histories(_ part: UInt64) {
    let count = setting("MARTLET_HISTORIES", 10_000)
    let first = setting("MARTLET_SEED", 1)
    for seed in first..<(first + count) where seed % 4 == part {
        let simulation = Simulation.history(seed: seed, keepsStory: getenv("MARTLET_STORY") != nil)
        guard let failure = simulation.failure else { continue }
        for line in simulation.story { print(line) }
        Issue.record("seed \(seed), \(failure)")
        return
    }
}
