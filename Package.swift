// swift-tools-version: 6.2
import PackageDescription

// Layers, from the bottom: every arrow points down, and the build refuses an import that is not declared here
// (`make build` passes --explicit-target-dependency-import-check error). docs/architecture.md explains them.
let strict: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

let nio: [Target.Dependency] = [
    .product(name: "NIOCore", package: "swift-nio"),
    .product(name: "NIOPosix", package: "swift-nio"),
    .product(name: "NIOHTTP1", package: "swift-nio"),
    .product(name: "NIOExtras", package: "swift-nio-extras"),
]
let tls: [Target.Dependency] = [
    .product(name: "NIOSSL", package: "swift-nio-ssl"), .product(name: "NIOTLS", package: "swift-nio"),
]
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let asn1: Target.Dependency = .product(name: "SwiftASN1", package: "swift-asn1")
let systemPackage: Target.Dependency = .product(name: "SystemPackage", package: "swift-system")
let log: Target.Dependency = .product(name: "Logging", package: "swift-log")
let lifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let arguments: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")

func target(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func program(_ name: String, _ dependencies: [Target.Dependency], path: String? = nil) -> Target {
    .executableTarget(name: name, dependencies: dependencies, path: path, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource] = []) -> Target {
    .testTarget(name: name, dependencies: dependencies, resources: resources, swiftSettings: strict)
}

let package = Package(
    name: "swift-mapreduce",
    products: [
        .library(name: "XMLRPC", targets: ["XMLRPC"]),
        .library(name: "XMLRPCHTTP", targets: ["XMLRPCHTTP"]),
        .library(name: "DataClient", targets: ["DataClient"]),
        .library(name: "ApplicationAPI", targets: ["ApplicationAPI", "WorkerCommand"]),
        .executable(name: "mr-master", targets: ["mr-master"]),
        .executable(name: "mr-worker", targets: ["mr-worker"]),
        .executable(name: "mr-ctl", targets: ["mr-ctl"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
        .package(url: "https://github.com/apple/swift-asn1", from: "1.7.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.0", traits: []),
        .package(url: "https://github.com/apple/swift-system", from: "1.5.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-distributed-tracing", from: "1.7.0"),
    ],
    targets: [
        // Leaves
        .systemLibrary(name: "CLibXML2", pkgConfig: "libxml-2.0", providers: [.apt(["libxml2-dev"])]),
        .systemLibrary(name: "CZLib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CBZip2", providers: [.apt(["libbz2-dev"])]),
        .systemLibrary(name: "CLZMA", pkgConfig: "liblzma", providers: [.apt(["liblzma-dev"])]),
        .systemLibrary(name: "CZStandard", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
        .target(name: "CDataPath"),
        target("Model"),
        target("JSON"),
        target("KeyPins", [crypto]),
        target("ApplicationAPI", ["CDataPath"]),
        // Pure: no clock, no randomness, no I/O
        target("XMLRPC", ["CLibXML2"]),
        target("WorkerProtocol", ["Model", "XMLRPC", "JSON"]),
        target("LaunchedWorkers", ["XMLRPC"]),
        target("DataProtocol", ["XMLRPC", "LocalMachine"]),
        target("Center", ["DataProtocol"]),
        target(
            "Coordinator",
            ["Model", "Center", "DataProtocol", .product(name: "HeapModule", package: "swift-collections")]),
        // Adapters: each touches one outside thing
        target("XMLRPCTransport", ["XMLRPC", "KeyPins", "CZLib", log] + nio + tls),
        target("Decompression", ["Model", "CZLib", "CBZip2", "CLZMA", "CZStandard"]),
        target("Compression", ["Model", "CZLib", "CZStandard"]),
        // So that only programs that make keys have it
        target("Certificates", ["XMLRPCTransport", "KeyPins", crypto, asn1]),
        // For other packages; no program here depends on it
        target(
            "XMLRPCHTTP",
            [
                "XMLRPC", "XMLRPCTransport", "KeyPins", log, lifecycle,
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
            ]),
        target("LocalMachine", ["CDataPath"]),
        // What servers show of themselves
        target("Identities", ["Certificates", "KeyPins", "LocalMachine", "XMLRPCTransport"]),
        target("Objects", ["DataProtocol", "LocalMachine", "CDataPath"]),
        // Pure again: who is let in for what
        target("Access", ["Model", "XMLRPC", "LocalMachine", "KeyPins", crypto]),
        target("Journal", ["CDataPath", .product(name: "GRDB", package: "GRDB.swift")]),
        target("Processes", ["ApplicationAPI", "CDataPath"]),
        target(
            "Launchers",
            [
                "LaunchedWorkers", "Processes", "LocalMachine", "CDataPath",
                .product(name: "Subprocess", package: "swift-subprocess"), systemPackage,
            ]),
        // For other packages, too: a client of data workers
        target("DataClient", ["XMLRPC", "XMLRPCHTTP", "DataProtocol", "LocalMachine", "Access", "KeyPins", crypto]),
        // How programs find a master and get in
        target("Joining", ["Access", "KeyPins", "LocalMachine", "XMLRPCTransport"]),
        // Worker parts
        target("TaskRuntime", ["Model", "ApplicationAPI", "CDataPath", "Decompression", "Compression"]),
        target("Shipping", ["Model", "LocalMachine", "TaskRuntime", "Decompression", "CZLib", crypto]),
        target("LineKeys", ["ApplicationAPI", "CDataPath"]),
        target("Applications", ["ApplicationAPI", "CDataPath", "LineKeys"]),
        target("Streaming", ["ApplicationAPI", "CDataPath", "LineKeys", "LocalMachine", "Processes"]),
        // What a data worker computes
        target("Functions", ["XMLRPC", "Processes", "LocalMachine", "CDataPath"]),
        target(
            "DataService",
            [
                "Model", "WorkerProtocol", "XMLRPC", "XMLRPCTransport", "LocalMachine", "TaskRuntime", "Compression",
                "Decompression",
            ]),
        // Shells: own the clock, the sockets, the files; run effects
        target("Shell", ["Coordinator", "Model", "Journal", log]),
        target(
            "DataWorkers",
            [
                "Model", "Coordinator", "Journal", "Shell", "Center", "DataProtocol", "Objects", "Functions", "Access",
                "JSON", "WorkerProtocol", "DataService", "XMLRPC", "XMLRPCTransport", "LocalMachine", "Identities",
                "Joining", "KeyPins", log,
            ]),
        target(
            "Master",
            [
                "Model", "Coordinator", "Shell", "DataWorkers", "WorkerProtocol", "XMLRPC", "XMLRPCTransport",
                "LocalMachine", "Launchers",
                "TaskRuntime", "DataService", "Journal", "JSON", "Access", "Identities", "KeyPins", "Decompression",
                "Compression", "LaunchedWorkers", log,
            ]),
        target(
            "Worker",
            [
                "Model", "WorkerProtocol", "XMLRPC", "XMLRPCTransport", "LocalMachine", "TaskRuntime", "DataService",
                "ApplicationAPI", "Access", "Joining", "Identities", "KeyPins", "Shipping", log,
            ]),
        // Tries a worker that somebody else has written
        target(
            "Conformance",
            [
                "Access", "CDataPath", "Certificates", "KeyPins", "LocalMachine", "Processes", "XMLRPC",
                "XMLRPCTransport",
                .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"), .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ]),
        // Command lines
        target("CommandSupport", [log]),
        target(
            "MasterCommand",
            [
                "Master", "Model", "Coordinator", "LocalMachine", "Identities", "Launchers", "Applications",
                "Processes", "Streaming",
                "Shipping",
                "ApplicationAPI", "TaskRuntime", "CommandSupport", "JSON", "XMLRPCTransport", arguments, log,
            ]),
        target(
            "WorkerCommand",
            [
                "Worker", "WorkerProtocol", "Access", "Joining", "ApplicationAPI", "Launchers", "Processes",
                "Streaming",
                "LocalMachine", "CommandSupport", "DataWorkers", "Functions", "Identities", "XMLRPC", "XMLRPCTransport",
                arguments, log,
            ]),
        target(
            "ControlCommand",
            [
                "Model", "JSON", "WorkerProtocol", "XMLRPC", "XMLRPCTransport", "LocalMachine", "Access", "Joining",
                "KeyPins", "Conformance", "CommandSupport", "DataWorkers", "Identities", arguments, log,
            ]),
        program("mr-master", ["MasterCommand"]),
        program("mr-ctl", ["ControlCommand"]),
        program("mr-worker", ["WorkerCommand", "Applications"]),
        program("own-worker", ["WorkerCommand", "ApplicationAPI", "XMLRPC"], path: "Examples/OwnWorker"),
        // What the DocC catalogue of ApplicationAPI shows
        program("page-worker", ["WorkerCommand", "ApplicationAPI"], path: "Examples/PageWorker"),
        // What docs/xmlrpc.md shows
        program("add-server", ["XMLRPC", "XMLRPCHTTP"], path: "Examples/AddServer"),
        program("add-client", ["XMLRPCHTTP"], path: "Examples/AddClient"),
        // Writes docs/protocol.md from the method table of a running master
        program(
            "protocol-document",
            ["Master", "Coordinator", "Model", "LocalMachine", "WorkerProtocol", "XMLRPC", "CommandSupport", log],
            path: "Sources/ProtocolDocument"),
        // Times one task's work without a master
        program(
            "task-bench", ["Model", "ApplicationAPI", "TaskRuntime", "Applications"], path: "Benchmarks/task-bench"),
        // Echo calls per second
        program("rpc-bench", ["XMLRPC", "XMLRPCTransport", "Certificates", log], path: "Benchmarks/rpc-bench"),
        // Polls per second, of two masters in turn
        program(
            "poll-bench",
            ["CommandSupport", "Joining", "Model", "WorkerProtocol", "XMLRPC", "XMLRPCTransport"],
            path: "Benchmarks/poll-bench"),
        // Times the codec, and serves echo calls, beside peers
        program("xmlrpc-bench", ["XMLRPC", "XMLRPCTransport", "Certificates", log], path: "Benchmarks/xmlrpc/program"),
        // Times parts by themselves, and counts their allocations
        .target(name: "AllocationCount", path: "Benchmarks/allocations"),
        program(
            "micro-bench",
            [
                "ApplicationAPI", "TaskRuntime", "CDataPath", "AllocationCount", "Model", "WorkerProtocol", "XMLRPC",
                "Simulation",
            ], path: "Benchmarks/micro"),
        // Tests, from the bottom up
        .target(
            name: "TestSupport", dependencies: ["CZLib", "CBZip2", "CLZMA", "CZStandard"], path: "Tests/TestSupport",
            swiftSettings: strict),
        tests("AccessTests", ["Access", "KeyPins", "Model", "LocalMachine"]),
        tests("JoiningTests", ["Joining", "Access", "KeyPins", "LocalMachine", "XMLRPCTransport", "TestSupport"]),
        tests("ModelTests", ["Model"]),
        tests("XMLRPCTests", ["XMLRPC", "TestSupport"], resources: [.copy("Cases")]),
        tests(
            "XMLRPCTransportTests", ["XMLRPCTransport", "XMLRPC", "CZLib", "Certificates", "KeyPins", log] + nio,
            resources: [.copy("Cases")]),
        tests("DecompressionTests", ["Decompression", "Model", "TestSupport"]),
        tests("CompressionTests", ["Compression", "Decompression", "Model", "TestSupport"]),
        tests("CertificatesTests", ["Certificates", "KeyPins", "XMLRPCTransport"]),
        tests("IdentitiesTests", ["Identities", "LocalMachine", "TestSupport"]),
        tests(
            "XMLRPCHTTPTests",
            [
                "XMLRPCHTTP", "XMLRPC", "Certificates", "TestSupport", "add-server", "add-client", log, lifecycle,
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "MetricsTestKit", package: "swift-metrics"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
                .product(name: "InMemoryTracing", package: "swift-distributed-tracing"),
            ]),
        .target(
            name: "Simulation", dependencies: ["Model", "Coordinator", "TestSupport"], path: "Tests/Simulation",
            swiftSettings: strict),
        program("mr-simulate", ["Simulation", "Coordinator", "Model"], path: "Tests/mr-simulate"),
        tests(
            "CoordinatorTests", ["Coordinator", "Center", "DataProtocol", "Model", "Simulation", "TestSupport"]),
        tests("SimulationTests", ["Simulation", "Coordinator", "Model"]),
        tests(
            "TaskRuntimeTests", ["TaskRuntime", "Model", "ApplicationAPI", "CDataPath", "Applications", "TestSupport"]),
        tests(
            "StreamingTests",
            [
                "Streaming", "Processes", "LineKeys", "TaskRuntime", "ApplicationAPI", "Model", "LocalMachine",
                "TestSupport",
            ]),
        tests("FunctionsTests", ["Functions", "XMLRPC", "Processes", "TestSupport"]),
        tests("ShippingTests", ["Shipping", "Model", "LocalMachine", "TaskRuntime", "TestSupport"]),
        tests("LineKeysTests", ["LineKeys", "ApplicationAPI", "TestSupport"]),
        tests("ApplicationsTests", ["Applications", "TaskRuntime", "ApplicationAPI", "Model", "TestSupport"]),
        tests("DocumentTests", ["protocol-document", "own-worker", "page-worker", "TestSupport"]),
        tests("CenterTests", ["Center", "DataProtocol", "TestSupport"]),
        tests(
            "DataWorkersTests",
            [
                "DataWorkers", "DataProtocol", "Objects", "Joining", "LocalMachine", "XMLRPC", "XMLRPCTransport",
                "TestSupport", "mr-worker", log,
            ]),
        tests("LaunchedWorkersTests", ["LaunchedWorkers", "XMLRPC"]),
        tests("WorkerProtocolTests", ["WorkerProtocol", "XMLRPC", "Model", "TestSupport"]),
        tests("LocalMachineTests", ["LocalMachine", "TestSupport"]),
        tests("ObjectsTests", ["Objects", "DataProtocol", "XMLRPC", "LocalMachine", "TestSupport"]),
        // What is tried on a journal in a process of its own, and timed
        program("journal-process", ["Journal", "TestSupport"], path: "Tests/JournalProcess"),
        tests(
            "JournalTests",
            ["Journal", "TestSupport", "journal-process", .product(name: "GRDB", package: "GRDB.swift")]),
        tests(
            "MasterTests",
            [
                "Master", "Shell", "Coordinator", "Journal", "LocalMachine", "Model", "TaskRuntime", "XMLRPC",
                "XMLRPCTransport", "TestSupport", log,
            ]),
        tests(
            "WorkerTests",
            [
                "Worker", "WorkerProtocol", "Model", "Applications", "ApplicationAPI", "DataService", "LocalMachine",
                "TaskRuntime", "XMLRPC", "XMLRPCTransport", "Joining", "TestSupport", log,
            ]),
        tests(
            "CommandTests",
            [
                "CommandSupport", "MasterCommand", "ControlCommand", "Conformance", "Coordinator", "Model", "JSON",
                "WorkerProtocol",
                "XMLRPC", "TestSupport", arguments, log,
            ]),
        // What must hold for any bytes: tried by the fuzzer, and replayed on what it has kept
        .target(
            name: "FuzzProperties",
            dependencies: [
                "XMLRPC", "XMLRPCTransport", "TestSupport", log, .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
            ], path: "Tests/Fuzz/Properties", swiftSettings: strict),
        tests("FuzzTests", ["FuzzProperties"]),
        // This project's client, tried on other people's servers
        program("interop-client", ["XMLRPC", "XMLRPCTransport"], path: "Tests/Interop/OurClient"),
        // And its server over TLS, for other people's clients
        program(
            "interop-server", ["XMLRPCHTTP", "Certificates", "ControlCommand", log], path: "Tests/Interop/OurServer"),
        // Real processes
        program("faulty-worker", ["WorkerCommand", "ApplicationAPI"], path: "Tests/FaultyWorker"),
        tests(
            "IntegrationTests",
            [
                "mr-master", "mr-worker", "mr-ctl", "own-worker", "page-worker", "faulty-worker", "ApplicationAPI",
                "Applications", "DataClient",
                "LocalMachine", "TaskRuntime", "TestSupport", "XMLRPC", "XMLRPCTransport", "Access", "Joining",
                "KeyPins", "WorkerProtocol",
            ], resources: [.copy("Python")]),
    ],
    swiftLanguageModes: [.v6]
)

// `make fuzz`, `make asan` and `make tsan` build with a sanitizer in a folder of their own, and only what they try.
if Context.environment["MR_PART"] == "wire" {
    var part: Set = [
        "ModelTests", "XMLRPCTests", "XMLRPCTransportTests", "CertificatesTests", "XMLRPCHTTPTests",
        "WorkerProtocolTests", "FuzzTests", "LocalMachineTests",
    ]
    // With all that they use, which stands before them.
    for target in package.targets.reversed() where part.contains(target.name) {
        for case .byNameItem(let name, _) in target.dependencies { part.insert(name) }
    }
    package.targets.removeAll { !part.contains($0.name) }
    package.products.removeAll()
    if Context.environment["MR_FUZZ"] != nil {
        package.targets.append(program("fuzz", ["FuzzProperties"], path: "Tests/Fuzz/Program"))
    }
}
