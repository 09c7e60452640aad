// swift-tools-version: 6.2
import PackageDescription

// The architecture is written here: a module can import only what it is given (CI builds with
// `--explicit-target-dependency-import-check error`). `TelehashWire`, `Telehash`, `Messages` and `Bus` get
// nothing that has a socket or a clock.

let settings: [SwiftSetting] =
    [.swiftLanguageMode(.v6), .enableUpcomingFeature("ExistentialAny")]
    + (Context.environment["P2PMSG_WARNINGS_AS_ERRORS"] == nil ? [] : [.treatAllWarnings(as: .error)])

// The meshes that the tests simulate take minutes without the optimiser; assertions stay on. Only what checks this package
// asks for that: one that others depend on may not.
let simulated: [SwiftSetting] =
    settings
    + (Context.environment["P2PMSG_WARNINGS_AS_ERRORS"] == nil
        ? [] : [.unsafeFlags(["-O", "-assert-config", "Debug"], .when(configuration: .debug))])

let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let bigInt = Target.Dependency.product(name: "BigInt", package: "BigInt")
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let signals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioHTTP = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let heap = Target.Dependency.product(name: "HeapModule", package: "swift-collections")
let deque = Target.Dependency.product(name: "DequeModule", package: "swift-collections")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let sqlite = Target.Dependency.product(name: "GRDBSQLite", package: "GRDB.swift")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdTesting = Target.Dependency.product(name: "HummingbirdTesting", package: "hummingbird")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let mustache = Target.Dependency.product(name: "Mustache", package: "swift-mustache")

func shared(
    _ name: String, _ dependencies: [Target.Dependency] = [], settings: [SwiftSetting] = settings
) -> Target {
    .target(name: name, dependencies: dependencies, path: "Sources/Shared/\(name)", swiftSettings: settings)
}

