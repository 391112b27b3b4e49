package import DataProtocol

/// Why an object was not taken, or can't be read. What was there before is still there.
package enum ObjectStoreError: Error, Hashable, Sendable {
    case held(ObjectKey, by: ObjectInfo)
    case tooManyObjects(countMax: Int)
    case tooManyWriters(countMax: Int)
    case diskFull(folder: String, byteCount: Int)
    case noDescriptors(folder: String, action: String)
    case disk(folder: String, action: String, reason: String)
    case wrongDigest(ObjectKey, byteCount: Int, expected: ObjectDigest, found: ObjectDigest)
    case wrongOffset(ObjectKey, offset: Int, byteCount: Int)
    case writerClosed(ObjectKey)
    case tooLong(ObjectInfo, byteCountMax: Int)
    case damaged(ObjectInfo)

    /// What whoever asked can do.
    package enum Remedy: Hashable, Sendable {
        /// Delete the key first, or say that it is to be replaced.
        case replace
        /// Delete something, or wait until others have.
        case makeRoom
        /// Let go of readers and writers, or wait until others have.
        case tryLater
        /// Somebody must look at this machine.
        case mendDisk
        /// Send all of it again.
        case sendAgain
        /// Send from the length on that the writer has.
        case goOn
        /// Read it in ranges.
        case readRanges
        /// Make the object again from what it was made of.
        case makeAgain
    }

    package var remedy: Remedy {
        switch self {
        case .held: .replace
        case .tooManyObjects, .tooManyWriters, .diskFull: .makeRoom
        case .noDescriptors: .tryLater
        case .disk: .mendDisk
        case .wrongDigest, .writerClosed: .sendAgain
        case .wrongOffset: .goOn
        case .tooLong: .readRanges
        case .damaged: .makeAgain
        }
    }
}

extension ObjectStoreError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .held(let key, let info):
            "the key \(key) holds \(info), other content than what was sent; delete it first, or say that it is to be replaced"
        case .tooManyObjects(let countMax): "there are \(countMax) objects, which is the most; delete some"
        case .tooManyWriters(let countMax):
            "\(countMax) objects are being written at the same time, which is the most; finish or abandon some"
        case .diskFull(let folder, let byteCount):
            "no room for \(byteCount) bytes under '\(folder)'; delete objects, or free space there"
        case .noDescriptors(let folder, let action):
            "cannot \(action) a file under '\(folder)': this process or machine has as many files open as it may; try again later, or raise the limit (ulimit -n)"
        case .disk(let folder, let action, let reason):
            "cannot \(action) a file under '\(folder)': \(reason); look at that folder"
        case .wrongDigest(let key, let byteCount, let expected, let found):
            "the \(byteCount) bytes for the key \(key) have the digest \(found), and \(expected) was announced; send them again"
        case .wrongOffset(let key, let offset, let byteCount):
            "bytes for the key \(key) came from offset \(offset) on, and \(byteCount) are there; go on from \(byteCount)"
        case .writerClosed(let key): "the key \(key) is no longer being written; begin anew"
        case .tooLong(let info, let byteCountMax):
            "the object is \(info), and \(byteCountMax) bytes are the most at once; read it in ranges"
        case .damaged(let info):
            "a file does not hold what was written to it, \(info); delete the key and make the object again"
        }
    }
}
