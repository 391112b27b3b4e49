import Dispatch
import Glibc

/// Tells when standard input ends. Whatever comes on it before is read and dropped.
package enum InputWatch {
    package static func start(_ onEnd: @escaping @Sendable () -> Void) {
        DispatchQueue.global().async {
            var buffer = [UInt8](repeating: 0, count: 4096)
            while true {
                let count = read(0, &buffer, buffer.count)
                if count == 0 || (count < 0 && errno != EINTR) { return onEnd() }
            }
        }
    }
}
