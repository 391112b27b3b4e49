import Glibc

package enum HostIdentity {
    /// The kernel's boot id: equal for two processes on one running machine, and for no others. Empty when unknown.
    package static let current: String = {
        guard let bytes = SmallFile.read("/proc/sys/kernel/random/boot_id", byteCountMax: 64) else { return "" }
        return String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    }()

    /// The machine's own name, for people.
    package static var name: String {
        var buffer = [CChar](repeating: 0, count: 256)
        guard gethostname(&buffer, buffer.count - 1) == 0 else { return "unknown" }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    package static var processID: Int32 { getpid() }
}
