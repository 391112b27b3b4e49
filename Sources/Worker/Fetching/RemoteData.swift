import DataService
import Glibc
import Joining
import KeyPins
import LocalMachine
import Model
import Synchronization
import TaskRuntime
import WorkerProtocol
import XMLRPCTransport

/// The bulk side of the network: input from the master, partitions from other workers, parts to the master.
///
/// Every function blocks the slot's thread that calls it.
final class RemoteData: Sendable {
    let master: HTTPClient
    /// As with the master, so with other workers.
    private let encrypts: Bool
    /// On this machine they are this user's programs, where no key says who they are: a port of one that has died is
    /// anybody's. Nobody knows whose they are where everybody is let in.
    private let peersAreOwn: Bool
    private let threads: TransportThreads
    private let compression: IntermediateCompression
    private let isMasterHere: Bool
    let traffic = FetchTraffic()
    let patience: Patience
    let sampledCutPoints = SampledCutPoints()
    let shippedFiles = ShippedFiles()
    private let peers: Mutex<[Peer: PeerClient]> = Mutex([:])

    private struct Peer: Hashable {
        let address: String
        let pin: String
    }

    private struct PeerClient {
        let client: HTTPClient
        /// It is on this machine: nothing on the way to it is slower than packing.
        let isHere: Bool
    }

    init(
        link: MasterLink, threads: TransportThreads, patience: Patience = Patience(),
        compression: IntermediateCompression = .auto
    ) {
        self.patience = patience
        self.compression = compression
        isMasterHere = OwnAddresses.contains(link.door.address.host)
        master = link.client
        encrypts = link.door.tls != nil
        peersAreOwn = link.hasSession
        self.threads = threads
    }

    func readInput(job: JobID, fileIndex: Int, range: Range<Int64>, into descriptor: CInt) throws -> Int64 {
        let path = DataPath.input(job: job, fileIndex: fileIndex)
        return try patience.wait {
            try Blocking.wait { [master] in
                try await master.get(
                    path, range: range, into: descriptor, at: 0, timeout: Transfer.lengthMax,
                    stallMax: Transfer.stallMax)
            }
        }
    }

    func readSample(job: JobID, _ form: InputForm, into descriptor: CInt) throws -> Int64 {
        let path = DataPath.sample(job: job, form)
        return try patience.wait {
            try Blocking.wait { [master] in
                try await master.get(
                    path, into: descriptor, at: 0, timeout: Transfer.lengthMax, stallMax: Transfer.stallMax)
            }
        }
    }

    func fetchPartition(
        _ attempt: AttemptID, checksum: UInt32, partition: Int, from source: SourceMessage, into descriptor: CInt,
        at offset: Int64, control: TaskControl
    ) throws -> Int64 {
        let peer = try client(for: source)
        let transfer = Transfer(
            path: DataPath.intermediate(attempt, partition: partition), entityTag: DataPath.entityTag(checksum),
            coding: AnswerCoding(SegmentCoding(), wish(for: peer)))
        let fetched = try patience.wait(control) {
            try Blocking.wait {
                try await transfer.bring(
                    byteCountMax: source.byteCountMax, from: peer.client, into: descriptor, at: offset)
            }
        }
        traffic.add(fetched)
        return fetched.storedByteCount
    }

    private func wish(for peer: PeerClient) -> CodingWish {
        switch compression {
        case .always: .always
        case .never: .never
        case .auto: peer.isHere ? .never : .whenItPays
        }
    }

    func uploadPart(_ attempt: AttemptID, from descriptor: CInt, byteCount: Int64) throws {
        let path = DataPath.output(attempt)
        try patience.wait {
            try Blocking.wait { [master] in
                _ = try await master.put(
                    path, from: descriptor, byteCount: byteCount, timeout: Transfer.lengthMax,
                    stallMax: Transfer.stallMax)
            }
        }
    }

    /// What has no address is the master's to serve.
    private func client(for source: SourceMessage) throws -> PeerClient {
        if source.place.address.isEmpty { return PeerClient(client: master, isHere: isMasterHere) }
        let peer = try peer(Peer(address: source.place.address, pin: source.place.pin))
        guard !source.ticket.isEmpty else { return peer }
        return PeerClient(client: peer.client.showing("Bearer \(source.ticket)"), isHere: peer.isHere)
    }

    private func peer(_ peer: Peer) throws -> PeerClient {
        guard let target = HostPort(peer.address, defaultHost: "127.0.0.1"), target.port > 0 else {
            throw TransportError.unreachable(address: peer.address, reason: "this is not HOST:PORT")
        }
        return try peers.withLock { peers in
            if let known = peers[peer] { return known }
            let tls = try tls(pin: peer.pin, of: peer.address)
            var configuration = HTTPClientConfiguration()
            let isHere = OwnAddresses.contains(target.host)
            if tls == nil, peersAreOwn, isHere {
                configuration.distrust = MasterDoor.distrust(port: target.port)
            }
            let client = PeerClient(
                client: HTTPClient(
                    host: target.host, port: target.port, threads: threads, configuration: configuration, tls: tls),
                isHere: isHere)
            peers[peer] = client
            return client
        }
    }

    private func tls(pin text: String, of address: String) throws -> ClientTLS? {
        if text.isEmpty, !encrypts { return nil }
        guard let pin = KeyPin(text) else {
            throw TransportError.unreachable(address: address, reason: "nothing is known of its key")
        }
        return try ClientTLS(trust: .pins([pin]))
    }

    func close() async {
        for client in peers.withLock({ Array($0.values) }) { await client.client.close() }
    }
}