func service(
    _ name: String, _ dependencies: [Target.Dependency], exclude: [String] = [], resources: [Resource] = []
) -> Target {
    .executableTarget(
        name: name, dependencies: dependencies, path: "Sources/\(name)", exclude: exclude, resources: resources,
        swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
    .testTarget(
        name: name, dependencies: dependencies + ["TestSupport"], path: "Tests/\(name)", exclude: exclude,
        swiftSettings: settings)
}

let package = Package(
    name: "p2pmsg",
    products: [
        .executable(name: "p2pmsg-router", targets: ["RouterService"]),
        .executable(name: "p2pmsg-receiver", targets: ["ReceiverService"]),
        .executable(name: "p2pmsg-renderer", targets: ["RendererService"]),
        .executable(name: "p2pmsg", targets: ["ClientCLI"]),
        .library(name: "Telehash", targets: ["Telehash", "TelehashWire"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/attaswift/BigInt", from: "6.0.1"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // SHA-1 comes from swift-crypto, nothing else is imported.
        shared("TelehashWire", [crypto], settings: simulated),
        // The protocol as a value.
        shared("Telehash", ["TelehashWire"], settings: simulated),
        shared("Messages", ["TelehashWire", crypto, bigInt]),
        // What texts are searched for and names compared by; apart from Messages because it needs ICU, which is 30 MB.
        shared("TextSearch", ["Messages"]),
        shared("Bus", ["Messages", "TelehashWire"]),
        .systemLibrary(
            name: "CZeroMQ", path: "Sources/Shared/CZeroMQ", pkgConfig: "libzmq", providers: [.apt(["libzmq3-dev"])]),
        // accept(2) for the whole process, because libzmq does not survive it when descriptors run out.
        .target(name: "CAccept", path: "Sources/Shared/CAccept"),
        shared("ZeroMQ", ["CZeroMQ", "CAccept"]),
        // sendmmsg(2) and recvmmsg(2), whose structures Swift does not see.
        .target(name: "CDatagrams", path: "Sources/Shared/CDatagrams"),
        shared("BusSecurity", ["Bus", "Messages", "ZeroMQ", "ServiceRuntime"]),
        shared("BusClient", ["Bus", "BusSecurity", "Messages", "TelehashWire", "ZeroMQ"]),
        shared("ServiceRuntime", ["TelehashWire", logging, lifecycle, signals]),
        shared("Operations", ["ServiceRuntime", logging, lifecycle, nioCore, nioPosix, nioHTTP]),
        shared("MeshSimulator", ["Telehash", "TelehashWire", heap], settings: simulated),

        service(
            "RouterService",
            [
                "Telehash", "TelehashWire", "Messages", "Bus", "BusSecurity", "ZeroMQ", "CDatagrams", "ServiceRuntime",
                "Operations",
                argumentParser, logging, lifecycle, deque,
            ]),
        service(
            "ReceiverService",
            [
                "ReceiverStore", "SQLiteStore", "Messages", "TelehashWire", "Bus", "BusSecurity", "ZeroMQ", "BusClient",
                "ServiceRuntime", "Operations", argumentParser, logging, lifecycle,
            ], exclude: ["Store", "SQLiteStore"]),
        // What every kind of store does, and the kinds.
        .target(
            name: "ReceiverStore", dependencies: ["Messages", "TelehashWire", "Bus"],
            path: "Sources/ReceiverService/Store",
            swiftSettings: settings),
        .target(
            name: "SQLiteStore",
            dependencies: [
                "ReceiverStore", "Messages", "TelehashWire", "TextSearch", "Bus", "ServiceRuntime", grdb, sqlite,
            ],
            path: "Sources/ReceiverService/SQLiteStore", swiftSettings: settings),
        service(
            "RendererService",
            [
                "Messages", "TelehashWire", "Bus", "BusSecurity", "BusClient", "ServiceRuntime", "Operations",
                "TextSearch",
                argumentParser,
                logging, lifecycle, hummingbird, httpTypes, mustache, nioCore, nioHTTP, nioPosix,
            ], resources: [.embedInCode("Assets"), .embedInCode("Templates")]),
        service(
            "ClientCLI",
            [
                "TelehashWire", "Messages", "Bus", "BusSecurity", "BusClient", "ZeroMQ", "ServiceRuntime",
                "MeshSimulator",
                argumentParser, logging,
            ]),

        .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: settings),
        .executableTarget(
            name: "Benchmarks", dependencies: ["Messages", "Bus", "BusClient", "TestSupport"], path: "Tests/Benchmarks",
            exclude: ["run"], swiftSettings: settings),
        .executableTarget(
            name: "Torture",
            dependencies: [
                "Messages", "Bus", "BusClient", "ZeroMQ", "Telehash", "TelehashWire", "MeshSimulator", "MeshTrouble",
                "TestSupport", argumentParser,
            ], path: "Tests/Torture", exclude: ["run"], swiftSettings: settings),
        // What simulated meshes are tried with: cuts, NATs, crashes, wrong clocks, swarms of all of them, full channels.
        .target(
            name: "MeshTrouble", dependencies: ["MeshSimulator", "Telehash", "TelehashWire"], path: "Tests/MeshTrouble",
            swiftSettings: simulated),
        .executableTarget(
            name: "SimulatorRuns", dependencies: ["MeshSimulator", "MeshTrouble", "Telehash", argumentParser],
            path: "Tests/Simulation", exclude: ["run"], swiftSettings: settings),
        // How a program of one's own uses the library; what its article shows, and a test runs.
        .executableTarget(
            name: "UDPNode", dependencies: ["Telehash", "TelehashWire"], path: "Tests/UDPNode", swiftSettings: settings),
        .target(
            name: "FuzzTargets", dependencies: ["Telehash", "TelehashWire", "Messages", "Bus"],
            path: "Tests/Fuzzing/Targets", swiftSettings: settings),
        tests("FuzzTargetsTests", ["FuzzTargets"]),
        tests("TestSupportTests", []),
        tests("TelehashWireTests", ["TelehashWire", "MeshSimulator"]),
        tests("TelehashTests", ["Telehash", "TelehashWire", "MeshSimulator", "MeshTrouble", "UDPNode"]),
        tests("MeshSimulatorTests", ["MeshSimulator", "MeshTrouble", "Telehash", "TelehashWire"]),
        tests("MessagesTests", ["Messages", "TelehashWire"]),
        tests("TextSearchTests", ["TextSearch", "Messages"]),
        tests("BusTests", ["Bus", "Messages", "TelehashWire"]),
        tests("ZeroMQTests", ["ZeroMQ"]),
        tests("BusSecurityTests", ["BusSecurity", "Bus", "Messages", "ServiceRuntime", "ZeroMQ"]),
        tests("BusClientTests", ["BusClient", "BusSecurity", "Bus", "Messages", "TelehashWire", "ZeroMQ"]),
        tests("ServiceRuntimeTests", ["ServiceRuntime", logging, lifecycle]),
        tests("OperationsTests", ["Operations", "ServiceRuntime", logging, lifecycle]),
        tests(
            "MessagePathTests",
            [
                "RouterService", "SQLiteStore", "ReceiverStore", "RendererService", "TelehashWire", "Messages", "Bus",
                "BusClient",
            ]),
        tests(
            "RouterServiceTests",
            [
                "RouterService", "ClientCLI", "ServiceRuntime", "Operations", "Telehash", "TelehashWire", "Messages",
                "Bus", "BusClient", logging,
            ]),
        .target(
            name: "StoreConformance",
            dependencies: ["ReceiverStore", "Messages", "TelehashWire", "TextSearch", "Bus", "TestSupport"],
            path: "Tests/StoreConformance", swiftSettings: settings),
        tests(
            "SQLiteStoreTests",
            [
                "SQLiteStore", "ReceiverStore", "StoreConformance", "Messages", "TelehashWire", "TextSearch", "Bus",
                grdb, sqlite,
            ]),
        tests(
            "ReceiverServiceTests",
            [
                "ReceiverService", "ReceiverStore", "SQLiteStore", "StoreConformance", "Operations", "Messages",
                "TelehashWire", "Bus",
            ]),
        tests(
            "RendererServiceTests",
            [
                "RendererService", "TextSearch", "Messages", "TelehashWire", "Bus", "BusClient", "ServiceRuntime",
                hummingbird,
                hummingbirdTesting,
                nioHTTP, nioPosix,
            ]),
        tests("ClientCLITests", ["ClientCLI", "Messages", "TelehashWire", "Bus", "BusClient", "ServiceRuntime"]),
        tests("SystemTests", ["Messages", "TelehashWire", "Bus", "BusSecurity", "BusClient", "ZeroMQ"]),
    ]
)

// Tests/Fuzzing/run links with libFuzzer, which is no part of a normal build.
if Context.environment["P2PMSG_FUZZING"] != nil {
    package.targets += [
        .systemLibrary(name: "CLibFuzzer", path: "Tests/Fuzzing/CLibFuzzer"),
        .executableTarget(
            name: "Fuzzer", dependencies: ["CLibFuzzer", "FuzzTargets"], path: "Tests/Fuzzing/Fuzzer",
            swiftSettings: settings,
            // gold, the default, breaks on what libFuzzer adds.
            linkerSettings: [.unsafeFlags(["-use-ld=lld"])]),
    ]
}

// A build of some targets only, for working on one module: P2PMSG_ONLY=TelehashWire,Messages,TestSupport,MessagesTests swift test
if let only = Context.environment["P2PMSG_ONLY"] {
    let names = Set(only.split(separator: ",").map(String.init))
    package.targets = package.targets.filter { names.contains($0.name) }
    package.products = []
}

// The four programs and what they link, nothing for tests: what a machine builds that only runs a node (compose/up,
// compose/Containerfile), with one `swift build`.
if Context.environment["P2PMSG_PROGRAMS_ONLY"] != nil {
    package.targets = package.targets.filter { $0.path?.hasPrefix("Sources/") ?? false }
}
