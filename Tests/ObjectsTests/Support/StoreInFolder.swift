import DataProtocol
import Foundation
import LocalMachine
import Objects
import TestSupport

/// A store with a folder of its own.
final class StoreInFolder {
    let store: ObjectStore
    let folder: String
    private let parent: TemporaryFolder?

    init(
        memoryByteCountMax: Int, countMax: Int = 1_000_000, writerCountMax: Int = 1_024, folder: String? = nil
    ) throws {
        parent = folder == nil ? try TemporaryFolder() : nil
        self.folder = folder ?? parent?.path ?? ""
        store = try ObjectStore(
            folder: self.folder,
            limits: ObjectLimits(
                memoryByteCountMax: memoryByteCountMax, countMax: countMax, writerCountMax: writerCountMax))
    }

    var fileNames: [String] { TemporaryFolder.names(in: folder) }

    var files: [(byteCount: Int, mode: UInt32)] {
        fileNames.map { name in
            var status = stat()
            lstat(folder + "/" + name, &status)
            return (Int(status.st_size), UInt32(status.st_mode))
        }
    }
}

func key(_ text: String) throws -> ObjectKey { try ObjectKey(Array(text.utf8)) }

extension ObjectStore {
    /// The content of a key, read whole.
    func bytes(of key: ObjectKey) throws -> [UInt8]? { try reader(of: key)?.bytes(byteCountMax: 1 << 30) }
}

extension ObjectBody {
    var isInMemory: Bool {
        if case .memory = content { true } else { false }
    }
}

/// CRC-32C bit by bit, from its definition.
func plainChecksum(_ bytes: [UInt8]) -> UInt32 {
    var checksum: UInt32 = 0xffff_ffff
    for byte in bytes {
        checksum ^= UInt32(byte)
        for _ in 0..<8 { checksum = checksum >> 1 ^ (checksum & 1 == 1 ? 0x82f6_3b78 : 0) }
    }
    return ~checksum
}

/// Runs a body on several threads at once, and waits for all of them.
func onThreads(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
    let group = DispatchGroup()
    for index in 0..<count {
        group.enter()
        let started = DetachedThread.start {
            body(index)
            group.leave()
        }
        precondition(started, "no thread")
    }
    group.wait()
}
