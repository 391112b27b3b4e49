import Access
import Glibc
import KeyPins
import LocalMachine
import TestSupport
import Testing
import XMLRPCTransport

@testable import Joining

@Suite struct EntryRequestTests {
    private static let line = JoinLine(
        trust: .pin(KeyPin(publicKey: [1])), secret: JoinSecret(role: .worker, bytes: [UInt8](1...20)),
        master: HostPort(host: "10.0.0.5", port: 7_070))
    private let folder: TemporaryFolder
    private let environment: [String: String]

    init() throws {
        folder = try TemporaryFolder()
        environment = ["MR_STATE_DIR": folder.path]
    }

    private func request(
        master: String? = nil, join: String? = nil, plainHTTP: Bool = false, authorities: String? = nil,
        certificate: String? = nil, key: String? = nil
    ) -> EntryRequest {
        EntryRequest(
            master: master, join: join, plainHTTP: plainHTTP, authorities: authorities, certificate: certificate,
            key: key)
    }

    private func joined(_ request: EntryRequest, _ more: [String: String] = [:], input: String? = nil) throws
        -> JoinLine?
    {
        let entry = try request.entry(environment: environment.merging(more) { $1 }) { input }
        guard case .joinLine(let line, _) = entry else { return nil }
        return line
    }

    @Test("A line comes as an argument, from standard input, or in a file; and --master comes before the file")
    func sources() throws {
        #expect(try joined(request(join: Self.line.text)) == Self.line)
        #expect(try joined(request(join: "-"), input: "  \(Self.line.text)") == Self.line)
        let file = ["MR_JOIN_FILE": folder.write("line", "\(Self.line.text)\n")]
        #expect(try joined(request(), file) == Self.line)
        #expect(try joined(request(master: "127.0.0.1:1"), file) == nil)
        #expect(throws: JoinLineError.empty) { try joined(request(join: "-")) }
        #expect(throws: JoinLineError.badPin) { try joined(request(join: "mr1.x.y@h:1")) }
        #expect(throws: TLSSetupError.self) { try joined(request(), ["MR_JOIN_FILE": "/no/such/file"]) }
    }

    @Test("Without a line the usual address is meant, and addresses of this machine are found by what is left there")
    func records() throws {
        for (master, address) in [(nil, "127.0.0.1:8000"), (":9", "127.0.0.1:9"), ("localhost:9", "127.0.0.1:9")] {
            let entry = try request(master: master).entry(environment: environment) { nil }
            #expect(entry.address.description == address && entry.seesRecord)
        }
        #expect(throws: EntryError.elsewhere("192.0.2.77:1")) { try joined(request(master: "192.0.2.77:1")) }
        #expect(throws: EntryError.noAddress("h")) { try joined(request(master: "h")) }
        #expect(throws: EntryError.elsewhere("here:1")) { try joined(request(master: "here:1")) }
        try MasterRecord.random(withToken: true, processID: 1)
            .write(in: StateDirectory(path: folder.path), host: "here", port: 1)
        #expect(try joined(request(master: "here:1")) == nil)
    }

    @Test("Plain HTTP that is asked for shows nothing, wherever the master is")
    func plain() throws {
        let open = try request(master: "192.0.2.77:1", plainHTTP: true).entry(environment: environment) { nil }
        let door = try open.door(environment: environment)
        #expect(door.secret == nil && door.tls == nil && !open.seesRecord)
        #expect(try !request(master: ":1", plainHTTP: true).entry(environment: environment) { nil }.seesRecord)
    }

    @Test("What does not go together is told by name")
    func contradictions() throws {
        #expect(throws: EntryError.plainJoin) { try joined(request(join: Self.line.text, plainHTTP: true)) }
        #expect(throws: EntryError.twoMasters) { try joined(request(master: ":1", join: Self.line.text)) }
        #expect(throws: EntryError.pinAndAuthority) { try joined(request(join: Self.line.text, authorities: "x")) }
        #expect(throws: EntryError.authorityWithoutJoin) { try joined(request(authorities: "x")) }
        #expect(throws: EntryError.halfIdentity) { try joined(request(certificate: "x")) }
        #expect(throws: EntryError.halfIdentity) { try joined(request(key: "x")) }
    }

    @Test(
        "The door of a record has its token and the pin of its master's key; without one there is no door")
    func doors() throws {
        let entry = try request(master: ":1").entry(environment: environment) { nil }
        #expect(throws: NoMasterYet(address: HostPort(host: "127.0.0.1", port: 1))) {
            try entry.door(environment: environment)
        }
        let directory = StateDirectory(path: folder.path)
        try MasterRecord.random(withToken: true, processID: 1).write(in: directory, host: "127.0.0.1", port: 1)
        let plain = try entry.door(environment: environment)
        #expect(plain.tls == nil && plain.secret != nil)
        #expect(plain.mustBeOwn, "on loopback anybody may listen where it was")
        unlink("\(folder.path)/127.0.0.1-1")
        let record = MasterRecord(
            instance: "i", token: "t", processID: 1, pin: KeyPin(publicKey: [1]).description,
            address: HostPort(host: "10.0.0.5", port: 1))
        // One that listens everywhere is found by each address.
        try record.write(in: directory, host: "0.0.0.0", port: 1)
        let door = try entry.door(environment: environment)
        #expect(!door.mustBeOwn, "its key says who it is")
        #expect(door.secret == "t" && door.tls != nil && door.outward == record.address)
        #expect(try entry.record(environment: environment) == record)
    }
}
