// swift-tools-version:6.2
import PackageDescription

// Three builds from the same sources: standard (default; tests run on it), EMBEDDED=1 (the small
// daemon for routers) and FUZZ=1 (libFuzzer with the address sanitizer).
let environment = Context.environment
let isEmbedded = environment["EMBEDDED"] == "1"
let isFuzzing = environment["FUZZ"] == "1"

var settings: [SwiftSetting] = [
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]
/// What only the modules below the executable are built with.
var librarySettings: [SwiftSetting] = []
var linking: [LinkerSetting] = [
    .unsafeFlags(["-Xlinker", "--gc-sections", "-Xlinker", "-z", "-Xlinker", "now"])
]
// The small daemon is static; the mail helper cannot be, since libcurl's TLS is shared.
var daemonLinking: [LinkerSetting] = []
if isEmbedded {
    daemonLinking = [.unsafeFlags(["-Xclang-linker", "-static"])]
    // The Makefile finds the folder beside the compiler.
    let libraries = environment["SWIFT_EMBEDDED_LIBDIR"] ?? "."
    settings += [.enableExperimentalFeature("Embedded")]
    librarySettings = [.unsafeFlags(["-Xfrontend", "-emit-empty-object-file"])]
    linking += [
        .unsafeFlags(["-L\(libraries)"]), .linkedLibrary("swiftUnicodeDataTables"),
        .linkedLibrary("m"),
    ]
} else {
    // async, actors and Regex do not exist in the small build: keep them out of reach here too.
    settings += [
        .unsafeFlags([
            "-Xfrontend", "-disable-implicit-concurrency-module-import",
            "-Xfrontend", "-disable-implicit-string-processing-module-import",
        ])
    ]
}
if isFuzzing {
    settings += [.unsafeFlags(["-sanitize=fuzzer,address"])]
}

var targets: [Target] = [
    .systemLibrary(
        name: "CNetlink", path: "CNetlink", pkgConfig: "libnl-3.0",
        providers: [.apt(["libnl-3-dev"])]),
    .target(
        name: "Foresight", dependencies: ["Config", "VRRP", "Net"],
        swiftSettings: settings + librarySettings),
    .target(
        name: "Advice", dependencies: ["Config", "Foresight", "VRRP", "Net"],
        swiftSettings: settings + librarySettings),
    .target(name: "CMail", linkerSettings: [.linkedLibrary("curl")]),
    .target(name: "Mail", dependencies: ["Net"], swiftSettings: settings + librarySettings),
    .target(
        name: "CLinux", cSettings: isEmbedded ? [.define("MARTLET_STATIC")] : [],
        linkerSettings: [.linkedLibrary("nettle")]),
    .target(name: "Net", swiftSettings: settings + librarySettings),
    .target(name: "VRRP", dependencies: ["Net"], swiftSettings: settings + librarySettings),
    .target(
        name: "Config", dependencies: ["VRRP", "Net"], swiftSettings: settings + librarySettings),
    .target(
        name: "Control", dependencies: ["VRRP", "Net"], swiftSettings: settings + librarySettings),
    .target(
        name: "Linux", dependencies: ["Net", "CNetlink", "CLinux"],
        swiftSettings: settings + librarySettings),
    .target(
        name: "Daemon",
        dependencies: [
            "Advice", "Config", "Control", "Foresight", "Linux", "Mail", "VRRP", "Net",
        ],
        swiftSettings: settings + librarySettings),
    .executableTarget(
        name: "martletd", dependencies: ["Daemon"], path: "Sources/martlet",
        swiftSettings: settings, linkerSettings: linking + daemonLinking),
    .executableTarget(
        name: "martlet-mail", dependencies: ["CMail", "Mail", "Net"], swiftSettings: settings,
        linkerSettings: linking),
]

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(
        name: name, dependencies: dependencies,
        swiftSettings: [.enableUpcomingFeature("ExistentialAny")])
}
if isFuzzing {
    targets.append(
        .target(
            name: "FuzzDriver", path: "Tests/Fuzz/driver",
            swiftSettings: [.unsafeFlags(["-parse-as-library", "-sanitize=fuzzer,address"])]))
    for (name, module) in [
        ("fuzz-packet", "Linux"), ("fuzz-config", "Config"), ("fuzz-request", "Control"),
    ] {
        targets.append(
            .executableTarget(
                name: name, dependencies: [.byName(name: module), "VRRP", "Net", "FuzzDriver"],
                path: "Tests/Fuzz/\(name)",
                swiftSettings: [.unsafeFlags(["-parse-as-library", "-sanitize=fuzzer,address"])],
                linkerSettings: [.unsafeFlags(["-sanitize=fuzzer,address"])]))
    }
} else if !isEmbedded {
    targets += [
        tests("NetTests", ["Net"]),
        tests("VRRPTests", ["VRRP", "Net", "Linux", "Daemon"]),
        tests("ConfigTests", ["Config", "VRRP", "Net"]),
        tests("LinuxTests", ["Linux", "Net"]),
        tests("ControlTests", ["Control", "VRRP", "Net"]),
        tests("MailTests", ["Mail", "Net"]),
        tests("ForesightTests", ["Foresight", "Config", "VRRP", "Net"]),
        tests("AdviceTests", ["Advice", "Config", "VRRP", "Net"]),
        tests("DaemonTests", ["Daemon", "Config", "Control", "Linux", "Mail", "VRRP", "Net"]),
        tests("TidyTests", ["Advice", "Config", "Daemon"]),
    ]
}

let package = Package(name: "martlet", targets: targets, swiftLanguageModes: [.v6])
