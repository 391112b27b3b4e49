import Glibc

/// Repeats a system call while a signal interrupts it.
func retryingInterrupted<Number: SignedInteger>(_ call: () -> Number) -> Number {
    while true {
        let result = call()
        if result != -1 || errno != EINTR { return result }
    }
}

/// The operating system's text for an error number.
func errorText(_ number: CInt) -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { text in
        guard let start = text.baseAddress, strerror_r(number, start, text.count) == 0 else {
            return "error \(number)"
        }
        return String(cString: start)
    }
}

/// Opens a file whose name is bytes.
/// - Returns: A descriptor, or -1 with the reason in `errno`.
func openFile(_ path: [UInt8], _ flags: CInt, mode: mode_t = 0) -> CInt {
    guard !path.contains(0) else {
        errno = ENOENT
        return -1
    }
    return (path + [0]).withUnsafeBufferPointer { path in
        path.withMemoryRebound(to: CChar.self) { path in
            guard let path = path.baseAddress else { return -1 }
            return retryingInterrupted { open(path, flags | O_CLOEXEC, mode) }
        }
    }
}
