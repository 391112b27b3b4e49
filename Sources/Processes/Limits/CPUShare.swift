/// How much of the machine's cores a program gets: so many microseconds of CPU time in each period.
package struct CPUShare: Hashable, Sendable {
    let microseconds: Int

    /// As the kernel has it by itself.
    package static let periodMicroseconds = 100_000
    /// The kernel takes 1,000 microseconds or more.
    package static let coreCountMin = 0.01
    package static let coreCountMax = 4_096.0

    /// - Parameter coreCount: Cores, also parts of one, as in `1.5`; nil for what is no such number.
    package init?(_ coreCount: String) {
        guard let count = Double(coreCount) else { return nil }
        self.init(count)
    }

    /// nil for more or fewer than the kernel takes.
    package init?(_ count: Double) {
        guard (Self.coreCountMin...Self.coreCountMax).contains(count) else { return nil }
        microseconds = Int((count * Double(Self.periodMicroseconds)).rounded())
    }
}
