import Glibc

/// How this machine is doing, at one moment.
package struct MachineReading: Hashable, Sendable {
    package let coreCount: Int
    /// Processes that run or wait for a core, over the last minute.
    package let load: Double
    /// Bytes; 0 where the kernel doesn't tell.
    package let memory: Int64
    /// Bytes that programs could have without swapping.
    package let memoryFree: Int64
    /// Bytes that this user may still write beside `folder`.
    package let diskFree: Int64

    /// - Parameter folder: On the disk that is asked about.
    package init(folder: String) {
        coreCount = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        var loads = [Double](repeating: 0, count: 1)
        load = getloadavg(&loads, 1) == 1 ? loads[0] : 0
        let lines = SmallFile.read("/proc/meminfo", byteCountMax: 16_384) ?? []
        memory = Self.kibibytes(of: "MemTotal:", lines) * 1_024
        memoryFree = Self.kibibytes(of: "MemAvailable:", lines) * 1_024
        var disk = statvfs()
        diskFree = statvfs(folder, &disk) == 0 ? Int64(clamping: disk.f_bavail) * Int64(clamping: disk.f_frsize) : 0
    }

    /// Of a line `NAME: NUMBER kB`.
    private static func kibibytes(of name: String, _ lines: [UInt8]) -> Int64 {
        let name = Array(name.utf8)
        let line = lines.split(separator: UInt8(ascii: "\n")).first { $0.starts(with: name) }
        let digits = line?.dropFirst(name.count).drop { $0 == UInt8(ascii: " ") }.prefix { 48...57 ~= $0 }
        return digits.flatMap { Int64(String(decoding: $0, as: UTF8.self)) } ?? 0
    }
}
