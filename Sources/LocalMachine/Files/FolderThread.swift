import CDataPath
import Glibc

/// Does something as if the process had been started in another folder, without disturbing the rest of it.
package enum FolderThread {
    /// Why there is no such thread.
    package struct Failure: Error, CustomStringConvertible {
        package let path: [UInt8]
        package let errorNumber: CInt

        package var description: String {
            "'\(DisplayName.of(path))' is no folder that can be worked in: \(String(cString: strerror(errorNumber)))"
        }
    }

    private final class Work {
        let path: [UInt8]
        let body: () -> Void
        var errorNumber: CInt = 0

        init(path: [UInt8], body: @escaping () -> Void) {
            self.path = path
            self.body = body
        }

        func run() {
            errorNumber = mr_own_working_folder()
            guard errorNumber == 0 else { return }
            guard FileBytes.withPath(path, { chdir($0) }) == 0 else { return errorNumber = errno }
            body()
        }
    }

    /// Waits for the end of `body`, which runs on a thread with a working folder of its own: names are looked up in `path`. What
    /// it leaves for later must be named by absolute paths.
    package static func run<Value>(in path: [UInt8], _ body: () throws -> Value) throws -> Value {
        var result: Result<Value, any Error>?
        let errorNumber = withoutActuallyEscaping(body) { body in
            start(Work(path: path) { result = Result(catching: body) })
        }
        guard errorNumber == 0, let result else { throw Failure(path: path, errorNumber: errorNumber) }
        return try result.get()
    }

    /// - Returns: 0, or why it could not run.
    private static func start(_ work: Work) -> CInt {
        var thread = pthread_t()
        let started = pthread_create(
            &thread, nil,
            { argument in
                if let argument { Unmanaged<Work>.fromOpaque(argument).takeUnretainedValue().run() }
                return nil
            }, Unmanaged.passUnretained(work).toOpaque())
        guard started == 0 else { return started }
        pthread_join(thread, nil)
        return work.errorNumber
    }
}
